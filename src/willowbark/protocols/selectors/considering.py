"""Everything that a composition is made from, read now: the record, the shelf, the catalog, the knowledge."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import Any
from uuid import UUID

from willowbark.catalog.core.products import ProductInfo
from willowbark.catalog.selectors import products
from willowbark.foundation.authorisation import Actor, allows
from willowbark.inventory.selectors import on_hand, recalled_wholly, recalls
from willowbark.knowledge.core.person import Person
from willowbark.knowledge.core.release import Release
from willowbark.knowledge.core.rules import rules_for
from willowbark.knowledge.selectors import release as release_in_force
from willowbark.patients.selectors import OpenRecord, open_record
from willowbark.practice.selectors import organisation
from willowbark.protocols.core.alternatives import fitted
from willowbark.protocols.core.described import Origin, basis_of, described, person_document
from willowbark.protocols.core.masters import Library, Master
from willowbark.protocols.core.people import age_on, person_of
from willowbark.protocols.core.problem import Problem
from willowbark.protocols.core.situation import Given, Situated, as_chosen, situate
from willowbark.protocols.selectors.drafts import DraftView
from willowbark.protocols.selectors.library import day_in, in_force, today
from willowbark.protocols.selectors.signed import SignedProtocolView, current_of
from willowbark.record.selectors.standing import Standing, standing_of


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What was read for a composition of one person's record on a day; `current` is the plan in force, `library`
    the Master Protocols.
    """

    record: OpenRecord
    person: Person
    is_deceased: bool
    current: SignedProtocolView | None
    on: date
    library: Library


@dataclass(frozen=True)
class Considered:
    """What a composition is made from, and the problem that follows."""

    record: OpenRecord
    release: Release
    library: Library
    masters: tuple[Master, ...]
    current: SignedProtocolView | None
    situated: Situated
    problem_bytes: bytes
    situation_bytes: bytes

    @property
    def problem(self) -> Problem:
        """The problem."""
        return self.situated.problem

    @cached_property
    def situation(self) -> Mapping[str, Any]:
        """The situation as a document."""
        found: Mapping[str, Any] = json.loads(self.situation_bytes)
        return found

    @cached_property
    def basis_sha256(self) -> str:
        """A digest of all that was considered."""
        return basis_of(self.problem_bytes, self.situation_bytes)


def consider(actor: Actor, draft: DraftView) -> Considered:
    """
    Read everything that the draft's composition is made from. The reading of the record is logged.

    Raises:
        Forbidden: the actor may not read the record.
        NotFound: no such patient within reach.
        UnknownMaster, UnknownFact, NothingToCompose: nothing can be composed of what there is.
    """
    record = open_record(actor, draft.patient_id, "record.read", action="protocols.considered")
    return considered(actor, record, standing_of(actor, record), draft)


def person_now(actor: Actor, draft: DraftView) -> dict[str, Any]:
    """
    The person of a draft as a document, before there is anything to compose. The reading is logged.

    Raises:
        Forbidden: the actor may not read the record.
        NotFound: no such patient within reach.
    """
    record = open_record(actor, draft.patient_id, "record.read", action="protocols.considered")
    person = person_in(standing_of(actor, record))
    return person_document(person, person, draft.choices.replaced)


def person_in(standing: Standing) -> Person:
    """Whom the rules see in what holds for a patient now."""
    return next(persons_in([standing]))


def persons_in(standings: Iterable[Standing]) -> Iterator[Person]:
    """Whom the rules see in what holds for each of these patients now; one statement."""
    practice = organisation()
    on = day_in(practice.time_zone if practice else "UTC")
    for standing in standings:
        yield person_of(
            release_in_force(),
            standing,
            jurisdiction=practice.jurisdiction if practice else "US",
            age_years=age_on(standing.birth_date, standing.birth_date_precision, on),
            on=on,
        )


def considered(actor: Actor, record: OpenRecord, standing: Standing, draft: DraftView) -> Considered:
    """What is made of an open record and what holds in it; see `consider`."""
    # Who composes for others' shelves sees none of them: nothing is in stock then, as far as anybody knows.
    stock = on_hand(actor, draft.site_id) if allows(actor, "inventory.read") else {}
    recalled = recalled_wholly(recalls(actor))
    offered = [each for each in products(actor) if each.id not in recalled]
    return considered_with(reading_of(record, standing), draft, offered=offered, stock=stock)


def reading_of(record: OpenRecord, standing: Standing) -> Reading:
    """What an open record and what holds in it say for a composition now."""
    on = today()
    return Reading(
        record=record,
        person=person_in(standing),
        is_deceased=standing.is_deceased,
        current=current_of(record),
        on=on,
        library=in_force(on),
    )


def phases_of(library: Library, draft: DraftView) -> tuple[Master, ...]:
    """
    The Master Protocols of a draft, each in the phase that the draft is in.

    Raises:
        UnknownMaster, UnknownPhase: one is not there.
    """
    return tuple(library.master(key).in_phase(draft.choices.phases.get(key, "")) for key in draft.master_keys)


def _bans(release: Release, person: Person, on: date) -> Callable[[str], tuple[str, ...]]:
    """The facts that forbid an ingredient to this person."""

    @cache
    def bans(ingredient_key: str) -> tuple[str, ...]:
        rules = rules_for(release, person, {ingredient_key}, on=on)
        return tuple(each.fact_key for each in rules if each.kind == "ban")

    return bans


def considered_with(
    reading: Reading, draft: DraftView, *, offered: Sequence[ProductInfo], stock: Mapping[UUID, int]
) -> Considered:
    """What is made of a reading, of the products on offer and of what is on the shelf; reads nothing more."""
    release, library = release_in_force(), reading.library
    masters, notices = fitted(
        phases_of(library, draft),
        by_hand=draft.choices.instead,
        offered=frozenset(each.ingredient_key for product in offered for each in product.ingredients),
        bans=_bans(release, as_chosen(reading.person, draft.choices), reading.on),
        names=lambda key: release.ingredient(key).name,
    )
    current = reading.current
    given = Given(
        person=reading.person,
        products=offered,
        stock=stock,
        release=release,
        masters=masters,
        notices=notices,
        choices=draft.choices,
        current={line.product_key: line.units_a_day for line in current.lines} if current else {},
        on=reading.on,
        deceased=reading.is_deceased,
    )
    situated = situate(given)
    origin = Origin(draft.site_id, current.id if current else None, library)
    return Considered(
        record=reading.record,
        release=release,
        library=library,
        masters=masters,
        current=current,
        situated=situated,
        problem_bytes=situated.problem.to_bytes(),
        situation_bytes=described(given, situated, origin),
    )
