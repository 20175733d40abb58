"""The page of assumptions: every default that no published document gives, with why it is what it is."""

from __future__ import annotations

from itertools import groupby

from willowbark.planner.core.scenario.fields import Field, Fields
from willowbark.planner.core.words import value_text

ASSUMPTION = "assumption"
_HEAD = """# Assumptions of the planner

Every default of the planner is from a document that it names. These are from no published one: they stand on
this page alone, each with the reason why it is what it is. What a plan comes to hangs on them; put figures of
your own in their place. `./willow plan assumptions` draws the page from the file of defaults,
`src/willowbark/planner/data/defaults.yaml`.
"""


def assumptions(known: Fields) -> tuple[Field, ...]:
    """The figures whose default is an assumption, in the order of the file."""
    return tuple(
        one for one in known.by_path.values() if one.source and one.source.document.key == ASSUMPTION
    )


def page_of_assumptions(known: Fields) -> str:
    """The page as Markdown: a table for each section of a scenario."""
    parts = [_HEAD]
    for section, members in groupby(assumptions(known), key=lambda one: one.path.partition(".")[0]):
        rows = "\n".join(_row(one) for one in members)
        parts.append(f"## {section}\n\n| figure | what | default | why |\n|---|---|---|---|\n{rows}\n")
    return "\n".join(parts)


def _row(field: Field) -> str:
    reason = field.source.quote.replace("|", "\\|") if field.source else ""
    return f"| `{field.path}` | {field.what} | {value_text(field, field.value)} | {reason} |"
