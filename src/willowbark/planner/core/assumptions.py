"""The page of assumptions: what no document gives, and why it stands; the document of every other default."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from willowbark.planner.core.scenario.fields import Document, Field, Fields, Source
from willowbark.planner.core.words import value_text

_HEAD = """# Assumptions of the planner

Every default of the planner either names the document that it is from, with the words there, or claims
nothing of a practice. `./willow plan assumptions` draws this page from the file of defaults,
`src/willowbark/planner/data/defaults.yaml`. Money is in US dollars of the year that a document speaks of.
A document tells of other practices: put figures of your own in the place of any that your plan hangs on.
"""
_CHOSEN = """## What no document can give

{many} of {all} figures. Each stands at what claims least, for one of these reasons.
"""
_KINDS = {
    "not_known": ("Not known", "There is no value until somebody gives one."),
    "none": ("Nothing", "The practice decides whether there is any, so there is none until it says so."),
    "even": (
        "Even parts",
        "Only the whole is published: it is divided evenly until a practice measures it.",
    ),
    "policy": ("Policy", "What whoever plans decides to do, and where they draw a line."),
    "example": ("Examples", "Reference figures whose answer is known, to check a command by."),
    "method": ("Method", "How the planner computes and words its answers."),
}
_GIVEN = """## What a document gives

{many} of {all} figures. After each default stands what the document says, and how the default follows from
it where it is not the figure itself.
"""
_DOCUMENTS = """## The documents

What was read, where, and on which day.
"""


def assumptions(known: Fields) -> tuple[Field, ...]:
    """The figures whose default no document can give, in the order of the file."""
    return tuple(one for one in known.by_path.values() if one.source and one.source.choice)


def page_of_assumptions(known: Fields) -> str:
    """The page as Markdown: what is chosen, by kind; what a document gives, by section; the documents."""
    chosen = assumptions(known)
    given = [one for one in known.by_path.values() if one not in chosen]
    counted = {"all": len(known.by_path)}
    return "\n".join(
        (
            _HEAD,
            _CHOSEN.format(many=len(chosen), **counted),
            *_by_kind(chosen),
            _GIVEN.format(many=len(given), **counted),
            *_by_section(given),
            _DOCUMENTS,
            *_documents(known),
        )
    )


def _by_kind(chosen: tuple[Field, ...]) -> Iterator[str]:
    for kind, (title, reason) in _KINDS.items():
        members = [one for one in chosen if one.source and one.source.choice == kind]
        yield f"### {title}\n\n{reason}\n\n{_table('why', members)}"


def _by_section(given: list[Field]) -> Iterator[str]:
    for section, members in groupby(given, key=lambda one: one.path.partition(".")[0]):
        yield f"### {section}\n\n{_table('what the document says', list(members))}"


def _table(last: str, members: list[Field]) -> str:
    rows = "\n".join(_row(one) for one in members)
    return f"| figure | what | default | {last} |\n|---|---|---|---|\n{rows}\n"


def _row(field: Field) -> str:
    said = _said(field.source) if field.source else ""
    return f"| `{field.path}` | {field.what} | {value_text(field, field.value)} | {_cell(said)} |"


def _said(source: Source) -> str:
    if source.choice:
        return source.quote
    quotes = " ".join(f'"{one.quote}" [{one.document.key}]' for one in source.quotes)
    return f"{quotes} {source.how}".rstrip()


def _documents(known: Fields) -> Iterator[str]:
    rows = "\n".join(_document(one) for one in known.documents.values() if one.is_verified)
    yield f"| document | | where | seen |\n|---|---|---|---|\n{rows}\n"


def _document(one: Document) -> str:
    return f"| {one.key} | {_cell(one.cited)} | {one.locator} | {one.seen_on} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
