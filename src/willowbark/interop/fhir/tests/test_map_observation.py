"""Findings: every kind of value, exact to the digit."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.interop.fhir.core.problems import Refused
from willowbark.interop.fhir.tests.shapes import concept, encoded, entry_of, mapped, resource

UCUM = "http://unitsofmeasure.org"


def observation(**fields):
    return resource("Observation", **fields)


def with_value(number: str) -> bytes:
    """An observation whose number is written exactly so."""
    marked = encoded(
        observation(valueQuantity={"value": "NUMBER", "unit": "cm", "code": "cm", "system": UCUM})
    )
    return marked.replace(b'"NUMBER"', number.encode())


@pytest.mark.parametrize(
    "written",
    [
        "7.10",
        "160.4692076211096",
        "0.1",
        "-0.50",
        "120",
        "1E-7",
        "0",
        "0.00",
        "123456789012345678901234567890.123",
    ],
)
def test_a_number_keeps_every_digit(written):
    entry = entry_of(with_value(written))

    assert entry.value.as_tuple() == Decimal(written).as_tuple()
    assert (entry.unit, entry.unit_text) == ("cm", "cm")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**20), max_value=10**20))
def test_any_measured_number_keeps_every_digit(number):
    assert entry_of(with_value(f"{number:f}")).value.as_tuple() == Decimal(f"{number:f}").as_tuple()


@pytest.mark.parametrize("written", ["1E+999999", "1e31", "-9e40", "1" + "0" * 40, "0." + "1" * 41, "1E-400"])
def test_numbers_beyond_any_measurement_are_refused(written):
    with pytest.raises(Refused, match=r"valueQuantity\.value .* is beyond any measurement"):
        entry_of(with_value(written))


@pytest.mark.parametrize("written", ['"7.1"', "true", "[7]", '"NaN"', "{}"])
def test_what_is_no_number_is_refused(written):
    with pytest.raises(Refused, match=r"valueQuantity\.value: expected a number"):
        entry_of(with_value(written))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {
                "valueQuantity": {
                    "value": 5,
                    "comparator": "<",
                    "unit": "mg/dL",
                    "code": "mg/dL",
                    "system": UCUM,
                }
            },
            {"value": Decimal(5), "value_comparator": "<", "unit": "mg/dL", "unit_text": "mg/dL"},
        ),
        (
            {"valueQuantity": {"value": 5, "code": "TAB", "system": "http://other.example"}},
            {"value": Decimal(5), "unit": "", "unit_text": "TAB"},
        ),
        (
            {"valueQuantity": {"value": 5, "unit": "breaths"}},
            {"value": Decimal(5), "unit": "", "unit_text": "breaths"},
        ),
        (
            {"valueCodeableConcept": concept("8517006", "Former smoker", "http://snomed.info/sct")},
            {
                "value": None,
                "value_code": "8517006",
                "value_code_system": "http://snomed.info/sct",
                "value_text": "Former smoker",
            },
        ),
        ({"valueCodeableConcept": {"text": "clear"}}, {"value_code": "", "value_text": "clear"}),
        ({"valueString": "Escherichia coli"}, {"value": None, "value_text": "Escherichia coli"}),
        ({"valueBoolean": True}, {"value_text": "Yes"}),
        ({"valueBoolean": False}, {"value_text": "No"}),
        ({"valueInteger": 6}, {"value": Decimal(6), "value_text": ""}),
        (
            {"valueRange": {"low": {"value": 12, "unit": "g"}, "high": {"value": 15.5, "unit": "g"}}},
            {"value_text": "12 - 15.5 g"},
        ),
        ({"valueRange": {"low": {"value": 12, "unit": "g"}}}, {"value_text": "at least 12 g"}),
        ({"valueRange": {"high": {"value": 12}}}, {"value_text": "at most 12"}),
        (
            {"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}},
            {"value_text": "1 : 128"},
        ),
        (
            {
                "valueRatio": {
                    "numerator": {"value": 5, "unit": "mg"},
                    "denominator": {"value": 1, "unit": "mL"},
                }
            },
            {"value_text": "5 mg / 1 mL"},
        ),
        (
            {
                "valueSampledData": {
                    "origin": {"value": 0, "unit": "mV", "code": "mV"},
                    "period": 10,
                    "dimensions": 1,
                    "data": "1 2 E 4",
                }
            },
            {"value_text": "Series of 4 measurements in mV"},
        ),
        ({"valueDateTime": "2020-01-02"}, {"value_text": "2020-01-02"}),
        ({"valueTime": "08:30:00"}, {"value_text": "08:30:00"}),
        ({"valuePeriod": {"start": "2020", "end": "2021"}}, {"value_text": "2020 to 2021"}),
        (
            {"dataAbsentReason": {"coding": [{"code": "unknown", "display": "Unknown"}]}},
            {"value": None, "value_text": "No value: Unknown"},
        ),
        ({}, {"value": None, "value_text": ""}),
    ],
)
def test_every_kind_of_value(fields, expected):
    entry = entry_of(observation(**fields))

    assert {name: getattr(entry, name) for name in expected} == expected


def test_a_panel_and_its_parts():
    made = mapped(
        observation(
            id="bp",
            code=concept("85354-9", "Blood pressure"),
            effectiveDateTime="2020-01-02T08:00:00+02:00",
            encounter={"reference": "Encounter/e1"},
            component=[
                {"code": concept("8480-6", "Systolic"), "valueQuantity": {"value": 120, "code": "mm[Hg]"}},
                {"code": concept("8462-4", "Diastolic"), "valueQuantity": {"value": 80, "code": "mm[Hg]"}},
            ],
        )
    )
    whole, systolic, diastolic = made.rows

    assert [row.entry.text for row in made.rows] == ["Blood pressure", "Systolic", "Diastolic"]
    assert whole.parent_key is None
    assert systolic.parent_key == diastolic.parent_key == whole.entry.source_key
    assert len({row.entry.source_key for row in made.rows}) == 3
    assert len({row.encounter_key for row in made.rows}) == 1
    assert {row.entry.effective_at for row in made.rows} == {datetime(2020, 1, 2, 6, tzinfo=UTC)}
    assert {row.entry.source_digest for row in made.rows} == {whole.entry.source_digest}


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        (
            [{"low": {"value": 3.8, "code": "cm"}, "high": {"value": 5.0, "code": "cm"}}],
            (Decimal("3.8"), Decimal("5.0"), ""),
        ),
        ([{"high": {"value": 5, "code": "cm"}, "text": "up to 5"}], (None, Decimal(5), "up to 5")),
        ([{"text": "negative"}], (None, None, "negative")),
        ([{"low": {"value": 38, "code": "mm", "unit": "mm"}}], (None, None, "38 mm - no limit")),
        (
            [{"low": {"value": 9, "code": "cm"}, "high": {"value": 5, "code": "cm"}, "text": "9-5"}],
            (None, None, "9-5"),
        ),
        (
            [{"type": {"coding": [{"code": "treatment"}]}, "text": "other"}, {"text": "usual"}],
            (None, None, "usual"),
        ),
    ],
)
def test_reference_ranges(ranges, expected):
    entry = entry_of(observation(valueQuantity={"value": 4, "code": "cm"}, referenceRange=ranges))

    assert (entry.reference_low, entry.reference_high, entry.reference_text) == expected


def test_interpretation_category_and_when():
    entry = entry_of(
        observation(
            interpretation=[{"coding": [{"code": "H"}]}, {"coding": [{"code": "A"}]}],
            category=[{"coding": [{"code": "laboratory", "display": "Laboratory"}]}],
            effectivePeriod={"start": "2020-05"},
            issued="2020-06-01T00:00:00Z",
            performer=[{"reference": "Practitioner/9"}, {"display": "Acme Lab"}],
        )
    )

    assert (entry.interpretation, entry.category, entry.author_name) == ("H A", "laboratory", "Acme Lab")
    assert (entry.effective_at.isoformat(), entry.effective_precision) == (
        "2020-05-01T00:00:00+00:00",
        "month",
    )


def test_what_its_source_withdrew_does_not_hold():
    assert entry_of(observation(status="entered-in-error")).void_reason
    assert not entry_of(observation(status="final")).void_reason


@pytest.mark.parametrize(
    ("fields", "reason", "says"),
    [
        ({"subject": None}, "missing", "subject is missing"),
        ({"subject": {"display": "Amy"}}, "missing", "subject names nobody"),
        ({"subject": {"reference": "urn:oid:1.2"}}, "unknown_patient", "subject leads to"),
        ({"subject": "Patient/p1"}, "wrong_type", "subject: expected an object, found text"),
        ({"code": None}, "missing", "code is missing"),
        ({"code": {"coding": []}}, "missing", "code is missing"),
        ({"status": "fnal"}, "unknown_code", "status 'fnal' is none of"),
        ({"effectiveDateTime": "2999-01-01"}, "date", 'effectiveDateTime "2999-01-01" lies in the future'),
        ({"effectiveDateTime": "0001-01-01"}, "date", "before 1850"),
        ({"effectiveDateTime": "2020-01-02T08:00:00"}, "date", "offset"),
        ({"valueString": "x" * 100_001}, "too_long", "100,001 characters long; the bound is 100,000"),
        ({"code": concept("x" * 101)}, "too_long", "code.coding.code"),
        ({"valueQuantity": {"value": 1, "comparator": "~"}}, "unknown_code", "comparator"),
        ({"valueInteger": 10**30}, "number", "beyond any measurement"),
        ({"component": [{"valueString": "x"}]}, "missing", r"component\[0\]\.code is missing"),
        (
            {"component": [{"code": concept(), "modifierExtension": [{"url": "x"}]}]},
            "modifier",
            r"component\[0\]",
        ),
        ({"component": {}}, "wrong_type", "component: expected a list"),
    ],
)
def test_refusals_say_what_and_where(fields, reason, says):
    with pytest.raises(Refused, match=says) as refusal:
        mapped(observation(**fields))

    assert refusal.value.reason == reason


def test_a_finding_about_something_else_than_a_patient_is_kept_beside():
    made = mapped(observation(subject={"reference": "Device/d1"}))

    assert made.owner is None
    assert made.rows == ()
