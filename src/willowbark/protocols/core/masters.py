"""
Master Protocols as values: what a practice wants for a common problem, and on what evidence.

They are drafts for the practice's own review. Amounts are exact, as written in the data files; each line
names its evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from willowbark.kernel.errors import NotFound
from willowbark.protocols.core.problem import Layer

TRIGGER_KINDS = ("condition", "drug", "drug_class", "words")
ADVICE_KINDS = ("nutrition", "movement", "sleep", "mind_body", "lifestyle")


class UnknownMaster(NotFound):
    """The library has no Master Protocol of that key."""

    code = "unknown_master"


@dataclass(frozen=True, slots=True)
class Evidence:
    """On what a line rests: a grade ('A' strong to 'D' theory or tradition) and keys of sources."""

    grade: str
    source_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trigger:
    """
    What in a record makes one think of this protocol.

    `kind` is 'condition', 'drug' or 'drug_class' with a key of the knowledge, or 'words': `key` is then found
    in the text of a condition, in small letters.
    """

    kind: str
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class MasterTarget:
    """An amount wanted of an ingredient a day, in `unit`: `least` <= `aim` <= `most` (None: no bound)."""

    key: str
    ingredient_key: str
    layer: Layer
    least: Decimal
    aim: Decimal
    most: Decimal | None
    unit: str
    why: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most of an ingredient a day that this protocol allows, in `unit`, with what is taken already."""

    key: str
    ingredient_key: str
    most: Decimal
    unit: str
    why: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do beside the products. `kind` is one of `ADVICE_KINDS`."""

    kind: str
    text: str
    why: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Monitoring:
    """What to look at again, `after_days` days from the start, and what to do with it."""

    key: str
    text: str
    after_days: int
    next_action: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class StopRule:
    """When to stop, and why."""

    text: str
    why: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Master:
    """One version of a Master Protocol. It is written for people from `from_age_years` on."""

    key: str
    version: int
    title: str
    summary: str
    status: str
    reviewed_on: date
    from_age_years: int
    triggers: tuple[Trigger, ...]
    targets: tuple[MasterTarget, ...]
    ceilings: tuple[Ceiling, ...]
    advice: tuple[Advice, ...]
    monitoring: tuple[Monitoring, ...]
    stop_rules: tuple[StopRule, ...]

    @property
    def foundation(self) -> tuple[MasterTarget, ...]:
        """The targets that are the same for everybody."""
        return tuple(each for each in self.targets if each.layer is Layer.FOUNDATION)

    @property
    def amounts(self) -> tuple[MasterTarget | Ceiling, ...]:
        """Every line that wants or bounds an amount."""
        return (*self.targets, *self.ceilings)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What each line rests on."""
        return (
            *(each.evidence for each in self.amounts),
            *(each.evidence for each in self.advice),
            *(each.evidence for each in self.monitoring),
            *(each.evidence for each in self.stop_rules),
        )

    @property
    def targeted(self) -> tuple[MasterTarget, ...]:
        """The targets that are reached as far as this patient allows."""
        return tuple(each for each in self.targets if each.layer is Layer.TARGETED)


@dataclass(frozen=True, slots=True)
class Guideline:
    """
    A document that a line rests on, of the library's own; ingredients' facts are the knowledge's.

    `verified` says that the document was seen (on `seen_on`) and supports the lines that cite it.
    """

    key: str
    kind: str
    title: str
    publisher: str
    year: int
    locator: str
    verified: bool
    seen_on: date | None


@dataclass(frozen=True, slots=True)
class Library:
    """Every Master Protocol by key; `id` is the SHA-256 of all of it, in hexadecimal."""

    id: str
    masters: Mapping[str, Master]
    guidelines: Mapping[str, Guideline]

    def master(self, key: str) -> Master:
        """
        The Master Protocol of that key.

        Raises:
            UnknownMaster: there is none.
        """
        found = self.masters.get(key)
        if found is None:
            raise UnknownMaster(f"no Master Protocol {key!r}")
        return found
