"""Whatever a file says, a mapping gives entries that fit, or refuses in words."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from willowbark.interop.fhir.core.mapping.limits import CHARACTERS
from willowbark.interop.fhir.core.mapping.registry import ENTRY_TYPES
from willowbark.interop.fhir.tests.shapes import mapped, mapped_patient, patient, refusal_of, resource
from willowbark.record.core.entries import ENTRY_KINDS

# Names that mean something somewhere in FHIR, so that arbitrary values land where they are read.
NAMES = [
    "status",
    "class",
    "type",
    "subject",
    "patient",
    "encounter",
    "period",
    "start",
    "end",
    "code",
    "coding",
    "system",
    "display",
    "text",
    "value",
    "unit",
    "valueQuantity",
    "valueCodeableConcept",
    "valueString",
    "valueRatio",
    "valueRange",
    "component",
    "referenceRange",
    "low",
    "high",
    "effectiveDateTime",
    "onsetDateTime",
    "reference",
    "identifier",
    "name",
    "family",
    "given",
    "use",
    "telecom",
    "rank",
    "address",
    "line",
    "dosageInstruction",
    "timing",
    "repeat",
    "frequency",
    "periodUnit",
    "doseAndRate",
    "doseQuantity",
    "asNeededBoolean",
    "reaction",
    "manifestation",
    "severity",
    "category",
    "content",
    "attachment",
    "data",
    "contentType",
    "presentedForm",
    "contained",
    "id",
    "participant",
    "individual",
    "actor",
    "birthDate",
    "gender",
    "extension",
    "url",
    "valueCode",
    "medicationReference",
    "context",
]

texts = st.sampled_from(
    [
        "",
        "x",
        "final",
        "2020-01-01",
        "0001-01-01",
        "2999",
        "Patient/p1",
        "#x",
        "urn:uuid:x",
        "http://loinc.org",
        "d",
        "\u202e",
    ]
) | st.text(max_size=6)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=15,
)


def check_fits(entry) -> None:
    """Every text within its column, every date aware, every number finite."""
    for field in dataclasses.fields(entry):
        value = getattr(entry, field.name)
        if isinstance(value, str) and field.name in CHARACTERS:
            assert len(value) <= CHARACTERS[field.name]
            assert "\0" not in value
        elif isinstance(value, datetime):
            assert value.tzinfo is UTC
        elif isinstance(value, Decimal):
            assert value.is_finite()
    assert bool(entry.effective_at) == bool(entry.effective_precision)
    assert entry.source_key is not None
    assert len(entry.source_digest) == 32
    assert entry.text


@pytest.mark.parametrize("type_", [*sorted(ENTRY_TYPES), "Claim", "Provenance", "Appointment"])
@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(NAMES), anything, max_size=5))
def test_no_resource_whatever_raises_anything_but_a_refusal(type_, fields):
    value = resource(type_) | fields | {"id": "r1"}

    def check() -> None:
        for row in mapped(value).rows:
            check_fits(row.entry)

    refusal_of(check)


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(NAMES), anything, max_size=5))
def test_no_patient_whatever_raises_anything_but_a_refusal(fields):
    refusal_of(lambda: mapped_patient(patient() | fields | {"id": "p1"}))


@pytest.mark.parametrize("type_", sorted(ENTRY_TYPES))
def test_the_least_of_each_type_maps(type_):
    made = mapped(resource(type_))

    assert not made.warnings
    for row in made.rows:
        check_fits(row.entry)
        assert ENTRY_KINDS[row.entry.KIND] is type(row.entry)


@pytest.mark.parametrize("type_", sorted(ENTRY_TYPES))
@pytest.mark.parametrize(
    "text", ["<img src=x onerror=alert(1)>", "'; DROP TABLE record_note; --", "{{7*7}}", "%s"]
)
def test_markup_and_sql_stay_plain_text(type_, text):
    field = {
        "AllergyIntolerance": "code",
        "Immunization": "vaccineCode",
        "Encounter": "serviceType",
        "DocumentReference": "type",
    }.get(type_, "medicationCodeableConcept" if type_.startswith("Medication") else "code")

    assert mapped(resource(type_, **{field: {"text": text}})).rows[0].entry.text == text
