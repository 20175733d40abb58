"""What a reference points at, and what makes two resources the same."""

from __future__ import annotations

from uuid import UUID

import pytest

from willowbark.interop.fhir.core.identity import check_source, part_key, source_key
from willowbark.interop.fhir.core.problems import Refused
from willowbark.interop.fhir.core.references import ByIdentifier, Contained, Elsewhere, Links, Target

ID = "2d95f315-808c-4b67-836b-e56bdba9dd21"


def links(*full_urls: str) -> Links:
    made = Links()
    for number, url in enumerate(full_urls):
        made.add(url, Target("Patient", f"p{number}"))
    return made


@pytest.mark.parametrize(
    ("reference", "goal"),
    [
        ("Patient/abc", Target("Patient", "abc")),
        ("/Patient/abc", Target("Patient", "abc")),
        ("Patient/abc/_history/3", Target("Patient", "abc")),
        ("http://a.example/fhir/Patient/abc", Target("Patient", "abc")),
        ("https://a.example:8080/r4/Patient/abc/_history/2", Target("Patient", "abc")),
        (f"urn:uuid:{ID}", Target("Encounter", ID)),
        ("#med", Contained("med")),
        (
            "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|99",
            ByIdentifier("Practitioner", "http://hl7.org/fhir/sid/us-npi", "99"),
        ),
        ("Patient?identifier=42", ByIdentifier("Patient", "", "42")),
        ("urn:oid:1.2.3", Elsewhere("urn:oid:1.2.3")),
        ("nonsense", Elsewhere("nonsense")),
        ("", Elsewhere("")),
        ("javascript:alert(1)", Elsewhere("javascript:alert(1)")),
        ("Patient/../../etc", Elsewhere("Patient/../../etc")),
    ],
)
def test_references(reference, goal):
    assert Links().resolve(reference, "Encounter") == goal


def test_the_documents_own_addresses_come_first():
    known = links(f"urn:uuid:{ID}", "http://a.example/fhir/Patient/7")

    assert known.resolve(f"urn:uuid:{ID}", "Encounter") == Target("Patient", "p0")
    assert known.resolve("http://a.example/fhir/Patient/7", "") == Target("Patient", "p1")
    assert known.resolve("Patient/7", "") == Target("Patient", "p1")
    assert known.resolve("http://a.example/fhir/Patient/8", "") == Target("Patient", "8")


def test_an_address_on_another_server_never_becomes_a_local_one():
    known = links("http://a.example/fhir/Patient/7")

    assert known.resolve("http://b.example/fhir/Patient/7", "") == Elsewhere(
        "http://b.example/fhir/Patient/7"
    )


def test_a_uuid_is_the_same_whoever_sends_it_and_other_ids_belong_to_their_source():
    assert source_key("a", "Patient", ID) == source_key("b", "Patient", ID.upper())
    assert source_key("a", "Patient", ID) != source_key("a", "Encounter", ID)
    assert source_key("a", "Patient", "1") == source_key("a", "Patient", "1")
    assert source_key("a", "Patient", "1") != source_key("b", "Patient", "1")
    assert source_key("a", "Patient", "1") != source_key("a", "Patient", "01")


def test_keys_never_change():
    """They are in every database that was ever imported into."""
    assert source_key("fhir", "Patient", ID) == UUID("974ea8b2-88c2-596c-a831-14f27281b3fa")
    assert source_key("fhir", "Patient", "example") == UUID("babde85c-497a-535a-8678-09e74d305ec8")
    assert part_key(source_key("fhir", "Observation", "bp"), "component[0]") == UUID(
        "753ab6c9-efd7-521f-9007-dc2599522e27"
    )


@pytest.mark.parametrize("name", ["", " x", "a\nb", "x" * 101, "a;b", "<b>"])
def test_a_source_has_a_plain_name(name):
    with pytest.raises(Refused, match="a source is"):
        check_source(name)


@pytest.mark.parametrize("name", ["fhir", "North Clinic", "https://a.example/fhir", "x" * 100])
def test_source_names(name):
    assert check_source(name) == name
