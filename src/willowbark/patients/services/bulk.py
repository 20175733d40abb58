"""Many patients at once, as an import brings them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.encryption.blind import blind_index, keyed_digest
from willowbark.foundation.encryption.keeping import keyring
from willowbark.foundation.encryption.keyring import Keyring
from willowbark.foundation.ids import uuid7
from willowbark.foundation.staging import Staging, columns_of, quoted
from willowbark.patients.core.continuity import Known, may_be_same
from willowbark.patients.core.details import IdentifierDetails, PatientDetails
from willowbark.patients.core.identifiers import is_sensitive, looked_up_as
from willowbark.patients.core.names import name_key
from willowbark.patients.models import Address, ContactPoint, Patient, PatientIdentifier
from willowbark.patients.selectors.numbers import carries, kept, number_index, opened

#: Where contact points go that a source no longer tells of: behind all others.
NO_LONGER_TOLD = 1000

_FIXED = frozenset(("id", "home_site_id", "linked_to", "source_key"))


class Outcome(StrEnum):
    """What became of one patient."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    OTHER_PERSON = "other_person"


@dataclass(frozen=True, slots=True)
class BulkPatient:
    """
    One person; `details.source_key` is set.

    `source_file` is the original that this was read from. `id`, `recorded_by` and `recorded_at` are made here
    when they are not given.
    """

    details: PatientDetails
    source_file: UUID | None = None
    id: UUID | None = None
    recorded_by: UUID | None = None
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredPatient:
    """Which row a source's patient has, and what happened to it; `OTHER_PERSON` names the row in the way."""

    source_key: UUID
    patient_id: UUID
    outcome: Outcome


@transaction.atomic
def store_patients(
    *, actor: Actor, patients: Sequence[BulkPatient], home_site_id: UUID
) -> list[StoredPatient]:
    """
    Add the patients that are new, and update those that their source has changed; no key may come twice.

    A key under which somebody with nothing in common stands already is not updated: two people must never
    become one record. Identifiers and addresses that a source no longer tells of stay; contact points move
    behind those that it does. Matching newcomers, logging and telling what happened are the caller's.

    Raises:
        Forbidden: the actor may not import.
        IntegrityError: the same key came twice.
    """
    require(actor, "record.import")
    if not patients:
        return []
    ids = known_patients([_key(patient) for patient in patients])
    before, ring = _known(list(ids.values())), keyring()
    outcomes: list[StoredPatient] = []
    new: list[tuple[UUID, BulkPatient]] = []
    changed: list[tuple[UUID, BulkPatient]] = []
    for patient in patients:
        key = _key(patient)
        if key not in ids:
            made = patient.id or uuid7()
            new.append((made, patient))
            outcomes.append(StoredPatient(key, made, Outcome.ADDED))
            continue
        row = before[ids[key]]
        outcome = _outcome(ring, row, patient.details)
        if outcome is Outcome.CHANGED:
            changed.append((ids[key], patient))
        outcomes.append(StoredPatient(key, ids[key], outcome))
    _claim_keys(new)
    _insert(actor, new, home_site_id)
    _update(actor, changed, home_site_id)
    _store_details([*new, *changed])
    return outcomes


def known_patients(source_keys: Sequence[UUID]) -> dict[UUID, UUID]:
    """Source key -> patient row, for those that are there; one statement."""
    if not source_keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT source_key, patient_id FROM patients_patientsource WHERE source_key = ANY (%s)",
            [list(source_keys)],
        )
        return dict(cursor.fetchall())


def patients_with_identifier(system: str, value: str) -> list[UUID]:
    """The rows that carry this number, at most two: one is an answer, two are none. '' is any system."""
    rows = PatientIdentifier.objects.filter(carries(system, value))
    return list(rows.order_by("patient_id").values_list("patient_id", flat=True).distinct()[:2])


def _key(patient: BulkPatient) -> UUID:
    key = patient.details.source_key
    if key is None:
        raise ValueError("a patient of an import has a source key")
    return key


@dataclass(frozen=True, slots=True)
class _Before:
    """What a known row says."""

    digest: bytes
    known: Known


def _known(patient_ids: Sequence[UUID]) -> dict[UUID, _Before]:
    """What the known rows say; two statements."""
    numbers: dict[UUID, set[tuple[str, str]]] = {}
    for row_id, patient_id, system, value, sealed in PatientIdentifier.objects.filter(
        patient__in=patient_ids
    ).values_list("id", "patient_id", "system", "value", "sealed"):
        numbers.setdefault(patient_id, set()).add((system, opened(patient_id, row_id, value, sealed)))
    rows = Patient.objects.filter(pk__in=patient_ids)
    return {
        row.pk: _Before(
            bytes(row.source_digest or b""),
            Known(row.family, row.given, row.birth_date, frozenset(numbers.get(row.pk, ()))),
        )
        for row in rows
    }


def _digest(ring: Keyring, details: PatientDetails) -> bytes | None:
    """What tells that a source says the same again: keyed, or the numbers in it could be found by trying."""
    if details.source_kind != "import" or details.source_digest is None:
        return details.source_digest
    return keyed_digest(ring, Patient._meta.db_table, details.source_digest)


def _outcome(ring: Keyring, before: _Before, details: PatientDetails) -> Outcome:
    if before.digest == _digest(ring, details):
        return Outcome.UNCHANGED
    numbers = frozenset((one.system, one.value) for one in details.identifiers)
    now = Known(details.family, details.given, details.birth_date, numbers)
    return Outcome.CHANGED if may_be_same(before.known, now) else Outcome.OTHER_PERSON


def _claim_keys(new: Sequence[tuple[UUID, BulkPatient]]) -> None:
    """Whoever else claims a key at the same time fails here, before there are two rows of one person."""
    if new:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO patients_patientsource (source_key, patient_id)"
                " SELECT * FROM unnest(%s::uuid[], %s::uuid[])",
                [[_key(patient) for _, patient in new], [row for row, _ in new]],
            )


def _insert(actor: Actor, new: Sequence[tuple[UUID, BulkPatient]], home_site_id: UUID) -> None:
    if not new:
        return
    columns = columns_of(Patient)
    staging = Staging("patient", columns)
    staging.fill(_rows(actor, new, home_site_id, [column.name for column in columns]))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO patients_patient ({quoted(columns)}) SELECT {quoted(columns)} FROM {staging.table}"  # noqa: S608 - our own names
        )


def _update(actor: Actor, changed: Sequence[tuple[UUID, BulkPatient]], home_site_id: UUID) -> None:
    if not changed:
        return
    columns = columns_of(Patient)
    staging = Staging("patient", columns)
    staging.fill(_rows(actor, changed, home_site_id, [column.name for column in columns]))
    assigned = ", ".join(f'"{one.name}" = s."{one.name}"' for one in columns if one.name not in _FIXED)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE patients_patient AS p SET {assigned} FROM {staging.table} s WHERE p.id = s.id"  # noqa: S608 - our own names
        )
        cursor.execute(
            "UPDATE patients_contactpoint SET rank = %s WHERE patient_id = ANY (%s) AND rank < %s",
            [NO_LONGER_TOLD, [row for row, _ in changed], NO_LONGER_TOLD],
        )


def _rows(
    actor: Actor, patients: Sequence[tuple[UUID, BulkPatient]], home_site_id: UUID, columns: Sequence[str]
) -> Iterator[list[Any]]:
    now, ring = clock.now(), keyring()
    for row, patient in patients:
        details = patient.details
        values = {
            "source_digest": _digest(ring, details),
            "id": row,
            "home_site_id": home_site_id,
            "linked_to": None,
            "recorded_by_id": patient.recorded_by or actor.user_id,
            "recorded_at": patient.recorded_at or now,
            "source_file": patient.source_file or details.source_file,
            "is_deceased": details.is_deceased or details.deceased_at is not None,
            "name_key": name_key(details.family, details.given),
        }
        yield [values[name] if name in values else getattr(details, name) for name in columns]


def _store_details(patients: Sequence[tuple[UUID, BulkPatient]]) -> None:
    """Identifiers, contact points and addresses: what is there already is not added again."""
    people = [(row, patient.details) for row, patient in patients]
    _add(
        PatientIdentifier,
        ("id", "patient_id", "system", "value", "sealed", "blind_index", "type_code"),
        list(_numbers(people)),
        "(patient_id, system, value, blind_index) DO UPDATE SET type_code = excluded.type_code"
        " WHERE t.type_code <> excluded.type_code",
    )
    _add(
        ContactPoint,
        ("id", "patient_id", "system", "value", "use", "rank"),
        [
            (uuid7(), row, one.system, one.value, one.use, one.rank)
            for row, who in people
            for one in who.contacts
        ],
        '(patient_id, system, value) DO UPDATE SET "use" = excluded."use", rank = excluded.rank',
    )
    parts = ("use", "line", "city", "district", "state", "postal_code", "country")
    _add(
        Address,
        ("id", "patient_id", *parts),
        [
            (uuid7(), row, *(getattr(one, part) for part in parts))
            for row, who in people
            for one in who.addresses
        ],
        "(patient_id, line, postal_code, city) DO NOTHING",
    )


def _numbers(people: Sequence[tuple[UUID, PatientDetails]]) -> Iterator[tuple[Any, ...]]:
    """
    Rows of identifiers; a sensitive number that is written in two ways is one.

    Once a number is typed as sensitive, what stands there of it in the clear is sealed; and a sealed one gets
    no plain copy from whoever leaves its type out.
    """
    ring = keyring()
    sealed, plain = _standing([patient_id for patient_id, _ in people])
    for patient_id, who in people:
        same: dict[tuple[str, str], list[IdentifierDetails]] = {}
        for one in who.identifiers:
            same.setdefault((one.system, looked_up_as(one.value)), []).append(one)
        for (system, digits), numbers in same.items():
            known = sealed.get((patient_id, system), set())
            sensitive = [one for one in numbers if is_sensitive(one.type_code, system)]
            if sensitive:
                numbers = sensitive[:1]
                standing = plain.get((patient_id, system, digits), [])
                _seal_standing(ring, patient_id, sensitive[0], standing, known)
            elif known and number_index(ring, system, digits) in known:
                continue
            for value, type_code in {one.value: one.type_code for one in reversed(numbers)}.items():
                row_id = uuid7()
                number = kept(ring, patient_id, row_id, system=system, value=value, type_code=type_code)
                yield row_id, patient_id, system, *astuple(number), type_code


def _seal_standing(
    ring: Keyring,
    patient_id: UUID,
    told: IdentifierDetails,
    standing: Sequence[tuple[UUID, str]],
    known: Collection[str],
) -> None:
    """Seal plain rows of a number in their places: no row of a patient is ever deleted."""
    is_found = number_index(ring, told.system, told.value) in known
    for row_id, value in standing:
        number = kept(ring, patient_id, row_id, system=told.system, value=value, type_code=told.type_code)
        # A number is found by one row; a second spelling is kept under an index that nobody looks up.
        index = blind_index(ring, told.system, f"spelt {value}") if is_found else number.blind_index
        PatientIdentifier.objects.filter(patient=patient_id, pk=row_id).update(
            value="", sealed=number.sealed, blind_index=index, type_code=told.type_code
        )
        is_found = True


def _standing(
    patient_ids: Sequence[UUID],
) -> tuple[dict[tuple[UUID, str], set[str]], dict[tuple[UUID, str, str], list[tuple[UUID, str]]]]:
    """What is kept: indexes of sealed numbers by patient and system, and plain rows by what they read as."""
    sealed: dict[tuple[UUID, str], set[str]] = {}
    plain: dict[tuple[UUID, str, str], list[tuple[UUID, str]]] = {}
    rows = PatientIdentifier.objects.filter(patient__in=patient_ids).order_by("id")
    for row_id, patient_id, system, value, index in rows.values_list(
        "id", "patient_id", "system", "value", "blind_index"
    ):
        if index:
            sealed.setdefault((patient_id, system), set()).add(index)
        else:
            plain.setdefault((patient_id, system, looked_up_as(value)), []).append((row_id, value))
    return sealed, plain


def _add(
    model: type[PatientIdentifier | ContactPoint | Address],
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    on_conflict: str,
) -> None:
    if not rows:
        return
    chosen = [one for one in columns_of(model) if one.name in columns]
    order = [columns.index(one.name) for one in chosen]
    table = model._meta.db_table
    staging = Staging(table, chosen)
    staging.fill([row[number] for number in order] for row in rows)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS t ({quoted(chosen)}) SELECT {quoted(chosen)} FROM {staging.table}"  # noqa: S608 - our own names
            f" ON CONFLICT {on_conflict}"
        )
