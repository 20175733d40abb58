"""Two people, or one impatient one, at the same time: with real threads and real commits."""

from __future__ import annotations

from collections import Counter

import pytest

from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import AccessEntry, OutboxMessage, Subscription
from willowbark.foundation.outbox import ensure_subscriptions
from willowbark.foundation.testing import at_once
from willowbark.kernel.errors import Conflict, NotFound, RequestKeyReused
from willowbark.patients.models import CareRelationship, Consent, ContactPoint, Patient, PatientSource
from willowbark.patients.selectors import get_patient
from willowbark.patients.services.care import begin_care, end_care
from willowbark.patients.services.consent import give_consent
from willowbark.patients.services.registration import register_patient
from willowbark.patients.testing import make_patient, new_patient
from willowbark.practice import services
from willowbark.practice.models import RoleAssignment
from willowbark.practice.roles import role_id
from willowbark.practice.testing import make_practice, make_staff, staff_of
from willowbark.record.models import Note, Observation
from willowbark.record.services.adding import add_entry
from willowbark.record.services.voiding import void_entry
from willowbark.record.testing import entry_of, make_entry

EIGHT = 8


@pytest.fixture(scope="module")
def practice(module_database):
    return make_practice()


@pytest.fixture
def patient(practice):
    return make_patient(practice).pk


def test_a_form_that_is_sent_eight_times_at_once_registers_one_person(practice):
    key, new = uuid7(), new_patient(practice.north, family="Impatient", phone="555-0100")

    def register(number: int):
        with acting_as(practice.front_desk) as actor:
            return register_patient(actor=actor, new=new, request_key=key).pk

    registered = set(at_once(EIGHT, register))
    assert len(registered) == 1
    with acting_as(practice.everywhere):
        assert Patient.objects.filter(family="Impatient").count() == 1
        assert PatientSource.objects.filter(source_key=key).count() == 1
        assert ContactPoint.objects.filter(patient__in=registered).count() == 1
    told = OutboxMessage.objects.filter(
        name="patients.PatientRegistered", payload__patient_id=str(registered.pop())
    )
    assert told.count() == 1


def test_one_key_with_two_contents_at_once_keeps_the_first_and_refuses_the_other(practice):
    key = uuid7()

    def register(number: int):
        with acting_as(practice.front_desk) as actor:
            new = new_patient(practice.north, family=f"Rival{number % 2}")
            return register_patient(actor=actor, new=new, request_key=key).pk

    outcomes = Counter(map(str, at_once(EIGHT, register)))
    assert len(outcomes) == 2
    assert outcomes[str(RequestKeyReused)] == EIGHT // 2
    with acting_as(practice.everywhere):
        assert Patient.objects.filter(family__startswith="Rival").count() == 1


def test_a_result_that_is_sent_eight_times_at_once_is_in_the_record_once(practice, patient):
    key, entry = uuid7(), entry_of("observation")

    def add(number: int):
        with acting_as(practice.everywhere) as actor:
            return add_entry(actor=actor, patient_id=patient, entry=entry, request_key=key)

    assert len(set(at_once(EIGHT, add))) == 1
    with acting_as(practice.everywhere):
        assert Observation.objects.filter(patient=patient).count() == 1
    told = OutboxMessage.objects.filter(name="record.EntryAdded", payload__patient_id=str(patient))
    assert told.count() == 1


def test_eight_different_results_at_once_are_all_kept(practice, patient):
    def add(number: int):
        with acting_as(practice.everywhere) as actor:
            entry = entry_of("observation", text=f"Result {number}")
            return add_entry(actor=actor, patient_id=patient, entry=entry, request_key=uuid7())

    assert len(set(at_once(EIGHT, add))) == EIGHT
    with acting_as(practice.everywhere):
        assert Observation.objects.filter(patient=patient).count() == EIGHT


def test_an_entry_voided_by_two_at_once_is_voided_once_by_one_of_them(practice, patient):
    entry = make_entry(practice.everywhere, patient, "note")

    def void(number: int):
        with acting_as((practice.everywhere, practice.senior)[number % 2]) as actor:
            void_entry(actor=actor, patient_id=patient, kind="note", entry_id=entry, reason="Wrong")

    assert at_once(EIGHT, void) == [None] * EIGHT
    told = OutboxMessage.objects.filter(name="record.EntryVoided", payload__entry_id=str(entry))
    assert told.count() == 1


def test_an_entry_voided_at_once_for_two_reasons_keeps_one_and_refuses_the_other(practice, patient):
    entry = make_entry(practice.everywhere, patient, "note")

    def void(number: int):
        with acting_as(practice.everywhere) as actor:
            reason = f"Reason {number}"
            void_entry(actor=actor, patient_id=patient, kind="note", entry_id=entry, reason=reason)
            return reason

    outcomes = at_once(2, void)
    assert outcomes.count(Conflict) == 1
    with acting_as(practice.everywhere):
        assert Note.objects.get(pk=entry).void_reason in outcomes


def test_care_that_is_begun_eight_times_at_once_begins_once(practice, patient):
    def begin(number: int):
        with acting_as(practice.front_desk) as actor:
            carer = staff_of(practice.practitioner)
            return begin_care(actor=actor, patient_id=patient, staff_id=carer, kind="team").pk

    assert len(set(at_once(EIGHT, begin))) == 1
    with acting_as(practice.everywhere):
        assert CareRelationship.objects.filter(patient=patient).count() == 1
    told = OutboxMessage.objects.filter(name="patients.CareBegan", payload__patient_id=str(patient))
    assert told.count() == 1


def test_care_that_is_ended_twice_at_once_ends_once(practice, patient):
    with acting_as(practice.front_desk) as actor:
        carer = staff_of(practice.practitioner)
        begin_care(actor=actor, patient_id=patient, staff_id=carer, kind="team")

    def end(number: int):
        with acting_as(practice.front_desk) as actor:
            return len(end_care(actor=actor, patient_id=patient, staff_id=carer))

    outcomes = at_once(2, end)
    assert 1 in outcomes
    assert NotFound in outcomes


def test_two_primary_practitioners_put_first_at_once_leave_one(practice, patient):
    def begin(number: int):
        carer = staff_of((practice.practitioner, practice.other_practitioner)[number])
        with acting_as(practice.front_desk) as actor:
            begin_care(actor=actor, patient_id=patient, staff_id=carer, kind="primary")

    assert at_once(2, begin) == [None, None]
    with acting_as(practice.everywhere):
        kinds = CareRelationship.objects.filter(patient=patient).values_list("kind", flat=True)
        assert sorted(kinds) == ["primary", "team"]


def test_consent_that_is_given_eight_times_at_once_is_in_force_once(practice, patient):
    def give(number: int):
        with acting_as(practice.front_desk) as actor:
            give_consent(actor=actor, patient_id=patient, scope="research", wording="Yes")

    assert Counter(map(str, at_once(EIGHT, give))) == {"None": 1, str(Conflict): EIGHT - 1}
    with acting_as(practice.everywhere):
        assert Consent.objects.filter(patient=patient).count() == 1


def test_a_role_that_is_given_eight_times_at_once_is_held_once(practice):
    who = make_staff(practice.owner, role=None)

    def give(number: int):
        with acting_as(practice.owner) as owner:
            return services.assign_role(
                actor=owner,
                staff_id=staff_of(who),
                role="front_desk",
                reach=services.Reach.SITE,
                site_id=practice.north,
            ).pk

    assert len(set(at_once(EIGHT, give))) == 1


def test_two_owners_who_take_each_others_role_at_once_do_not_lock_everybody_out(fresh_database):
    practice = make_practice()
    second = make_staff(practice.owner, role="owner")
    with acting_as(practice.owner):
        held = {each.staff_id: each.pk for each in RoleAssignment.objects.filter(role=role_id("owner"))}
    pairs = ((practice.owner, second), (second, practice.owner))

    def take(number: int):
        mine, theirs = pairs[number]
        with acting_as(mine) as actor:
            services.take_role_away(actor=actor, assignment_id=held[staff_of(theirs)])

    outcomes = at_once(2, take)
    assert outcomes.count(None) == 1, outcomes
    with acting_as(practice.everywhere):
        assert RoleAssignment.objects.filter(role=role_id("owner")).count() == 1


def test_two_workers_that_start_at_once_make_one_cursor_for_each_handler(practice):
    assert at_once(EIGHT, lambda number: ensure_subscriptions()) == [None] * EIGHT
    handlers = Subscription.objects.values_list("handler", flat=True)
    assert len(handlers) == len(set(handlers)) > 0


def test_the_access_log_keeps_every_one_of_many_readings_at_once(practice, patient):

    def read(number: int):
        with acting_as(practice.front_desk) as actor:
            return get_patient(actor, patient).pk

    assert at_once(EIGHT, read) == [patient] * EIGHT
    with acting_as(practice.owner):
        assert AccessEntry.objects.filter(patient_id=patient, action="patients.read").count() == EIGHT
