"""Write an entry into a patient's record, as staff."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction

from willowbark.foundation import access, clock, outbox
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Invalid, NotFound, RequestKeyReused
from willowbark.patients.selectors import require_reach
from willowbark.record.core import entries as values
from willowbark.record.core.digest import digest_of
from willowbark.record.events import EntryAdded
from willowbark.record.kinds import table_of
from willowbark.record.models import Encounter, Entry

LONGEST_NOTE = 50_000
PLANNED_AHEAD = timedelta(days=731)
EARLIEST = datetime(1850, 1, 1, tzinfo=UTC)

# What a constraint of the database says, by how its name ends.
_RULES = {
    "_voided_with_reason": "An entry is voided after it was written, not with it.",
    "_date_has_precision": "A date comes with how much of it is known.",
    "_range_in_order": "The reference range ends before it begins.",
    "_not_empty": "The entry is empty.",
    "_same_patient": "What the entry belongs to is not in this patient's record.",
}
_ANY_RULE = "The entry breaks a rule of the record ({})."


@transaction.atomic
def add_entry(*, actor: Actor, patient_id: UUID, entry: values.Entry, request_key: UUID) -> UUID:
    """
    Add an entry and return its id; the actor is its author unless it names another.

    Repeating `request_key` returns the first entry and adds nothing.

    Raises:
        Forbidden: the actor may not write records; a coach writes coaching notes alone.
        NotFound: no such patient within reach, or the entry points at no encounter of this patient.
        Invalid: the entry says nothing, says it at too great length, its date lies more than a day in
            the future (two years for a visit that is planned) or before 1850, or it breaks a rule that the
            database guards.
        RequestKeyReused: the key came before with other content.
    """
    require_reach(actor, patient_id, *_permissions(entry))
    table = table_of(entry.KIND)
    _check(entry, table)
    _check_encounter(patient_id, entry)
    content = dataclasses.asdict(entry)
    digest = digest_of(entry)
    content |= {
        "source_kind": "staff",
        "source_key": request_key,
        "source_digest": digest,
        "author_name": entry.author_name or actor.name,
    }
    now = clock.now()
    if entry.effective_at is None:
        # What staff write down undated is of now; the digest above knows it undated, so a retry is equal.
        content |= {"effective_at": now, "effective_precision": "instant"}
    row = table(id=uuid7(), patient_id=patient_id, recorded_by_id=actor.user_id, recorded_at=now, **content)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        broken = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
        if broken == f"{entry.KIND}_source_once":
            return _first(table, patient_id, request_key, digest)
        rule = next((rule for ending, rule in _RULES.items() if broken.endswith(ending)), _ANY_RULE)
        raise Invalid(rule.format(broken)) from error
    access.record_write(actor, f"record.{entry.KIND}_added", patient_id=patient_id)
    outbox.publish(actor, EntryAdded(patient_id=patient_id, entry_id=row.pk, kind=entry.KIND))
    return row.pk


def add_note(
    *,
    actor: Actor,
    patient_id: UUID,
    kind: str,
    body: str,
    request_key: UUID,
    encounter_id: UUID | None = None,
) -> UUID:
    """
    Write a note, dated now.

    Raises:
        Forbidden: the actor may not write notes of this kind.
        NotFound: no such patient within reach.
        Invalid: an empty or endless note, or no such kind.
        RequestKeyReused: the key came before with other words.
    """
    text = body.strip()
    title = text.partition("\n")[0][:120]
    note = values.Note(
        kind=kind,
        body=text,
        text=title,
        encounter_id=encounter_id,
    )
    return add_entry(actor=actor, patient_id=patient_id, entry=note, request_key=request_key)


def _first(table: type[Entry], patient_id: UUID, request_key: UUID, digest: bytes) -> UUID:
    first = table._default_manager.filter(patient_id=patient_id, source_key=request_key).first()
    if first is None or bytes(first.source_digest or b"") != digest:
        raise RequestKeyReused("This request wrote something else before; nothing was changed.")
    return first.pk


def _check_encounter(patient_id: UUID, entry: values.Entry) -> None:
    encounter_id = getattr(entry, "encounter_id", None)
    if encounter_id and not Encounter.objects.filter(patient_id=patient_id, pk=encounter_id).exists():
        raise NotFound("encounter")


def _permissions(entry: values.Entry) -> tuple[str, ...]:
    coaching = isinstance(entry, values.Note) and entry.kind == "coaching"
    return ("record.write", "record.note") if coaching else ("record.write",)


def _check(entry: values.Entry, table: type[Entry]) -> None:
    if isinstance(entry, values.Note):
        if entry.kind not in {"clinical", "coaching"}:
            raise Invalid("A note is clinical or coaching.", field="kind")
        if not entry.body:
            raise Invalid("The note is empty.", field="body")
        if len(entry.body) > LONGEST_NOTE:
            raise Invalid(f"A note holds at most {LONGEST_NOTE:,} characters.", field="body")
    elif not entry.text.strip():
        raise Invalid("Say what it is.", field="text")
    for field in dataclasses.fields(entry):
        _check_value(field.name, getattr(entry, field.name), table)
    is_planned = isinstance(entry, values.Encounter) and entry.status == "planned"
    ahead = PLANNED_AHEAD if is_planned else timedelta(days=1)
    if entry.effective_at and entry.effective_at > clock.now() + ahead:
        raise Invalid("The date lies in the future.", field="effective_at")
    if (entry.effective_at is None) != (entry.effective_precision == ""):
        raise Invalid("A date comes with how much of it is known.", field="effective_precision")


def _check_value(name: str, value: object, table: type[Entry]) -> None:
    """What the column could not keep, or nobody could read again, is refused by name."""
    match value:
        case str():
            longest = getattr(table._meta.get_field(name), "max_length", None)
            if longest and len(value) > longest:
                raise Invalid(f"At most {longest:,} characters can be kept here.", field=name)
            if "\0" in value:
                raise Invalid("A NUL character cannot be kept.", field=name)
        case datetime():
            # Compared with its own clock's reading: a year near the first has no time in UTC.
            if value.tzinfo is None:
                raise Invalid("A time comes with its offset from UTC.", field=name)
            if value.replace(tzinfo=UTC) < EARLIEST:
                raise Invalid(f"The date lies before {EARLIEST.year}.", field=name)
        case Decimal():
            if not value.is_finite():
                raise Invalid("That is not a number.", field=name)
