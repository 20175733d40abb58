"""
Master Protocols as values: what a practice wants for a common problem, and on what evidence.

They are drafts for the practice's own review. Amounts are exact, as written in the data files; each line
names its evidence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from willowbark.kernel.errors import Conflict, Invalid, NotFound
from willowbark.protocols.core.own_sources import OwnSource, named_in
from willowbark.protocols.core.problem import Layer

TRIGGER_KINDS = ("condition", "drug", "drug_class", "words", "lab", "score")
ADVICE_KINDS = ("nutrition", "movement", "sleep", "mind_body", "lifestyle")


class UnknownMaster(NotFound):
    """The library has no Master Protocol of that key."""

    code = "unknown_master"


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    On what a line rests: a grade ('A' strong to 'D' theory or tradition) and keys of sources; one of the
    practice's own is named with its Master Protocol (`own_sources.named_in`).
    """

    grade: str
    source_keys: tuple[str, ...]


class RetiredMaster(Conflict):
    """A Master Protocol was retired: nothing new is composed with it."""

    code = "retired_master"


class UnknownPhase(Invalid):
    """A Master Protocol has no phase of that key."""

    code = "unknown_phase"


@dataclass(frozen=True, slots=True)
class Measure:
    """A result as records have it: by LOINC codes, or by words in the test's name, in small letters."""

    codes: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """
    A result that counts: between `at_least` and `at_most` in `unit` (None: no bound, '': in any unit), and
    flagged 'low' or 'high' by the laboratory's own range ('': however). With no bound and no flag any does.
    """

    measure: Measure
    unit: str
    at_least: Decimal | None
    at_most: Decimal | None
    flag: str


@dataclass(frozen=True, slots=True)
class Trigger:
    """
    What in a record makes one think of this protocol.

    `kind` is 'condition', 'drug' or 'drug_class' with a key of the knowledge, 'words': `key` is then found
    in the text of a condition, in small letters, or 'lab' or 'score': the latest result is of the `pattern`.
    """

    kind: str
    key: str
    text: str
    pattern: Pattern | None
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Phase:
    """One stretch of a protocol, about `days` long, and what it is for."""

    key: str
    title: str
    days: int
    text: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class MasterTarget:
    """
    An amount wanted of an ingredient a day, in `unit`: `least` <= `aim` <= `most` (None: no bound).

    `phases` are those in which it is wanted; () is all of them.
    """

    key: str
    ingredient_key: str
    layer: Layer
    least: Decimal
    aim: Decimal
    most: Decimal | None
    unit: str
    why: str
    evidence: Evidence
    phases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alternative:
    """
    What may take the place of a target's ingredient (`instead_of` is the target's key), and when.

    Its amounts, a day in `unit`, are then those that are wanted.
    """

    key: str
    instead_of: str
    ingredient_key: str
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
    """What to do beside the products, in these `phases` (() is all). `kind` is one of `ADVICE_KINDS`."""

    kind: str
    text: str
    why: str
    evidence: Evidence
    phases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Monitoring:
    """
    What to look at again, `after_days` days from the start, and what to do with it.

    From then on it is looked at every `every_days` days; None is once.
    """

    key: str
    text: str
    after_days: int
    every_days: int | None
    next_action: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class StopRule:
    """When to stop, and why."""

    text: str
    why: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Referral:
    """To whom to send somebody, and when."""

    key: str
    to: str
    text: str
    why: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Outcome:
    """By what one sees whether it works: a result or a score, looked at after so many days, and the goal."""

    key: str
    text: str
    measure: Measure
    goal: str
    after_days: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Master:
    """
    One version of a Master Protocol. It is written for people from `from_age_years` on.

    `phase` is the key of the one phase that it was cut down to (`in_phase`), '' for the whole.
    """

    key: str
    version: int
    title: str
    summary: str
    status: str
    reviewed_on: date
    from_age_years: int
    triggers: tuple[Trigger, ...]
    phases: tuple[Phase, ...]
    targets: tuple[MasterTarget, ...]
    alternatives: tuple[Alternative, ...]
    ceilings: tuple[Ceiling, ...]
    advice: tuple[Advice, ...]
    monitoring: tuple[Monitoring, ...]
    referrals: tuple[Referral, ...]
    outcomes: tuple[Outcome, ...]
    stop_rules: tuple[StopRule, ...]
    own_sources: tuple[OwnSource, ...] = ()
    phase: str = ""

    @property
    def foundation(self) -> tuple[MasterTarget, ...]:
        """The targets that are the same for everybody."""
        return tuple(each for each in self.targets if each.layer is Layer.FOUNDATION)

    @property
    def amounts(self) -> tuple[MasterTarget | Ceiling, ...]:
        """Every line that wants or bounds an amount."""
        return (*self.targets, *self.ceilings)

    @property
    def own(self) -> Mapping[str, OwnSource]:
        """The practice's own sources of this version, by the keys by which lines cite them."""
        return {named_in(self.key, each.key): each for each in self.own_sources}

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What each line rests on."""
        return (
            *(each.evidence for each in self.triggers),
            *(each.evidence for each in self.phases),
            *(each.evidence for each in self.amounts),
            *(each.evidence for each in self.alternatives),
            *(each.evidence for each in self.advice),
            *(each.evidence for each in self.monitoring),
            *(each.evidence for each in self.referrals),
            *(each.evidence for each in self.outcomes),
            *(each.evidence for each in self.stop_rules),
        )

    def in_phase(self, key: str = "") -> Master:
        """
        Only what is wanted in one phase, the first when none is named; the whole where there are no phases.

        Raises:
            UnknownPhase: it has no such phase.
        """
        if not self.phases:
            return self
        found = key or self.phases[0].key
        if found not in {each.key for each in self.phases}:
            raise UnknownPhase(f"{self.title} has no phase {found!r}.", field="phase")
        return replace(
            self,
            targets=tuple(each for each in self.targets if not each.phases or found in each.phases),
            advice=tuple(each for each in self.advice if not each.phases or found in each.phases),
            phase=found,
        )

    @property
    def this_phase(self) -> Phase | None:
        """The phase that it was cut down to."""
        return next((each for each in self.phases if each.key == self.phase), None)

    @property
    def next_phase(self) -> Phase | None:
        """The phase after the one that it was cut down to; None after the last."""
        keys = [each.key for each in self.phases]
        at = keys.index(self.phase) + 1 if self.phase in keys else len(keys)
        return self.phases[at] if at < len(keys) else None

    def instead_of(self, target_key: str) -> tuple[Alternative, ...]:
        """What may take the place of a target's ingredient, in the order in which it is thought of."""
        return tuple(each for each in self.alternatives if each.instead_of == target_key)

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
    """
    Every Master Protocol in force by key; `id` is the SHA-256 of all of it, in hexadecimal.

    `digests` are the SHA-256 of what each says, `own` the keys of those that the practice has approved; the
    others are as the platform ships them. `retired` gives the title of each that the practice has retired.
    """

    id: str
    masters: Mapping[str, Master]
    guidelines: Mapping[str, Guideline]
    digests: Mapping[str, str]
    own: frozenset[str] = frozenset()
    retired: Mapping[str, str] = field(default_factory=dict)

    def id_of(self, keys: Iterable[str]) -> str:
        """The SHA-256 of what these Master Protocols say, in hexadecimal."""
        said = [f"{key} {self.digests[key]}\n" for key in sorted(set(keys))]
        return hashlib.sha256("".join(said).encode()).hexdigest()

    def master(self, key: str) -> Master:
        """
        The Master Protocol of that key.

        Raises:
            RetiredMaster: it was retired.
            UnknownMaster: there is none.
        """
        found = self.masters.get(key)
        if found is None and key in self.retired:
            raise RetiredMaster(f"{self.retired[key]} was retired. Choose another Master Protocol.")
        if found is None:
            raise UnknownMaster(f"no Master Protocol {key!r}")
        return found
