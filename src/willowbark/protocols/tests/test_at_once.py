"""Two people, or one impatient one, sign at the same time: with real threads and real commits."""

from __future__ import annotations

import pytest

from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import OutboxMessage
from willowbark.foundation.testing import at_once
from willowbark.kernel.partial_date import parse_partial_date
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.protocols.models import Draft, SignedProtocol
from willowbark.protocols.selectors.versions import one_master
from willowbark.protocols.services.drafts import DraftClosed, change_draft, open_draft
from willowbark.protocols.services.library_drafts import change_head, hand_in, start_draft
from willowbark.protocols.services.library_versions import AlreadyApproved, approve_version
from willowbark.protocols.services.signing import StaleComposition, sign
from willowbark.protocols.testing import make_composition, make_stocked_practice, words_for
from willowbark.record.testing import make_entry
from willowbark.worklist.models import Task

pytestmark = pytest.mark.django_db(transaction=True)
FOUR = 4


@pytest.fixture
def house(transactional_db):
    return make_stocked_practice()


@pytest.fixture
def patient(house):
    patient = make_patient(house, birth_date=parse_partial_date("1970-05-05")).pk
    put_into_care(house, patient, house.practitioner, house.other_practitioner)
    return patient


def signed(actor, view, key=None):
    with acting_as(actor) as acting:
        return sign(
            actor=acting,
            patient_id=view.patient_id,
            composition_id=view.id,
            acknowledged=words_for(view),
            request_key=key or uuid7(),
        )


def signatures(house, patient):
    with acting_as(house.everywhere):
        return list(SignedProtocol.objects.filter(patient=patient).order_by("number"))


def test_a_composition_that_two_people_sign_at_once_four_times_is_signed_once(house, patient):
    view = make_composition(house.practitioner, patient)
    people = (house.practitioner, house.other_practitioner)
    outcomes = at_once(FOUR, lambda number: signed(people[number % 2], view))

    (only,) = signatures(house, patient)
    assert outcomes == [only.pk] * FOUR
    assert OutboxMessage.objects.filter(name="protocols.ProtocolSigned").count() == 1
    with acting_as(house.everywhere):
        titles = list(Task.objects.filter(patient=patient).values_list("title", flat=True))
    assert len(titles) == len(set(titles)) > 0


def test_two_compositions_of_one_draft_signed_at_once_leave_one_in_force(house, patient):
    me = house.practitioner
    first = make_composition(me, patient)
    with acting_as(me) as actor:
        change_draft(
            actor=actor,
            patient_id=patient,
            draft_id=first.draft_id,
            change=lambda choices: choices.bound(days=60),
        )
    second = make_composition(me, patient)
    outcomes = at_once(2, lambda number: signed(me, (first, second)[number]))

    (only,) = signatures(house, patient)
    assert only.pk in outcomes
    assert set(outcomes) - {only.pk} <= {StaleComposition, DraftClosed}


def test_a_draft_that_is_opened_four_times_at_once_is_one(house, patient):
    def opened(number):
        with acting_as(house.practitioner) as actor:
            return open_draft(actor=actor, patient_id=patient).id

    assert len(set(at_once(FOUR, opened))) == 1
    with acting_as(house.everywhere):
        assert Draft.objects.filter(patient=patient).count() == 1


def test_a_record_that_changes_before_the_signature_makes_it_stale_whoever_is_faster(house, patient):
    me = house.practitioner
    view = make_composition(me, patient)

    def act(number):
        if number:
            return make_entry(me, patient, "medication", text="Warfarin Sodium 5 MG Oral Tablet")
        return signed(me, view)

    outcomes = at_once(2, act)
    made = signatures(house, patient)
    # Either order is a true one: signed before the medicine was known, or refused because of it.
    assert outcomes.count(StaleComposition) + len(made) == 1
    if made:
        with pytest.raises(StaleComposition):
            later = make_composition(me, patient)
            make_entry(me, patient, "medication", text="Digoxin 0.125 MG Oral Tablet")
            signed(me, later)


def test_a_version_that_two_people_approve_at_once_is_approved_once(house):
    with acting_as(house.practitioner) as pia:
        start_draft(actor=pia, key="restorative_sleep")
        revision = one_master(pia, "restorative_sleep").version(2).sha256
        head = {"title": "Sleep", "summary": "Habits first.", "from_age_years": "18"}
        change_head(actor=pia, key="restorative_sleep", revision=revision, texts=head, request_key=uuid7())
        hand_in(actor=pia, key="restorative_sleep", note="A shorter title.")
        waiting = one_master(pia, "restorative_sleep").version(2).sha256
    people = (house.senior, house.everywhere)

    def approved(number):
        with acting_as(people[number % 2]) as actor:
            return approve_version(
                actor=actor, key="restorative_sleep", number=2, revision=waiting, request_key=uuid7()
            )

    outcomes = at_once(FOUR, approved)

    assert outcomes.count(AlreadyApproved) == FOUR - 1
    with acting_as(house.practitioner) as pia:
        assert one_master(pia, "restorative_sleep").version(2).is_in_force
