from __future__ import annotations

from datetime import timedelta

import pytest

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import OutboxMessage
from willowbark.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from willowbark.patients import selectors
from willowbark.patients.models import CareRelationship, Consent
from willowbark.patients.services.care import begin_care, end_care
from willowbark.patients.services.consent import give_consent, withdraw_consent
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.practice.models import Staff
from willowbark.practice.testing import staff_of


@pytest.fixture
def patient(practice):
    return make_patient(practice).pk


def begin(actor, patient, whom, kind="team"):
    with acting_as(actor):
        return begin_care(actor=actor, patient_id=patient, staff_id=staff_of(whom), kind=kind)


def end(actor, patient, whom):
    with acting_as(actor):
        end_care(actor=actor, patient_id=patient, staff_id=staff_of(whom))


def reaches(actor, patient) -> bool:
    with acting_as(actor):
        try:
            selectors.get_patient(actor, patient)
        except NotFound:
            return False
    return True


def test_care_opens_the_record_and_its_end_closes_it(practice, patient):
    assert not reaches(practice.practitioner, patient)
    begin(practice.front_desk, patient, practice.practitioner)
    assert reaches(practice.practitioner, patient)
    end(practice.front_desk, patient, practice.practitioner)
    assert not reaches(practice.practitioner, patient)


def test_beginning_care_twice_changes_nothing(practice, patient):
    first = begin(practice.front_desk, patient, practice.practitioner, "primary")
    again = begin(practice.front_desk, patient, practice.practitioner)

    assert (again.pk, again.kind) == (first.pk, "primary")
    assert OutboxMessage.objects.filter(name="patients.CareBegan").count() == 1


def test_care_that_ended_may_begin_again_and_both_times_are_kept(practice, patient):
    begin(practice.front_desk, patient, practice.practitioner)
    end(practice.front_desk, patient, practice.practitioner)
    begin(practice.front_desk, patient, practice.practitioner)

    with acting_as(practice.everywhere):
        ended = list(CareRelationship.objects.filter(patient=patient).values_list("ended_at", flat=True))
    assert sorted(each is None for each in ended) == [False, True]


def test_whoever_cares_for_a_patient_may_hand_them_over_and_then_has_no_reach(practice, patient):
    put_into_care(practice, patient, practice.practitioner)
    begin(practice.practitioner, patient, practice.other_practitioner, "primary")
    end(practice.practitioner, patient, practice.practitioner)

    assert not reaches(practice.practitioner, patient)
    assert reaches(practice.other_practitioner, patient)


def test_nobody_lets_themselves_into_the_record_of_a_stranger(practice, patient):
    put_into_care(practice, patient, practice.other_practitioner)
    with pytest.raises(NotFound):
        begin(practice.practitioner, patient, practice.practitioner)
    assert not reaches(practice.practitioner, patient)


@pytest.mark.parametrize("who", ["owner", "health_coach", "dispensary"])
def test_whoever_may_not_write_patients_says_nothing_about_their_care(practice, patient, who):
    put_into_care(practice, patient, practice.coach)
    for change in (begin, end):
        with pytest.raises(Forbidden):
            change(practice.by_role[who], patient, practice.coach)
    assert reaches(practice.coach, patient)


def test_care_is_by_people_who_work_here(practice, patient):
    gone = practice.other_practitioner
    with acting_as(practice.owner):
        Staff.objects.filter(pk=staff_of(gone)).update(is_active=False)
    with pytest.raises(NotFound):
        begin(practice.front_desk, patient, gone)
    with pytest.raises(NotFound), acting_as(practice.front_desk) as actor:
        begin_care(actor=actor, patient_id=patient, staff_id=uuid7(), kind="team")
    with pytest.raises(Invalid):
        begin(practice.front_desk, patient, practice.coach, "friend")
    with pytest.raises(NotFound):
        end(practice.front_desk, patient, practice.coach)


def test_the_care_team_is_read_with_the_primary_practitioner_first(practice, patient):
    begin(practice.front_desk, patient, practice.coach)
    begin(practice.front_desk, patient, practice.practitioner, "primary")
    begin(practice.front_desk, patient, practice.senior)
    end(practice.front_desk, patient, practice.senior)
    with acting_as(practice.front_desk) as actor:
        record = selectors.open_record(actor, patient, "patients.read", action="patients.read")
        team = selectors.care_team(actor, record)

    assert [(name, kind) for _, name, kind in team] == [
        ("Pia Practitioner", "primary"),
        ("Cleo Coach", "team"),
    ]


def give(actor, patient, **said):
    with acting_as(actor):
        return give_consent(
            **{"actor": actor, "patient_id": patient, "scope": "research", "wording": "Yes"} | said
        )


def withdraw(actor, patient, scope="research"):
    with acting_as(actor):
        withdraw_consent(actor=actor, patient_id=patient, scope=scope)


def consents(practice, patient) -> list[tuple[str, bool]]:
    with acting_as(practice.everywhere):
        rows = Consent.objects.filter(patient=patient).order_by("id")
        return [(row.scope, row.withdrawn_at is None) for row in rows]


def test_consent_is_kept_in_the_words_that_were_agreed_to_and_outlives_its_withdrawal(practice, patient):
    given = give(practice.front_desk, patient, wording="I agree to research")
    assert given.wording == "I agree to research"
    withdraw(practice.front_desk, patient)
    assert consents(practice, patient) == [("research", False)]
    give(practice.front_desk, patient)
    assert consents(practice, patient) == [("research", False), ("research", True)]


def test_consent_of_one_scope_is_in_force_once_and_each_scope_stands_alone(practice, patient):
    give(practice.front_desk, patient)
    with pytest.raises(Conflict):
        give(practice.front_desk, patient, wording="Again")
    give(practice.front_desk, patient, scope="messaging")
    assert consents(practice, patient) == [("research", True), ("messaging", True)]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"scope": "everything"}, "scope"),
        ({"wording": " "}, "wording"),
        ({"wording": "x" * 301}, "wording"),
        ({"wording": "a\0"}, "wording"),
        ({"given_at": clock.now() + timedelta(days=1)}, "given_at"),
    ],
)
def test_consent_that_nobody_could_have_given_is_refused_and_nothing_is_kept(practice, patient, wrong, field):
    with pytest.raises(Invalid) as refusal:
        give(practice.front_desk, patient, **wrong)
    assert refusal.value.field == field
    assert consents(practice, patient) == []


def test_what_was_not_agreed_to_cannot_be_withdrawn(practice, patient):
    with pytest.raises(NotFound):
        withdraw(practice.front_desk, patient)
    give(practice.front_desk, patient)
    withdraw(practice.front_desk, patient)
    with pytest.raises(NotFound):
        withdraw(practice.front_desk, patient)


@pytest.mark.parametrize("who", ["owner", "health_coach", "dispensary"])
def test_whoever_may_not_write_patients_writes_down_no_consent(practice, patient, who):
    put_into_care(practice, patient, practice.coach)
    with pytest.raises(Forbidden):
        give(practice.by_role[who], patient)
    assert consents(practice, patient) == []


def test_consent_of_a_stranger_is_nobodys_business(practice):
    stranger = make_patient(practice, site_id=practice.south).pk
    for change in (give, withdraw):
        with pytest.raises(NotFound):
            change(practice.front_desk, stranger)
