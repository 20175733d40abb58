"""What is known of patient rows, as matching compares it: a fixed number of statements however many rows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from willowbark.patients.core.matching import Person
from willowbark.patients.selectors.numbers import opened

_PERSONS = """
SELECT id, given, family, birth_date, birth_date_precision, sex
FROM patients_patient WHERE id = ANY (%s) ORDER BY id
"""
# Somebody's present home: an address that is not an old one, a home rather than a work place, the newest.
_ADDRESSES = """
SELECT DISTINCT ON (patient_id) patient_id, line, city, postal_code, state
FROM patients_address WHERE patient_id = ANY (%s)
ORDER BY patient_id, use = 'old', use NOT IN ('home', ''), id DESC
"""
_CONTACTS = """
SELECT patient_id, system, value FROM patients_contactpoint
WHERE patient_id = ANY (%s) ORDER BY patient_id, rank, id
"""
_IDENTIFIERS = """
SELECT id, patient_id, system, value, sealed FROM patients_patientidentifier
WHERE patient_id = ANY (%s) ORDER BY patient_id, system, value, blind_index
"""
_TELEPHONES = ("phone", "sms")


def fetched(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Return all rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _birth_date(day: date | None, precision: str) -> str:
    return day.isoformat()[: {"year": 4, "month": 7}.get(precision, 10)] if day else ""


def load_persons(patient_ids: Collection[UUID]) -> list[Person]:
    """Return the patients as persons to be matched, in the order of their ids; four statements."""
    ids = list(patient_ids)
    addresses = {row[0]: row[1:] for row in fetched(_ADDRESSES, ids)}
    phones: dict[UUID, list[str]] = {}
    emails: dict[UUID, list[str]] = {}
    for patient_id, system, value in fetched(_CONTACTS, ids):
        if system in _TELEPHONES:
            phones.setdefault(patient_id, []).append(value)
        elif system == "email":
            emails.setdefault(patient_id, []).append(value)
    identifiers: dict[UUID, dict[str, tuple[str, ...]]] = {}
    sensitive: dict[UUID, frozenset[str]] = {}
    for row_id, patient_id, system, value, sealed in fetched(_IDENTIFIERS, ids):
        held = identifiers.setdefault(patient_id, {})
        held[system] = (*held.get(system, ()), opened(patient_id, row_id, value, sealed))
        if sealed is not None:
            sensitive[patient_id] = sensitive.get(patient_id, frozenset()) | {system}
    persons = []
    for patient_id, given, family, birth_date, precision, sex in fetched(_PERSONS, ids):
        line, city, postal_code, state = addresses.get(patient_id, ("", "", "", ""))
        persons.append(
            Person(
                key=str(patient_id),
                given=given,
                family=family,
                birth_date=_birth_date(birth_date, precision),
                sex=sex,
                lines=tuple(line.splitlines()),
                city=city,
                postal_code=postal_code,
                state=state,
                phones=tuple(phones.get(patient_id, ())),
                emails=tuple(emails.get(patient_id, ())),
                identifiers=identifiers.get(patient_id, {}),
                sensitive=sensitive.get(patient_id, frozenset()),
            )
        )
    return persons
