from __future__ import annotations

import pytest

from willowbark.patients.core.identifiers import for_lists, is_sensitive

SSN = ("SS", "123-45-6789", "http://hl7.org/fhir/sid/us-ssn")
LICENCE = ("DL", "S99", "urn:oid:2.16.840.1.113883.4.3.25")
PASSPORT = ("PPN", "X1", "http://standardhealthrecord.org/fhir/StructureDefinition/passportNumber")
MRN, OLD_MRN = ("MR", "7", "urn:mrn"), ("MR", "6", "urn:old")
PLAIN, OTHER = ("", "abc", "https://github.com/synthetichealth/synthea"), ("PI", "9", "urn:portal")


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        ([], ()),
        ([SSN, LICENCE, PASSPORT], ()),
        ([SSN, PLAIN, MRN, LICENCE, OTHER], (MRN, PLAIN)),
        ([OTHER, PLAIN], (OTHER,)),
        ([MRN, OLD_MRN], (MRN,)),
    ],
)
def test_a_list_shows_a_record_number_and_one_other_that_is_not_sensitive(numbers, shown):
    assert for_lists(numbers) == shown


@pytest.mark.parametrize(("type_code", "value", "system"), [SSN, LICENCE, PASSPORT])
def test_a_sensitive_number_is_known_by_its_system_where_its_type_is_missing(type_code, value, system):
    assert is_sensitive(type_code, "")
    assert is_sensitive("", system)


@pytest.mark.parametrize("system", ["http://hl7.org/fhir/sid/us-mbi", "urn:payer:mbi", "urn:payer:HICN"])
def test_a_number_of_medicare_is_sensitive(system):
    assert is_sensitive("", system)
    assert not is_sensitive("", "urn:lab:combine")


def test_the_number_of_another_country_is_sensitive_too():
    assert is_sensitive("NNDEU", "urn:x")
