"""Every reading, writing and refusal of a record leaves one entry that nobody can take back."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from willowbark.foundation import access
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Forbidden, NotFound
from willowbark.patients import selectors
from willowbark.patients.services.consent import give_consent, withdraw_consent
from willowbark.patients.testing import link, make_patient, put_into_care
from willowbark.practice.testing import make_practice, signed_in
from willowbark.record.selectors.chart import open_chart
from willowbark.record.services.adding import add_note
from willowbark.record.services.voiding import void_entry
from willowbark.record.testing import make_entry


@pytest.fixture(scope="module")
def practice(module_database):
    return make_practice()


@pytest.fixture
def patient(practice):
    patient = make_patient(practice, given="Ann").pk
    put_into_care(practice, patient, practice.practitioner)
    return patient


@pytest.fixture
def log(module_owner):
    """What has been logged since the test began."""
    (start,) = module_owner.execute("SELECT clock_timestamp()").fetchone()

    def entries():
        return module_owner.execute(
            "SELECT action, outcome, patient_id, actor_id, channel, subject FROM foundation_accessentry"
            " WHERE at >= %s ORDER BY at, id",
            [start],
        ).fetchall()

    return entries


def test_opening_a_chart_leaves_one_entry(practice, patient, log):
    actor = practice.practitioner
    with acting_as(actor):
        open_chart(actor, patient)

    assert log() == [("record.chart_read", "read", patient, actor.user_id, "web", "")]


def test_reading_who_a_patient_is_leaves_one_entry(practice, patient, log):
    with acting_as(practice.front_desk):
        selectors.get_patient(practice.front_desk, patient)

    assert [entry[:3] for entry in log()] == [("patients.read", "read", patient)]


def test_opening_the_chart_of_a_person_of_several_rows_leaves_an_entry_for_each(practice, patient, log):
    actor = practice.practitioner
    older = [make_patient(practice, given="Anna").pk for _ in range(2)]
    for each in older:
        link(practice, each, to=patient)
    with acting_as(actor):
        open_chart(actor, patient)

    entries = [entry for entry in log() if entry[1] == "read"]
    assert {entry[0] for entry in entries} == {"record.chart_read"}
    assert sorted(entry[2] for entry in entries) == sorted([patient, *older])


def test_opening_costs_the_same_statements_however_many_rows_are_one_person(practice, patient):
    taken = set()
    for _ in range(3):
        with acting_as(practice.practitioner), CaptureQueriesContext(connection) as captured:
            selectors.open_record(practice.practitioner, patient, "record.read", action="record.chart_read")
        taken.add(len(captured))
        link(practice, make_patient(practice, given="Anna").pk, to=patient)

    assert taken == {2}


def test_a_part_of_an_opened_chart_reads_on_without_a_second_entry(practice, patient, log):
    actor = practice.practitioner
    with acting_as(actor):
        open_chart(actor, patient)
        selectors.opened_record(actor, patient, "record.read", action="record.part_read")

    assert [entry[0] for entry in log()] == ["record.chart_read"]


def test_a_part_read_by_itself_or_beside_another_chart_is_logged(practice, patient, log):
    actor = practice.practitioner
    other = make_patient(practice, given="Ben").pk
    put_into_care(practice, other, actor)
    with acting_as(actor):
        open_chart(actor, other)
        selectors.opened_record(actor, patient, "record.read", action="record.part_read")
    with acting_as(actor):
        selectors.opened_record(actor, patient, "record.read", action="record.part_read")

    assert [entry[0] for entry in log() if entry[2] == patient] == ["record.part_read"] * 2


def test_a_part_of_an_opened_chart_asks_for_its_own_permission(practice, patient):
    actor = practice.practitioner
    with pytest.raises(Forbidden), acting_as(actor):
        open_chart(actor, patient)
        selectors.opened_record(actor, patient, "staff.write", action="record.part_read")


def test_a_search_is_logged_with_whom_it_found_and_without_what_was_typed(practice, log):
    found = {make_patient(practice, family="Secretname", given=name).pk for name in ("Ann", "Ben")}
    before = len(log())
    with acting_as(practice.front_desk):
        selectors.search(practice.front_desk, "Secretname", limit=1)
        selectors.search(practice.front_desk, "Secretname")
        selectors.search(practice.front_desk, "Nobodyatall")

    entries = log()[before:]
    assert {entry[:2] for entry in entries} == {("patients.search", "read")}
    assert entries[0][2] in found
    assert {entry[2] for entry in entries[1:3]} == found
    assert [entry[2] for entry in entries[3:]] == [None]
    assert "Secretname" not in repr(entries)


def test_the_list_of_patients_as_json_is_logged_with_whom_it_shows(practice, patient, log):
    answer = signed_in(practice.front_desk).get("/api/patients?q=ann")

    shown = sorted(each["id"] for each in answer.json()["patients"])
    assert shown
    assert sorted(str(entry[2]) for entry in log()) == shown
    assert {entry[0] for entry in log()} == {"patients.search"}


def test_each_writing_leaves_one_entry(practice, patient, log):
    actor = practice.practitioner
    entry = make_entry(actor, patient, "observation")
    with acting_as(actor):
        add_note(actor=actor, patient_id=patient, kind="clinical", body="Words", request_key=uuid7())
    with acting_as(actor):
        void_entry(actor=actor, patient_id=patient, kind="observation", entry_id=entry, reason="Typo")
    with acting_as(actor):
        give_consent(actor=actor, patient_id=patient, scope="research", wording="Yes")
    with acting_as(actor):
        withdraw_consent(actor=actor, patient_id=patient, scope="research")

    assert [entry[:3] for entry in log()] == [
        (action, "written", patient)
        for action in (
            "record.observation_added",
            "record.note_added",
            "record.observation_voided",
            "patients.consent_given",
            "patients.consent_withdrawn",
        )
    ]


def test_what_a_patient_said_never_stands_in_the_log(practice, patient, log):
    actor = practice.practitioner
    with acting_as(actor):
        add_note(actor=actor, patient_id=patient, kind="clinical", body="Secretword", request_key=uuid7())

    assert "Secretword" not in repr(log())


@pytest.mark.parametrize("page", ["chart", "problems", "medications", "labs", "notes"])
def test_each_page_of_a_chart_leaves_one_entry_with_all_its_panels(practice, patient, log, page):
    client = signed_in(practice.practitioner)
    assert client.get(reverse(f"record:{page}", args=[patient])).status_code == 200

    ((action, outcome, about, who, channel, _),) = log()
    assert action.startswith("record.")
    assert (outcome, about, who, channel) == ("read", patient, practice.practitioner.user_id, "web")


def test_a_refused_page_leaves_the_refusal_and_nothing_else(practice, patient, log):
    client = signed_in(practice.other_practitioner)
    assert client.get(reverse("record:chart", args=[patient])).status_code == 404

    ((action, outcome, about, who, channel, _),) = log()
    assert (outcome, about, who, channel) == ("refused", patient, practice.other_practitioner.user_id, "web")
    assert action == "GET timeline"


def test_a_refused_call_leaves_the_refusal_under_its_own_channel(practice, patient, log):
    client = signed_in(practice.other_practitioner)
    assert client.get(f"/api/patients/{patient}").status_code == 404

    ((_, outcome, about, _, channel, _),) = log()
    assert (outcome, about, channel) == ("refused", patient, "api")


def test_asking_for_a_patient_who_does_not_exist_is_logged_like_a_refusal(practice, log):
    nobody = uuid7()
    answer = signed_in(practice.practitioner).get(reverse("record:chart", args=[nobody]))

    assert answer.status_code == 404
    assert [entry[1:3] for entry in log()] == [("refused", nobody)]


def test_a_writing_that_is_rolled_back_is_not_said_to_have_happened(practice, patient, log):
    actor = practice.practitioner
    with pytest.raises(NotFound), acting_as(actor):
        void_entry(actor=actor, patient_id=patient, kind="note", entry_id=uuid7(), reason="Typo")

    assert log() == []


def test_whoever_may_not_leaves_no_trace_of_success(practice, patient, log):
    with pytest.raises(Forbidden), acting_as(practice.front_desk):
        open_chart(practice.front_desk, patient)

    assert log() == []


def test_an_entry_ties_everything_that_one_request_did_together(practice, patient, module_owner):
    answer = signed_in(practice.practitioner).get(reverse("record:chart", args=[patient]))
    request_id = answer.headers["X-Request-Id"]

    rows = module_owner.execute(
        "SELECT action FROM foundation_accessentry WHERE request_id = %s", [request_id]
    ).fetchall()
    assert rows == [("record.chart_read",)]


def test_an_endless_subject_is_cut_rather_than_losing_the_entry(practice, patient, log):
    with acting_as(practice.practitioner) as actor:
        access.record_read(actor, "record.chart_read", patient_id=patient, subject="x" * 5000)

    assert len(log()[0][5]) == 200


def test_an_endless_action_is_cut_rather_than_losing_the_entry(practice, patient, log):
    with acting_as(practice.practitioner) as actor, transaction.atomic():
        access.record_read(actor, "a" * 500, patient_id=patient)

    assert len(log()[0][0]) == 60
