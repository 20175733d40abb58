"""Patients: which name, which numbers, which dates."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from willowbark.interop.fhir.core.problems import Refused
from willowbark.interop.fhir.tests.shapes import mapped_patient, patient


def details(**fields):
    return mapped_patient(patient(**fields)).details


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([{"family": "A", "use": "usual"}, {"family": "B", "use": "official"}], ("B", "", "")),
        ([{"family": "A", "use": "old"}, {"family": "B"}], ("B", "", "")),
        ([{"family": "A", "use": "maiden"}, {"family": "B", "use": "nickname"}], ("B", "", "")),
        (
            [{"family": "A", "use": "official", "period": {"end": "2020-01-01"}}, {"family": "B"}],
            ("B", "", ""),
        ),
        ([{"family": "A", "use": "official", "period": {"end": "2999"}}, {"family": "B"}], ("A", "", "")),
        (
            [{"family": " O'Hara ", "given": ["Mary", " Ann "], "prefix": ["Dr."]}],
            ("O'Hara", "Mary Ann", "Dr."),
        ),
        ([{"given": ["Prince"]}], ("Prince", "", "")),
        ([{"text": "Amy Shaw"}], ("Amy Shaw", "", "")),
        ([{"given": [None, "Amy"], "family": "Shaw"}], ("Shaw", "Amy", "")),
        ([{"use": "official"}, {"family": "B", "use": "old"}], ("B", "", "")),
        ([], ("(no name given)", "", "")),
    ],
)
def test_the_name_of_today(names, expected):
    found = details(name=names)

    assert (found.family, found.given, found.prefix) == expected


def test_someone_without_a_name_goes_in_with_a_warning():
    assert mapped_patient(patient(name=None)).warnings == ("name is missing",)


def test_identifiers_keep_their_types_and_come_once():
    found = details(
        identifier=[
            {"type": {"coding": [{"code": "MR"}]}, "system": "http://a.example", "value": " 12 "},
            {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-55-2827"},
            {
                "type": {"coding": [{"code": "DL"}]},
                "system": "urn:oid:2.16.840.1.113883.4.3.25",
                "value": "S9",
            },
            {"system": "http://a.example", "value": "12"},
            {"system": "http://a.example"},
        ]
    )

    assert [(one.system, one.value, one.type_code) for one in found.identifiers] == [
        ("http://a.example", "12", "MR"),
        ("http://hl7.org/fhir/sid/us-ssn", "999-55-2827", "SS"),
        ("urn:oid:2.16.840.1.113883.4.3.25", "S9", "DL"),
    ]


@pytest.mark.parametrize(
    ("written", "day", "precision"),
    [
        ("1987", date(1987, 1, 1), "year"),
        ("1987-02", date(1987, 2, 1), "month"),
        ("1987-02-20", date(1987, 2, 20), "day"),
    ],
)
def test_a_birth_date_is_as_exact_as_it_is_known(written, day, precision):
    found = details(birthDate=written)

    assert (found.birth_date, found.birth_date_precision) == (day, precision)


@pytest.mark.parametrize(
    ("fields", "sex"),
    [
        ({"gender": "male"}, "male"),
        ({"gender": "other"}, "other"),
        ({"gender": None}, "unknown"),
        (
            {
                "gender": None,
                "extension": [
                    {
                        "url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex",
                        "valueCode": "F",
                    }
                ],
            },
            "female",
        ),
        (
            {
                "gender": "unknown",
                "extension": [
                    {
                        "url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-individual-sex",
                        "valueCoding": {"code": "248153007"},
                    }
                ],
            },
            "male",
        ),
        (
            {
                "gender": "male",
                "extension": [
                    {
                        "url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex",
                        "valueCode": "F",
                    }
                ],
            },
            "male",
        ),
    ],
)
def test_sex(fields, sex):
    assert details(**fields).sex == sex


def test_contacts_and_addresses():
    found = details(
        telecom=[
            {"system": "phone", "value": "555-0100", "use": "home", "rank": 2},
            {"system": "email", "value": " a@example.org "},
            {"system": "phone", "value": "555-0100"},
            {"system": "phone", "value": "555-0199", "period": {"end": "2001"}},
            {"system": "phone"},
        ],
        address=[
            {"line": ["49 Meadow St", "Apt 2"], "city": "Mounds", "state": "OK", "postalCode": "74047"},
            {"text": "By the river"},
            {"use": "home"},
        ],
        communication=[
            {"language": {"coding": [{"code": "en"}]}},
            {"language": {"coding": [{"code": "es"}]}, "preferred": True},
        ],
    )

    assert [(one.system, one.value, one.use, one.rank) for one in found.contacts] == [
        ("phone", "555-0100", "home", 2),
        ("email", "a@example.org", "", 2),
    ]
    assert [(one.line, one.city, one.postal_code) for one in found.addresses] == [
        ("49 Meadow St\nApt 2", "Mounds", "74047"),
        ("By the river", "", ""),
    ]
    assert found.language == "es"


def test_death():
    assert details(deceasedDateTime="2022-07-22").deceased_at == datetime(2022, 7, 22, tzinfo=UTC)
    assert details(deceasedDateTime="2022-07-22").is_deceased
    died = mapped_patient(patient(deceasedBoolean=True))
    assert (died.details.is_deceased, died.details.deceased_at) == (True, None)
    assert died.warnings
    assert not details(deceasedBoolean=False).is_deceased
    assert not mapped_patient(patient(deceasedBoolean=False)).warnings


@pytest.mark.parametrize(
    ("fields", "reason", "says"),
    [
        ({"birthDate": "2999-01-01"}, "date", 'birthDate "2999-01-01" lies in the future'),
        ({"birthDate": "0001-01-01"}, "date", 'birthDate "0001-01-01" lies before 1850'),
        ({"birthDate": "1987-02-30"}, "date", "birthDate '1987-02-30' is not a possible date"),
        ({"birthDate": "20.02.1987"}, "date", "is not a date"),
        ({"birthDate": 1987}, "wrong_type", "birthDate: expected text, found a whole number"),
        ({"birthDate": "1987-02-20T10:00:00Z"}, "date", "has a time"),
        ({"deceasedDateTime": "1950"}, "date", "lies before birthDate"),
        ({"gender": "F"}, "unknown_code", "gender 'F' is none of female, male, other, unknown"),
        (
            {"name": [{"family": "x" * 201}]},
            "too_long",
            r"name\[0\].family is 201 characters long; the bound is 200",
        ),
        ({"name": {"family": "x"}}, "wrong_type", "name: expected a list, found an object"),
        ({"name": [{"family": 5}]}, "wrong_type", r"name\[0\]\.family: expected text"),
        ({"identifier": [{"value": "1" * 201}]}, "too_long", "identifier"),
        ({"telecom": [{"system": "pigeon", "value": "x"}]}, "unknown_code", "pigeon"),
        ({"modifierExtension": [{"url": "x"}]}, "modifier", "a person must read it"),
    ],
)
def test_refusals_say_what_and_where(fields, reason, says):
    with pytest.raises(Refused, match=says) as refusal:
        details(**fields)

    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", "Robert'); DROP TABLE students;--", "{{ 7*7 }}", "Ω 王 \u202e", "%s %(x)s"],
)
def test_names_stay_what_they_are(name):
    assert details(name=[{"family": name, "given": [name]}]).family == name.strip()
