"""
The numbers by which systems know a patient: the sensitive ones are sealed, and opened here alone.

They go in by `kept`; each is shown masked, until somebody asks for it, which is logged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Q

from willowbark.foundation.authorisation import Actor
from willowbark.foundation.encryption.blind import blind_index
from willowbark.foundation.encryption.columns import SealedColumn
from willowbark.foundation.encryption.errors import EncryptionProblem
from willowbark.foundation.encryption.keeping import keyring
from willowbark.foundation.encryption.keyring import Keyring
from willowbark.foundation.encryption.sealing import seal, unseal
from willowbark.kernel.errors import NotFound
from willowbark.patients.core.identifiers import is_sensitive, looked_up_as, masked
from willowbark.patients.models import PatientIdentifier
from willowbark.patients.selectors.reach import open_record

SEALED = SealedColumn("patients_patientidentifier", "sealed")


@dataclass(frozen=True, slots=True)
class Kept:
    """A number as its row keeps it: `value` alone, or `sealed` with its `blind_index`."""

    value: str
    sealed: bytes | None = None
    blind_index: str = ""


def kept(ring: Keyring, patient_id: UUID, row_id: UUID, *, system: str, value: str, type_code: str) -> Kept:
    """How the row `row_id` of this patient keeps a number."""
    if not is_sensitive(type_code, system):
        return Kept(value)
    sealed = seal(ring, SEALED.place(row_id, patient_id), value.encode())
    return Kept("", sealed, number_index(ring, system, value))


def number_index(ring: Keyring, system: str, value: str) -> str:
    """What a sealed number of `system` is found by, however it is written."""
    return blind_index(ring, system, looked_up_as(value))


def opened(patient_id: UUID, row_id: UUID, value: str, sealed: bytes | memoryview | None) -> str:
    """
    The number that a row keeps.

    Raises:
        EncryptionProblem: it is sealed, and cannot be opened.
    """
    if sealed is None:
        return value
    return unseal(keyring(), SEALED.place(row_id, patient_id), bytes(sealed)).decode()


@dataclass(frozen=True, slots=True)
class Number:
    """
    A number as pages show it.

    `is_masked` when there is more to it than `value`; `is_unreadable` when nobody can open it now.
    """

    id: UUID
    patient_id: UUID
    type_code: str
    system: str
    value: str
    is_masked: bool
    is_unreadable: bool = False


def numbers_of(patient_ids: Collection[UUID]) -> list[Number]:
    """
    The numbers of an open record, sensitive ones masked; one statement.

    One that cannot be opened is shown as such: a chart does not close for a number. One that came in several
    spellings before anybody said that it is sensitive is shown once, in the row by which it is found. The
    caller has logged that the record was read.
    """
    rows = PatientIdentifier.objects.filter(patient__in=patient_ids).order_by(
        "system", "value", "blind_index", "id"
    )
    return [_shown(row, value) for row, value in _once(rows)]


def _shown(row: PatientIdentifier, value: str | None) -> Number:
    kept_as = (row.pk, row.patient_id, row.type_code, row.system)
    if row.sealed is None:
        return Number(*kept_as, row.value, is_masked=False)
    return Number(*kept_as, masked(value or ""), is_masked=True, is_unreadable=value is None)


def _once(rows: Iterable[PatientIdentifier]) -> Iterator[tuple[PatientIdentifier, str | None]]:
    """Rows with their numbers, None of those that cannot be opened; of several spellings of one, one."""
    opened_rows = [(row, _readable(row)) for row in rows]
    found = {
        (row.patient_id, row.system, looked_up_as(value))
        for row, value in opened_rows
        if row.sealed is not None and value is not None and _is_found_by(row, value)
    }
    for row, value in opened_rows:
        is_spelling = row.sealed is not None and value is not None and not _is_found_by(row, value)
        if is_spelling and (row.patient_id, row.system, looked_up_as(value or "")) in found:
            continue
        yield row, value


def _readable(row: PatientIdentifier) -> str | None:
    try:
        return _value_of(row)
    except EncryptionProblem:
        return None


def _is_found_by(row: PatientIdentifier, value: str) -> bool:
    return row.blind_index == number_index(keyring(), row.system, value)


def numbers_in_full(patient_ids: Collection[UUID]) -> list[tuple[str, str, str]]:
    """
    (system, value, type) of every number, for what leaves the practice whole, such as a patient's own export.

    One statement. The caller has logged that everything was read.
    """
    rows = PatientIdentifier.objects.filter(patient__in=patient_ids).order_by("system", "type_code", "id")
    return [(row.system, _value_of(row), row.type_code) for row in rows]


def show_number(actor: Actor, patient_id: UUID, number_id: UUID) -> Number:
    """
    One number in full, for who keeps patients' details; that it was shown is logged.

    Raises:
        Forbidden: the actor may write no patients.
        NotFound: no such number, or not of a patient within reach.
    """
    record = open_record(
        actor, patient_id, "patients.write", action="patients.number_shown", subject=str(number_id)
    )
    row = PatientIdentifier.objects.filter(patient__in=record.patient_ids, pk=number_id).first()
    if row is None:
        raise NotFound("number")
    return Number(row.pk, row.patient_id, row.type_code, row.system, _value_of(row), is_masked=False)


def _value_of(row: PatientIdentifier) -> str:
    return opened(row.patient_id, row.pk, row.value, row.sealed)


def carries(system: str, value: str) -> Q:
    """Rows that hold this number, plain or sealed; '' is any system."""
    if system:
        return Q(system=system) & (Q(value=value) | Q(blind_index=number_index(keyring(), system, value)))
    sealed = Q()
    for known, index in indexes_of([value]):
        sealed |= Q(system=known, blind_index=index)
    return Q(value=value) | sealed if sealed else Q(value=value)


def indexes_of(values: Sequence[str]) -> list[tuple[str, str]]:
    """
    (system, blind index) of each value in turn, for every system whose numbers are sealed; one statement.

    Nobody types which system a number is of.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT willow_sealed_systems()")
        systems = [system for (system,) in cursor.fetchall()]
    if not systems:
        return []
    ring = keyring()
    return [(system, number_index(ring, system, value)) for value in values for system in systems]
