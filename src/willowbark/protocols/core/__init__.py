"""
Composing a protocol, as plain Python: a problem in, a plan out, both of them documents that stand alone.

`problem` and `plan` are the two documents, `solving` makes the one from the other, `checking` looks at a plan
without the solver, and `explaining` says why it is as it is. The formats are described in
`docs/composition.md`.
"""
