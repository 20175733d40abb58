"""From what holds in a record to the person that the rules see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from willowbark.knowledge.core.lab_results import Result, read_results
from willowbark.knowledge.core.person import Known, Person, TakenDrug, TakenSupplement, Unrecognised
from willowbark.knowledge.core.recognising import (
    read_drug,
    recognise_allergy,
    recognise_condition,
    recognise_drug,
    recognise_supplement,
)
from willowbark.knowledge.core.release import Release


class Stated(Protocol):
    """An entry of the record: its id, and what it says as it was written."""

    @property
    def id(self) -> UUID:
        """Which entry."""

    @property
    def text(self) -> str:
        """As it was written."""

    @property
    def code_system(self) -> str:
        """Of what the code is; '' without one."""

    @property
    def code(self) -> str:
        """Its code; '' without one."""


class Taken(Stated, Protocol):
    """A drug or a supplement (`kind`) that is taken."""

    @property
    def kind(self) -> str:
        """'drug' or 'supplement'."""

    @property
    def dosage_text(self) -> str:
        """How it is taken, in words."""


class Standing(Protocol):
    """What holds in a record now."""

    @property
    def sex(self) -> str:
        """'male', 'female', 'other' or 'unknown'."""

    @property
    def taken(self) -> Sequence[Taken]:
        """Drugs and supplements."""

    @property
    def conditions(self) -> Sequence[Stated]:
        """Problems and diagnoses."""

    @property
    def allergies(self) -> Sequence[Stated]:
        """Allergies and intolerances."""

    @property
    def results(self) -> Sequence[Result]:
        """The newest result of each test that rules speak of."""


def person_of(
    release: Release, standing: Standing, *, jurisdiction: str, age_years: int | None, on: date
) -> Person:
    """
    The person on a day, with everything that was not recognised beside what was.

    A result that counts as a condition stands among the conditions.
    """
    drugs: list[TakenDrug] = []
    supplements: list[TakenSupplement] = []
    unrecognised: list[Unrecognised] = []
    for each in standing.taken:
        if each.kind == "supplement":
            supplement = recognise_supplement(release, each.text, each.dosage_text, entry_id=each.id)
            supplements.append(supplement)
            if not supplement.is_recognised:
                unrecognised.append(Unrecognised(each.id, "supplement", each.text, "not recognised"))
            continue
        drug, left = read_drug(release, each.id, each.text, each.code_system, each.code, each.dosage_text)
        if drug is not None:
            drugs.append(drug)
        unrecognised += left
    allergies = _known(
        standing.allergies, lambda one: recognise_allergy(release, one.text, one.code_system, one.code)
    )
    for allergy in allergies:
        # An allergy to a drug says nothing about supplements; one to something unknown might.
        if not allergy.keys and recognise_drug(release, allergy.text) is None:
            unrecognised.append(Unrecognised(allergy.entry_id, "allergy", allergy.text, "not recognised"))
    found, not_compared = read_results(release, standing.results, on)
    unrecognised += not_compared
    conditions = _known(
        standing.conditions, lambda one: recognise_condition(release, one.text, one.code_system, one.code)
    )
    return Person(
        age_years=age_years,
        sex=standing.sex,
        jurisdiction=jurisdiction,
        drugs=tuple(drugs),
        supplements=tuple(supplements),
        conditions=(*conditions, *found),
        allergies=allergies,
        unrecognised=tuple(unrecognised),
    )


def _known(entries: Iterable[Stated], recognise: Recognise) -> tuple[Known, ...]:
    return tuple(Known(each.id, each.text, recognise(each)) for each in entries)


class Recognise(Protocol):
    """What an entry is recognised as."""

    def __call__(self, one: Stated, /) -> frozenset[str]:
        """The keys of what it says."""


def age_on(birth_date: date | None, precision: str, on: date) -> int | None:
    """
    Whole years of age on a day, 0 or more; None without a birth date.

    Of a date known in part the youngest age that it allows is taken, for which limits are the strictest.
    """
    if birth_date is None:
        return None
    years = on.year - birth_date.year
    passed = (on.month, on.day) >= (birth_date.month, birth_date.day)
    if precision == "year":
        passed = False
    elif precision == "month":
        passed = on.month > birth_date.month
    return max(0, years if passed else years - 1)
