from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.patients.testing import link, make_patient
from willowbark.record.selectors import lists
from willowbark.record.selectors.chart import open_chart
from willowbark.record.testing import AT, daily, import_entries, make_entry

VOID = {"voided_at": AT, "void_reason": "Wrong chart"}


@pytest.fixture
def patient(practice):
    return make_patient(practice).pk


def texts(rows) -> list[str]:
    return [row.text for row in rows]


def test_problems_are_active_resolved_or_voided_and_never_two_of_these(practice, patient):
    import_entries(
        practice,
        patient,
        "condition",
        [
            {"text": "Asthma", "clinical_status": "active", "effective_at": AT},
            {"text": "Flu", "clinical_status": "resolved", "effective_at": AT},
            {"text": "Cold", "clinical_status": "active", "abated_at": AT, "abated_precision": "day"},
            {"text": "Unclear", "clinical_status": "", "effective_at": None},
            {"text": "Mistake", "clinical_status": "active", "effective_at": AT} | VOID,
        ],
    )
    with acting_as(practice.everywhere):
        problems = lists.problems((patient,))

    assert texts(problems.active) == ["Asthma", "Unclear"]
    assert sorted(texts(problems.resolved)) == ["Cold", "Flu"]
    assert texts(problems.voided) == ["Mistake"]


def test_medicines_are_taken_now_stopped_or_voided_and_supplements_stand_apart(practice, patient):
    import_entries(
        practice,
        patient,
        "medication",
        [
            {"text": "Metformin"},
            {"text": "Zinc", "kind": "supplement"},
            {"text": "Old", "status": "stopped"},
            {"text": "Ended", "ends_at": AT - timedelta(days=1)},
            {"text": "Going on", "ends_at": AT + timedelta(days=1)},
            {"text": "Mistake"} | VOID,
        ],
    )
    with acting_as(practice.everywhere), clock.at(AT):
        medications = lists.medications((patient,))

    assert texts(medications.drugs) == ["Going on", "Metformin"]
    assert texts(medications.supplements) == ["Zinc"]
    assert sorted(texts(medications.stopped)) == ["Ended", "Old"]
    assert texts(medications.voided) == ["Mistake"]


def test_the_gravest_allergy_is_read_first_and_refuted_ones_not_at_all(practice, patient):
    import_entries(
        practice,
        patient,
        "allergy",
        [
            {"text": "Birch", "criticality": "low"},
            {"text": "Cat", "criticality": "unable-to-assess"},
            {"text": "Dust", "criticality": ""},
            {"text": "Peanut", "criticality": "high"},
            {"text": "Wasp", "criticality": "low", "severity": "severe"},
            {"text": "Refuted", "criticality": "high", "verification_status": "refuted"},
            {"text": "Error", "criticality": "high", "verification_status": "entered-in-error"},
            {"text": "Past", "criticality": "high", "clinical_status": "resolved"},
            {"text": "Voided", "criticality": "high"} | VOID,
        ],
    )
    with acting_as(practice.everywhere):
        chart = open_chart(practice.everywhere, patient)

    assert texts(chart.allergies) == ["Peanut", "Wasp", "Cat", "Dust", "Birch"]


def test_notes_are_paged_through_once_newest_first_and_those_without_a_date_last(practice, patient):
    dated = import_entries(practice, patient, "note", daily(7))
    undated = import_entries(practice, patient, "note", [{"effective_at": None}] * 3)
    seen, before = [], None
    with acting_as(practice.everywhere):
        while True:
            page = lists.notes((patient,), before=before, limit=3)
            seen += [row.id for row in page.rows]
            if page.older is None:
                break
            before = page.older

    assert seen == [*dated, *undated[::-1]]


def test_notes_of_one_instant_are_not_lost_between_two_pages(practice, patient):
    made = import_entries(practice, patient, "note", [{"effective_at": AT}] * 5)
    with acting_as(practice.everywhere):
        first = lists.notes((patient,), limit=2)
        second = lists.notes((patient,), before=first.older, limit=10)

    assert [row.id for row in (*first.rows, *second.rows)] == made[::-1]


def test_the_words_of_a_voided_note_stay_readable(practice, patient):
    import_entries(practice, patient, "note", [{"effective_at": AT, "body": "As it was"} | VOID])
    with acting_as(practice.everywhere):
        (note,) = lists.notes((patient,)).rows

    assert note.void is not None
    assert (note.body, note.void.reason, note.note_kind_label) == (
        "As it was",
        "Wrong chart",
        "clinical note",
    )


def test_linked_rows_are_one_chart_of_problems_medicines_notes_and_allergies(practice, patient):
    older = make_patient(practice).pk
    for kind in ("condition", "medication", "note", "allergy"):
        make_entry(practice.everywhere, older, kind)
    link(practice, older, to=patient)
    with acting_as(practice.everywhere):
        chart = open_chart(practice.everywhere, patient)
        assert chart.patient_ids == (patient, older)
        assert len(chart.allergies) == 1
        assert len(lists.problems(chart.patient_ids).active) == 1
        assert len(lists.medications(chart.patient_ids).drugs) == 1
        assert len(lists.notes(chart.patient_ids).rows) == 1
        assert [person.pk for person in chart.identity.linked_from] == [older]
        linked_to = open_chart(practice.everywhere, older).identity.linked_to
    assert linked_to is not None
    assert linked_to.pk == patient


@pytest.mark.parametrize(
    ("kind", "read", "statements"),
    [
        ("condition", lists.problems, 2),
        ("medication", lists.medications, 4),
        ("note", lists.notes, 2),
    ],
)
def test_a_list_costs_the_same_statements_for_1_50_and_500_entries(practice, kind, read, statements):
    taken = set()
    for number in (1, 50, 500):
        patient = make_patient(practice).pk
        import_entries(practice, patient, kind, daily(number))
        with acting_as(practice.everywhere), CaptureQueriesContext(connection) as captured:
            read((patient,))
        taken.add(len(captured))

    assert taken == {statements}
