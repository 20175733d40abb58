from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from willowbark.foundation import outbox
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import OutboxMessage
from willowbark.kernel.errors import Forbidden
from willowbark.patients import handlers
from willowbark.patients.core.matching import Person
from willowbark.patients.core.names import name_key
from willowbark.patients.events import PatientRegistered
from willowbark.patients.models import (
    Address,
    ContactPoint,
    MatchCandidate,
    MatchKey,
    Patient,
    PatientIdentifier,
)
from willowbark.patients.services import matching
from willowbark.patients.services.matching import match_newcomer, match_newcomers_in_bulk
from willowbark.patients.tests.matching.invented import World
from willowbark.practice.selectors import system_actor
from willowbark.practice.services import open_practice

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
SSN = "http://hl7.org/fhir/sid/us-ssn"
ANNA = Person(
    key="",
    given="Anna",
    family="Featherstonehaugh",
    birth_date="1961-07-14",
    sex="female",
    lines=("12 Acacia Street",),
    city="Glenwood",
    postal_code="2211",
    state="NSW",
    phones=("02 9555 1234",),
    identifiers={SSN: ("321-54-9876",)},
)


@dataclass
class Practice:
    """An open practice, and the system that acts in it."""

    site_id: UUID
    system: Actor


@pytest.fixture
def practice(db) -> Practice:
    opened = open_practice(
        name="Willow Street",
        jurisdiction="US",
        time_zone="UTC",
        site_name="Main",
        owner_name="Olive Owner",
        owner_email="olive@example.org",
        owner_password="correct horse battery",
    )
    return Practice(opened.site_id, system_actor("test"))


@pytest.fixture
def acting(practice) -> Iterator[Actor]:
    with acting_as(practice.system):
        yield practice.system


@pytest.fixture
def add(practice) -> Callable[..., list[UUID]]:
    return partial(store, practice)


@pytest.fixture
def add_and_match(acting, add) -> Callable[..., tuple[list[UUID], matching.Matched]]:
    def added_and_matched(*persons: Person) -> tuple[list[UUID], matching.Matched]:
        ids = add(*persons)
        return ids, match_newcomers_in_bulk(actor=acting, patient_ids=ids)

    return added_and_matched


def store(practice: Practice, *persons: Person) -> list[UUID]:
    """Store persons as an import does, and return their ids."""
    ids = [uuid7() for _ in persons]
    Patient.objects.bulk_create(
        Patient(
            id=id_,
            home_site_id=practice.site_id,
            family=person.family,
            given=person.given,
            birth_date=date.fromisoformat(person.birth_date) if person.birth_date else None,
            birth_date_precision="day" if person.birth_date else "",
            sex=person.sex or "unknown",
            source_kind="import",
            source_key=uuid7(),
            recorded_by_id=practice.system.user_id,
            recorded_at=AT,
            name_key=name_key(person.family, person.given),
        )
        for id_, person in zip(ids, persons, strict=True)
    )
    PatientIdentifier.objects.bulk_create(
        PatientIdentifier(patient_id=id_, system=key, value=value)
        for id_, person in zip(ids, persons, strict=True)
        for key, values in person.identifiers.items()
        for value in values
    )
    ContactPoint.objects.bulk_create(
        ContactPoint(patient_id=id_, system=kind, value=value)
        for id_, person in zip(ids, persons, strict=True)
        for kind, values in (("phone", person.phones), ("email", person.emails))
        for value in values
    )
    Address.objects.bulk_create(
        Address(
            patient_id=id_,
            use="home",
            line="\n".join(person.lines),
            city=person.city,
            state=person.state,
            postal_code=person.postal_code,
        )
        for id_, person in zip(ids, persons, strict=True)
        if any(person.lines)
    )
    return ids


def link_of(patient_id: UUID) -> UUID | None:
    return Patient.objects.get(pk=patient_id).linked_to


def test_a_newcomer_who_is_surely_known_is_linked_and_keeps_its_row(acting, add_and_match, add):
    (known,), _ = add_and_match(ANNA)

    (newcomer,) = add(replace(ANNA, lines=("12 Acacia St",), phones=()))
    matched = match_newcomer(actor=acting, patient_id=newcomer)

    assert matched == matching.Matched({newcomer: known}, 0)
    assert link_of(newcomer) == known
    assert link_of(known) is None
    assert not MatchCandidate.objects.exists()
    (event,) = OutboxMessage.objects.filter(name="patients.PatientLinked")
    assert event.payload == {"patient_id": str(newcomer), "linked_to_id": str(known)}


def test_a_newcomer_who_may_be_known_stays_apart_and_waits_for_a_person(add_and_match):
    (known,), _ = add_and_match(ANNA)

    (twin,), matched = add_and_match(replace(ANNA, given="Hanna", identifiers={}))

    assert matched == matching.Matched({}, 1)
    assert link_of(twin) is None
    waiting = MatchCandidate.objects.get()
    assert (waiting.patient_id, waiting.other_id, waiting.decision) == (twin, known, "")
    assert 0.03 < waiting.probability < 1
    assert "given_names_only_alike" in {found["code"] for found in waiting.evidence["objections"]}
    assert {"given", "family", "birth"} <= {line["field"] for line in waiting.evidence["evidence"]}


def test_strangers_are_left_alone(add_and_match):
    world = World(3)
    _, matched = add_and_match(*(world.original(str(number)) for number in range(40)))

    assert matched == matching.Matched({}, 0)
    assert MatchKey.objects.exists()


def test_a_link_never_points_at_a_row_that_is_linked_itself(add_and_match):
    (first,), _ = add_and_match(ANNA)
    (second,), _ = add_and_match(replace(ANNA, family="Fetherstonehaugh"))
    (third,), matched = add_and_match(replace(ANNA, city="Glenwod"))

    assert (link_of(second), link_of(third)) == (first, first)
    assert matched.linked == {third: first}


def test_newcomers_of_one_batch_meet_each_other(add_and_match):
    (first, second), matched = add_and_match(ANNA, ANNA)

    assert matched.linked == {second: first}


def test_a_newcomer_who_fits_two_known_people_is_linked_to_neither(add_and_match):
    # The number is the same on both twins by mistake; without a given name the newcomer may be either.
    twins, _ = add_and_match(replace(ANNA, given="Anna"), replace(ANNA, given="Beatrice"))

    (newcomer,), matched = add_and_match(replace(ANNA, given=""))

    assert matched.linked == {}
    assert link_of(newcomer) is None
    asked = MatchCandidate.objects.filter(patient=newcomer)
    assert set(asked.values_list("other_id", flat=True)) == set(twins)
    assert all("between_two_people" in str(each.evidence) for each in asked)


def test_a_row_that_contradicts_one_row_of_a_person_is_not_linked_through_another(add_and_match):
    (known, vague), _ = add_and_match(ANNA, replace(ANNA, given="", phones=()))
    assert link_of(vague) == known

    (other,), _ = add_and_match(replace(ANNA, given="Beatrice", phones=()))

    assert link_of(other) is None


def test_matching_again_changes_nothing(acting, add_and_match):
    ids, _ = add_and_match(ANNA, ANNA, replace(ANNA, given="Hanna", identifiers={}))
    before = list(Patient.objects.order_by("pk").values_list("pk", "linked_to"))

    match_newcomers_in_bulk(actor=acting, patient_ids=ids)

    assert list(Patient.objects.order_by("pk").values_list("pk", "linked_to")) == before
    assert MatchCandidate.objects.count() == 1


def test_two_rows_that_a_person_kept_apart_stay_apart(acting, add_and_match, add):
    (known,), _ = add_and_match(replace(ANNA, identifiers={}))
    (newcomer,) = add(ANNA)
    MatchCandidate.objects.create(
        patient_id=newcomer,
        other_id=known,
        probability="0.5",
        evidence={},
        found_at=AT,
        decision="apart",
        decided_by_id=acting.user_id,
        decided_at=AT,
    )

    assert match_newcomer(actor=acting, patient_id=newcomer) == matching.Matched({}, 0)
    assert link_of(newcomer) is None


def test_whom_staff_registered_is_matched_by_the_worker(acting, add, add_and_match):
    (known,), _ = add_and_match(ANNA)
    (newcomer,) = add(replace(ANNA, city="Glenwod"))

    handlers.match_registered(acting, PatientRegistered(patient_id=newcomer))

    assert link_of(newcomer) == known
    assert "willowbark.patients.handlers.match_registered:patients.PatientRegistered" in outbox.handlers()


def test_who_may_not_add_to_records_is_refused_and_nothing_moves(acting, add):
    (newcomer,) = add(ANNA)

    with pytest.raises(Forbidden):
        match_newcomer(actor=replace(acting, grants=()), patient_id=newcomer)

    assert not MatchKey.objects.exists()


def test_a_partly_known_birth_date_is_no_more_exact_than_it_was(acting, add_and_match, add):
    (known,) = add(replace(ANNA, identifiers={}))
    Patient.objects.filter(pk=known).update(birth_date=date(1961, 1, 1), birth_date_precision="year")
    match_newcomer(actor=acting, patient_id=known)

    (newcomer,), matched = add_and_match(replace(ANNA, identifiers={}))

    assert matched.waiting == 1
    assert {line["level"] for line in MatchCandidate.objects.get().evidence["evidence"]} >= {"year"}
    assert link_of(newcomer) is None


def test_the_number_of_statements_does_not_grow_with_the_number_of_patients(acting, add):
    world = World(5)
    everyone = add(*(world.original(str(number)) for number in range(300)))
    counts = []
    for ids in (everyone[:100], everyone[100:]):
        with CaptureQueriesContext(connection) as captured:
            match_newcomers_in_bulk(actor=acting, patient_ids=ids)
        counts.append(len(captured))

    assert counts[0] == counts[1] <= 20


def test_two_imports_at_once_of_one_person_end_with_one_link(fresh_database, practice, add):
    first_has_matched, second_has_matched = threading.Event(), threading.Event()

    def first() -> int:
        with acting_as(system_actor("test")) as actor:
            (newcomer,) = add(ANNA)
            linked = match_newcomer(actor=actor, patient_id=newcomer).linked
            first_has_matched.set()
            # The second must not get past the first's open transaction, so this waits in vain.
            assert not second_has_matched.wait(timeout=1)
        return len(linked)

    def second() -> int:
        with acting_as(system_actor("test")) as actor:
            (newcomer,) = add(ANNA)
            assert first_has_matched.wait(timeout=30)
            linked = match_newcomer(actor=actor, patient_id=newcomer).linked
            second_has_matched.set()
        return len(linked)

    def in_thread(work: Callable[[], int]) -> int:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        linked = [
            each.result(timeout=60) for each in [pool.submit(in_thread, work) for work in (first, second)]
        ]

    assert linked == [0, 1]
    with acting_as(practice.system):
        rows = dict(Patient.objects.values_list("pk", "linked_to"))
    assert len(rows) == 2
    (link,) = filter(None, rows.values())
    assert rows[link] is None
