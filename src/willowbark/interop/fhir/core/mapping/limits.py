"""How long texts may be, and which numbers and dates are believed. The columns of the record hold as much."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

#: Characters that fit a column, by its name; the same in every table that has it.
CHARACTERS: dict[str, int] = {
    "code_system": 200,
    "code": 100,
    "text": 1000,
    "author_name": 200,
    "status": 20,
    "class_code": 20,
    "reason_text": 1000,
    "practitioner_name": 200,
    "place_name": 200,
    "clinical_status": 20,
    "verification_status": 20,
    "category": 60,
    "value_comparator": 2,
    "unit": 60,
    "unit_text": 60,
    "value_code_system": 200,
    "value_code": 100,
    "value_text": 100_000,
    "reference_text": 300,
    "interpretation": 40,
    "intent": 20,
    "dosage_text": 1000,
    "dose_unit": 60,
    "criticality": 20,
    "reaction_text": 1000,
    "severity": 20,
    "lot_number": 60,
    "content_type": 100,
    "url": 1000,
    "conclusion": 100_000,
    "body": 1_000_000,
    "void_reason": 300,
}

#: Characters that fit a column of the patient's own tables, as `table.column`.
IDENTITY_CHARACTERS: dict[str, int] = {
    "patient.family": 200,
    "patient.given": 200,
    "patient.prefix": 40,
    "patient.language": 35,
    "identifier.system": 300,
    "identifier.value": 200,
    "identifier.type_code": 20,
    "contact.value": 254,
    "contact.use": 10,
    "address.use": 10,
    "address.line": 400,
    "address.city": 120,
    "address.district": 120,
    "address.state": 80,
    "address.postal_code": 20,
    "address.country": 60,
}

#: Nothing that a living person's record tells happened before this.
EARLIEST = datetime(1850, 1, 1, tzinfo=UTC)

#: Clocks and time zones differ by less than this.
CLOCK_SKEW = timedelta(days=1)

#: What is planned lies at most this far ahead.
HORIZON = timedelta(days=366 * 50)

#: A measured number has no more digits, and its first digit stands no further from the point.
MOST_DIGITS = 40
MOST_PLACES = 30
