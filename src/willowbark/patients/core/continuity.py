"""Whether what a source tells of somebody today can be the person it told of before."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import date

from willowbark.patients.core.names import plain


@dataclass(frozen=True, slots=True)
class Known:
    """The little that tells people apart; `numbers` are (system, value) of their identifiers."""

    family: str
    given: str
    birth_date: date | None
    numbers: Set[tuple[str, str]] = frozenset()


def may_be_same(before: Known, now: Known) -> bool:
    """
    Whether two accounts under one key may tell of one person.

    People marry, and clerks mend dates: any one of name, birth date or number in common is enough. With
    nothing at all in common, somebody has given one key to two people.
    """
    if before.birth_date is None or now.birth_date is None or before.birth_date == now.birth_date:
        return True
    if before.numbers & now.numbers:
        return True
    return bool(_words(before) & _words(now))


def _words(known: Known) -> set[str]:
    """The words of a name that are more than initials."""
    return {word for word in plain(f"{known.family} {known.given}").split() if len(word) > 1}
