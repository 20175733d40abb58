"""
Sources that a practice adds for its own lines: a document, a guideline, an article that it read itself.

They stand in the version that cites them, under its digest, and nowhere among what is shipped: their keys
begin with `own_`. Whatever the practice thinks of them, Willowbark has not seen them: they are never
verified, and no line that rests on one is graded A.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

SECTION: Final = "own_sources"
PREFIX: Final = "own_"
KINDS: Final = ("article", "guideline", "book", "document", "other")
#: The weakest first, which a form begins with. A asks for a source that was seen for the release: none was.
GRADES: Final = ("D", "C", "B")
#: Who added it and when: kept with it, and written by nobody's hand.
STAMPS: Final = ("added_by", "added_on")


@dataclass(frozen=True, slots=True)
class OwnSource:
    """
    A source of the practice's own. `locator` is an identifier or an address as text, `authors` who wrote or
    publishes it; `grade` is what the practice makes of it, `reviewed_on` when somebody there read it last.
    """

    key: str
    kind: str
    title: str
    authors: str
    year: int
    locator: str
    grade: str
    reviewed_on: date
    added_by: str
    added_on: date

    @property
    def verified(self) -> bool:
        """Never: Willowbark has not seen it."""
        return False


def own_source(values: Mapping[str, Any]) -> OwnSource:
    """A source of its document."""
    days = {name: date.fromisoformat(values[name]) for name in ("reviewed_on", "added_on")}
    return OwnSource(**{**values, **days})


def named_in(master_key: str, key: str) -> str:
    """The key of a source outside of its Master Protocol: two may each have an own one of the same key."""
    return f"{master_key}.{key}" if key.startswith(PREFIX) else key


def as_cited(source: OwnSource) -> dict[str, Any]:
    """The source as compositions keep it, told apart from every other by `own`."""
    return {
        "title": source.title,
        "publisher": source.authors,
        "year": source.year,
        "kind": source.kind,
        "locator": source.locator,
        "is_verified": False,
        "own": {
            "grade": source.grade,
            "added_by": source.added_by,
            "added_on": source.added_on.isoformat(),
            "reviewed_on": source.reviewed_on.isoformat(),
        },
    }


def own_text(own: Mapping[str, Any]) -> str:
    """What is said with every source of the practice's own, wherever it is cited."""
    return (
        f"the practice's own source, not verified by Willowbark; graded {own['grade']} by the practice,"
        f" added by {own['added_by']} on {own['added_on']}, reviewed {own['reviewed_on']}"
    )


def stamped(
    lines: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]], *, by: str, on: date
) -> list[dict[str, Any]]:
    """Sources with who added each: as it was for those of `before`, by key; now for the others."""
    known = {each["key"]: {name: each[name] for name in STAMPS} for each in before}
    new = {"added_by": by, "added_on": on.isoformat()}
    return [{**each, **known.get(each["key"], new)} for each in lines]
