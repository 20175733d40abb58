"""What a composition must say beside its plan: what nobody checked, what is assumed, what forbids it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Weight(StrEnum):
    """What a notice asks of who signs."""

    STOP = "stop"  # cannot be signed
    ASK = "ask"  # can be signed by who says, in words, that it was considered
    TELL = "tell"  # good to know


@dataclass(frozen=True, slots=True)
class Notice:
    """
    One thing to know. `key` is unique in a composition and stable from one to the next.

    `given` names an ingredient: the notice then matters only when the plan gives it; '' matters always.
    `entries` are those of the record that it is about, `fact_key` the fact of the knowledge behind it.
    """

    key: str
    kind: str
    weight: Weight
    text: str
    given: str = ""
    entries: tuple[UUID, ...] = ()
    fact_key: str = ""
