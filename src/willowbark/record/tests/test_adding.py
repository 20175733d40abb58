from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import AccessEntry, OutboxMessage
from willowbark.kernel.errors import Forbidden, Invalid, NotFound, RequestKeyReused
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.record.kinds import TABLES
from willowbark.record.models import Note, Observation
from willowbark.record.services.adding import LONGEST_NOTE, add_entry, add_note
from willowbark.record.services.voiding import void_entry
from willowbark.record.testing import AT, entry_of, make_entry


@pytest.fixture
def patient(practice):
    patient = make_patient(practice).pk
    put_into_care(practice, patient, practice.practitioner, practice.coach)
    return patient


def add(actor, patient, entry, key=None):
    with acting_as(actor):
        return add_entry(actor=actor, patient_id=patient, entry=entry, request_key=key or uuid7())


def rows(practice, kind, patient):
    with acting_as(practice.everywhere):
        return list(TABLES[kind]._default_manager.filter(patient=patient))


def nothing_was_written(practice, patient) -> bool:
    return not any(rows(practice, kind, patient) for kind in TABLES) and not OutboxMessage.objects.filter(
        name="record.EntryAdded"
    )


@pytest.mark.parametrize("kind", TABLES)
def test_every_kind_of_entry_is_kept_with_its_author_source_and_time(practice, patient, kind):
    made = add(practice.practitioner, patient, entry_of(kind))

    (row,) = rows(practice, kind, patient)
    assert (row.pk, row.author_name, row.source_kind) == (made, practice.practitioner.name, "staff")
    assert row.recorded_by_id == practice.practitioner.user_id
    assert (row.effective_at, row.effective_precision) == (AT, "instant")
    assert abs(row.recorded_at - clock.now()) < timedelta(minutes=1)
    (message,) = OutboxMessage.objects.filter(name="record.EntryAdded")
    assert message.payload == {"patient_id": str(patient), "entry_id": str(made), "kind": kind}


def test_a_visit_is_planned_ahead(practice, patient):
    at = clock.now() + timedelta(days=90)
    add(
        practice.practitioner, patient, entry_of("encounter", effective_at=at, ends_at=None, status="planned")
    )
    (row,) = rows(practice, "encounter", patient)
    assert row.effective_at == at


def test_a_repeated_request_adds_nothing_and_says_the_same(practice, patient):
    key, entry = uuid7(), entry_of("observation")
    first, second = (add(practice.practitioner, patient, entry, key) for _ in range(2))

    assert first == second
    assert len(rows(practice, "observation", patient)) == 1
    assert OutboxMessage.objects.filter(name="record.EntryAdded").count() == 1


def written_of(practice, patient):
    """The actions that the log knows as written, of a patient."""
    with acting_as(practice.owner):
        entries = AccessEntry.objects.filter(
            patient_id=patient, outcome="written", action__startswith="record."
        )
        return list(entries.order_by("at", "id").values_list("action", flat=True))


def test_what_is_repeated_is_logged_as_written_once(practice, patient):
    key, entry = uuid7(), entry_of("observation")
    (made,) = {add(practice.practitioner, patient, entry, key) for _ in range(3)}
    for _ in range(3):
        with acting_as(practice.practitioner) as actor:
            void_entry(actor=actor, patient_id=patient, kind="observation", entry_id=made, reason="Typo")

    assert written_of(practice, patient) == ["record.observation_added", "record.observation_voided"]


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"reference_low": Decimal(5), "reference_high": Decimal(4)}, "range ends before"),
        ({"void_reason": "Typo"}, "voided after it was written"),
        ({"parent_id": uuid7()}, "not in this patient's record"),
    ],
)
def test_what_breaks_a_rule_is_refused_by_that_rule_and_is_never_a_repeat(practice, patient, said, rule):
    key = uuid7()
    with pytest.raises(Invalid, match=rule):
        add(practice.practitioner, patient, entry_of("observation", **said), key)
    assert nothing_was_written(practice, patient)
    assert written_of(practice, patient) == []

    made = add(practice.practitioner, patient, entry_of("observation"), key)
    with pytest.raises(Invalid, match=rule):
        add(practice.practitioner, patient, entry_of("observation", **said), uuid7())
    assert [row.pk for row in rows(practice, "observation", patient)] == [made]


def test_a_repeated_note_adds_nothing_though_it_is_dated_by_the_clock(practice, patient):
    key, made = uuid7(), set()
    for day in range(2):
        with clock.at(AT + timedelta(days=day)), acting_as(practice.practitioner) as actor:
            made.add(
                add_note(actor=actor, patient_id=patient, kind="clinical", body="Same words", request_key=key)
            )

    (note,) = rows(practice, "note", patient)
    assert made == {note.pk}
    assert note.effective_at == AT


def test_the_same_request_with_other_content_is_refused_by_name_and_the_first_stands(practice, patient):
    key = uuid7()
    add(practice.practitioner, patient, entry_of("observation"), key)
    with pytest.raises(RequestKeyReused):
        add(practice.practitioner, patient, entry_of("observation", value=Decimal(7)), key)

    (row,) = rows(practice, "observation", patient)
    assert row.value == 95


def test_the_same_key_for_another_patient_is_another_request(practice, patient):
    key, other = uuid7(), make_patient(practice).pk
    add(practice.everywhere, patient, entry_of("note"), key)
    add(practice.everywhere, other, entry_of("note"), key)

    assert [len(rows(practice, "note", each)) for each in (patient, other)] == [1, 1]


@pytest.mark.parametrize("who", ["owner", "front_desk", "dispensary", "health_coach"])
def test_whoever_may_not_write_records_writes_nothing(practice, patient, who):
    with pytest.raises((Forbidden, NotFound)):
        add(practice.by_role[who], patient, entry_of("observation"))
    assert nothing_was_written(practice, patient)


def test_a_coach_writes_coaching_notes_and_no_clinical_ones(practice, patient):
    add(practice.coach, patient, entry_of("note", kind="coaching"))
    with pytest.raises(Forbidden):
        add(practice.coach, patient, entry_of("note", kind="clinical"))
    with pytest.raises(Forbidden), acting_as(practice.coach) as coach:
        add_note(actor=coach, patient_id=patient, kind="clinical", body="Words", request_key=uuid7())

    assert [row.kind for row in rows(practice, "note", patient)] == ["coaching"]


def test_nobody_writes_into_the_record_of_a_patient_who_is_not_theirs(practice):
    stranger = make_patient(practice).pk
    with pytest.raises(NotFound):
        add(practice.practitioner, stranger, entry_of("note"))
    with pytest.raises(NotFound):
        add(practice.everywhere, uuid7(), entry_of("note"))
    assert nothing_was_written(practice, stranger)


def test_an_entry_hangs_on_a_visit_of_the_same_patient_alone(practice, patient):
    theirs = make_entry(practice.everywhere, make_patient(practice).pk, "encounter")
    with pytest.raises(NotFound):
        add(practice.practitioner, patient, entry_of("observation", encounter_id=theirs))
    with pytest.raises(NotFound):
        add(practice.practitioner, patient, entry_of("observation", encounter_id=uuid7()))
    with pytest.raises(Invalid):
        add(practice.practitioner, patient, entry_of("observation", parent_id=uuid7()))

    mine = make_entry(practice.everywhere, patient, "encounter")
    add(practice.practitioner, patient, entry_of("observation", encounter_id=mine))
    assert rows(practice, "observation", patient)[0].encounter_id == mine


FAR = timezone(timedelta(hours=14))


@pytest.mark.parametrize(
    ("kind", "said", "field"),
    [
        ("observation", {"text": "  "}, "text"),
        ("observation", {"text": "x" * 1001}, "text"),
        ("observation", {"text": "a\0b"}, "text"),
        ("observation", {"unit": "x" * 61}, "unit"),
        ("observation", {"code": "x" * 101}, "code"),
        ("observation", {"value": Decimal("NaN")}, "value"),
        ("observation", {"value": Decimal("Infinity")}, "value"),
        ("observation", {"effective_at": clock.now() + timedelta(days=2)}, "effective_at"),
        ("encounter", {"effective_at": clock.now() + timedelta(days=2)}, "effective_at"),
        (
            "encounter",
            {"effective_at": clock.now() + timedelta(days=733), "status": "planned"},
            "effective_at",
        ),
        ("observation", {"effective_at": AT.replace(tzinfo=None)}, "effective_at"),
        ("observation", {"effective_at": datetime(1, 1, 1, tzinfo=FAR)}, "effective_at"),
        ("observation", {"effective_at": datetime(1849, 12, 31, tzinfo=UTC)}, "effective_at"),
        ("observation", {"effective_at": None}, "effective_precision"),
        ("observation", {"effective_precision": ""}, "effective_precision"),
        ("condition", {"abated_at": datetime(1, 1, 1, tzinfo=FAR)}, "abated_at"),
        ("encounter", {"ends_at": AT.replace(tzinfo=None)}, "ends_at"),
        ("note", {"body": ""}, "body"),
        ("note", {"body": "x" * (LONGEST_NOTE + 1)}, "body"),
        ("note", {"body": "a\0b"}, "body"),
        ("note", {"kind": "love letter"}, "kind"),
        ("note", {"void_reason": "Born wrong"}, ""),
    ],
)
def test_what_cannot_be_kept_or_read_again_is_refused_by_name_and_nothing_moves(
    practice, patient, kind, said, field
):
    with pytest.raises(Invalid) as refusal:
        add(practice.practitioner, patient, entry_of(kind, **said))

    assert refusal.value.field == field
    assert nothing_was_written(practice, patient)


def test_a_note_of_spaces_is_empty(practice, patient):
    with pytest.raises(Invalid), acting_as(practice.practitioner) as actor:
        add_note(actor=actor, patient_id=patient, kind="clinical", body=" \n ", request_key=uuid7())


def test_a_note_is_titled_by_its_first_line(practice, patient):
    with acting_as(practice.practitioner) as actor:
        add_note(
            actor=actor, patient_id=patient, kind="clinical", body="Title\n<b>words</b>", request_key=uuid7()
        )
    with acting_as(practice.everywhere):
        note = Note.objects.get()
    assert (note.text, note.body) == ("Title", "Title\n<b>words</b>")


def test_a_number_is_kept_to_its_last_zero(practice, patient):
    for value in ("0.10", "1E+3", "123456789012345678901234567890.123456789"):
        add(practice.practitioner, patient, entry_of("observation", value=Decimal(value)))
    with acting_as(practice.everywhere):
        kept = {str(each) for each in Observation.objects.values_list("value", flat=True)}

    assert kept == {"0.10", "1000", "123456789012345678901234567890.123456789"}


def test_an_author_who_is_somebody_else_is_named(practice, patient):
    add(practice.practitioner, patient, entry_of("document", author_name="Dr. Elsewhere"))

    assert rows(practice, "document", patient)[0].author_name == "Dr. Elsewhere"
