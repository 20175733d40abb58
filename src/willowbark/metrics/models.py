"""Tables and constraints: figures with units, rolled up as facts happen."""
