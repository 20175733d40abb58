"""Files in, resources out: every packaging, every way to be broken, and the bounds."""

from __future__ import annotations

import functools
import gzip
import json
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.interop.fhir.core.bounds import DEFAULT_BOUNDS
from willowbark.interop.fhir.core.problems import Refused
from willowbark.interop.fhir.core.reading.files import find_files
from willowbark.interop.fhir.core.reading.inflate import inflate
from willowbark.interop.fhir.core.reading.originals import take_in, take_in_path, text_of
from willowbark.interop.fhir.core.reading.resource import peek, read_resource
from willowbark.interop.fhir.core.reading.spool import Spool
from willowbark.interop.fhir.core.taking_in import named
from willowbark.interop.fhir.tests.shapes import (
    bundle,
    encoded,
    gzipped,
    items_of,
    patient,
    read,
    refusal_of,
    resource,
)

SMALL = replace(DEFAULT_BOUNDS, in_memory=100)
TWO = (patient(), resource("Observation"))


def types(text: bytes, bounds=DEFAULT_BOUNDS) -> list[str]:
    return [peek(item.raw)[0] for item in items_of(text, bounds)]


@pytest.mark.parametrize("bounds", [DEFAULT_BOUNDS, SMALL], ids=["in memory", "spooled"])
@pytest.mark.parametrize(
    "text",
    [
        encoded(bundle(*TWO)),
        encoded(bundle(*TWO), indent=2),
        encoded(bundle(*TWO, type_="collection")),
        encoded(bundle(*TWO, type_="searchset", urls=True)),
        encoded(list(TWO)),
        encoded(bundle(bundle(TWO[0]), TWO[1])),
        b"\n".join(encoded(one) for one in TWO),
        b"\r\n".join(encoded(one) for one in TWO) + b"\r\n\r\n",
        encoded(bundle(TWO[0])) + b"\n" + encoded(TWO[1]),
        b"\xef\xbb\xbf" + encoded(bundle(*TWO)),
        b"\xef\xbb\xbf" + b"\n".join(encoded(one) for one in TWO),
        b"\n\n  " + encoded(bundle(*TWO), indent=1) + b"\n\n",
        gzipped(encoded(bundle(*TWO))),
        gzipped(encoded(TWO[0]) + b"\n") + gzipped(encoded(TWO[1])),
        gzipped(encoded(bundle(*TWO))) + b"\0" * 512,
    ],
    ids=[
        "transaction",
        "pretty",
        "collection",
        "searchset",
        "list",
        "bundle in bundle",
        "ndjson",
        "ndjson with CRLF",
        "ndjson of bundles",
        "bundle after a mark",
        "ndjson after a mark",
        "blanks around",
        "gzip",
        "gzip of two members",
        "gzip padded",
    ],
)
def test_every_packaging_holds_the_same_two(text, bounds):
    assert types(text, bounds) == ["Patient", "Observation"]


def test_a_single_resource_is_one_item_without_a_place():
    (item,) = items_of(encoded(patient(), indent=2))

    assert item.where == ""
    assert read(bytes(item.raw)).label == "Patient/p1"


def test_items_say_where_they_are():
    nested = bundle(bundle(patient(), type_="document"), patient())
    lines = encoded(patient()) + b"\n\n" + encoded(bundle(patient()))

    assert [item.where for item in items_of(encoded(nested))] == [
        "Bundle.entry[0].resource.entry[0].resource",
        "Bundle.entry[1].resource",
    ]
    assert [item.where for item in items_of(lines)] == ["line 1", "line 3: Bundle.entry[0].resource"]
    assert [item.where for item in items_of(encoded([patient()]))] == ["[0]"]


@pytest.mark.parametrize(
    ("text", "reason", "says"),
    [
        (b"", "empty", "holds nothing"),
        (b" \n ", "empty", "holds nothing"),
        (encoded(bundle(*TWO))[:-20], "truncated", "ends too early, line 1"),
        (encoded(bundle(*TWO), indent=2)[:-60], "truncated", "ends too early, line"),
        (gzipped(encoded(bundle(*TWO)))[:-30], "truncated", "cut short"),
        (gzipped(encoded(bundle(*TWO)))[:-8] + b"x" * 8, "damaged_gzip", "damaged near byte"),
        (gzipped(encoded(bundle(*TWO))) + b"tail", "damaged_gzip", "something else follows"),
        (gzipped(gzipped(encoded(patient()))), "not_json", "compressed twice"),
        (encoded(patient()).decode().encode("utf-16"), "encoding", "UTF-16"),
        (encoded(patient()).decode().encode("utf-16-le"), "encoding", "NUL bytes"),
        (encoded(patient()).decode().encode("utf-32"), "encoding", "UTF-32"),
        (b"<Patient/>", "not_json", "XML"),
        (b"PK\x03\x04....", "not_json", "zip"),
        (b"hello", "malformed", "line 1, column 1"),
        (b'{"resourceType": "Patient",}', "malformed", "column"),
        (b'{"resourceType": "Bundle", "entry": {}}', "wrong_type", "entry: expected a list, found an object"),
        (b'{"resourceType": 5}', "wrong_type", "resourceType: expected text, found a whole number"),
        (b"[" * 100_000, "too_deep", "nested too deeply"),
        (b'{"a":' * 100_000, "too_deep", "nested too deeply"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole_and_says_why(text, reason, says):
    with pytest.raises(Refused, match=says) as refusal:
        items_of(text)

    assert refusal.value.reason == reason


def test_nothing_is_handed_out_of_a_bundle_cut_short_whatever_the_place():
    whole = encoded(bundle(*TWO))
    for length in range(1, len(whole)):
        with pytest.raises(Refused):
            items_of(whole[:length])


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (b'"value": NaN', "malformed"),
        (b'"value": "\\ud800"', "malformed"),
        (b'"value": "a\x00b"', "malformed"),
        (b'"value": "\xff"', "encoding"),
        (b'"value": "\\u0000"', "nul"),
        (b'"value": tru', "malformed"),
        (b'"id": "again"', "repeated_key"),
        (b'"value": ' + b"[" * 80 + b"]" * 80, "too_deep"),
    ],
)
@pytest.mark.parametrize("packaging", ["bundle", "lines"])
def test_a_fault_in_one_resource_costs_that_resource_alone(fault, reason, packaging):
    bad = b'{"resourceType": "Observation", "id": "bad", ' + fault + b"}"
    good = encoded(patient())
    if packaging == "bundle":
        entries = b", ".join(b'{"resource": ' + one + b"}" for one in (good, bad, good))
        text = b'{"resourceType": "Bundle", "type": "collection", "entry": [' + entries + b"]}"
    else:
        text = b"\n".join((good, bad, good))

    first, second, third = items_of(text)

    with pytest.raises(Refused) as refusal:
        read_resource(second, DEFAULT_BOUNDS)
    assert refusal.value.reason == reason
    assert peek(first.raw) == peek(third.raw) == ("Patient", "p1")


@pytest.mark.parametrize("line", [0, 1, 2])
def test_a_line_cut_short_costs_that_line_alone(line):
    lines = [encoded(patient(id=f"p{number}")) for number in range(3)]
    lines[line] = lines[line][:-10]

    items = items_of(b"\n".join(lines))

    assert [item.fault is not None for item in items] == [number == line for number in range(3)]


@pytest.mark.parametrize(
    ("entry", "reason", "says"),
    [
        ({}, "no_resource", "has no resource"),
        ({"resource": None}, "not_fhir", "not an object"),
        ({"resource": 5}, "not_fhir", "not an object"),
        ({"resource": {"id": "x"}}, "not_fhir", "no resourceType"),
        ({"resource": {"resourceType": "<script>"}}, "not_fhir", "not one of FHIR's"),
        ({"resource": {"resourceType": "Patient", "id": 7}}, "wrong_type", "id: expected text"),
        ({"resource": {"resourceType": "Patient", "id": "x" * 200}}, "too_long", "200 characters"),
        ({"fullUrl": 5, "resource": {}}, "wrong_type", "fullUrl: expected text, found a whole number"),
        ({"request": {"method": "DELETE", "url": "Patient/1"}}, "no_resource", "deletion"),
        (17, "wrong_type", "expected an object"),
    ],
)
def test_an_entry_that_is_no_resource_is_told_apart(entry, reason, says):
    text = encoded({"resourceType": "Bundle", "entry": [entry, {"resource": patient()}]})
    bad, good = items_of(text)

    with pytest.raises(Refused, match=says) as refusal:
        read_resource(bad, DEFAULT_BOUNDS)
    assert refusal.value.reason == reason
    assert read_resource(good, DEFAULT_BOUNDS).id == "p1"


def test_bounds_on_size_say_the_bound():
    tiny = replace(DEFAULT_BOUNDS, file=1000, resource=500)
    big = encoded(patient(text="x" * 600))

    with pytest.raises(Refused, match="larger than 1,000 bytes"):
        take_in("a", [b"x" * 1001], tiny)
    with pytest.raises(Refused, match="unpacks to more than 1,000 bytes"):
        items_of(gzipped(b" " * 1001), tiny)
    with pytest.raises(Refused, match="bound for one resource is 500"):
        read(big, tiny)
    too_long, fine = items_of(big + b"\n" + encoded(patient()), tiny)
    assert too_long.fault is not None
    assert "500 bytes" in str(too_long.fault)
    assert fine.fault is None


def test_a_gzip_bomb_is_not_inflated_past_its_bound():
    bomb = zlib.compressobj(9, wbits=31)
    content = b"".join(bomb.compress(b" " * 1_000_000) for _ in range(400)) + bomb.flush()

    with pytest.raises(Refused, match="250 times its size") as refusal:
        inflate(content, DEFAULT_BOUNDS)

    assert refusal.value.reason == "expands"


def test_a_spool_holds_the_same_bytes_in_memory_and_on_disk():
    for bound in (1000, 10):
        with Spool(bound) as spool:
            for piece in (b"ab", b"", b"cdefgh", b"ijklmnop"):
                spool.write(piece)
            text = spool.text()
        assert bytes(text[:]) == b"abcdefghijklmnop"
        assert text.find(b"op") == 14


def test_folders_are_walked_patients_before_what_points_at_them(tmp_path: Path):
    for name in (
        "Observation.ndjson",
        "Patient.ndjson",
        "Encounter.0001.ndjson",
        "sub/Practitioner.json",
        "sub/bundle.json.gz",
        "sub/readme.txt",
        ".hidden/a.json",
        ".a.json",
    ):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("{}")

    found = find_files([tmp_path, tmp_path / "Patient.ndjson"])

    assert [path.name for path in found.paths] == [
        "Practitioner.json",
        "Patient.ndjson",
        "Encounter.0001.ndjson",
        "Observation.ndjson",
        "bundle.json.gz",
    ]
    assert found.passed_over == 1


def test_a_path_that_leads_nowhere_is_refused(tmp_path: Path):
    with pytest.raises(Refused, match="does not exist"):
        find_files([tmp_path / "absent"])
    with pytest.raises(Refused, match=r"no \.json"):
        find_files([tmp_path])
    with pytest.raises(Refused, match="cannot be read"):
        take_in_path(tmp_path, DEFAULT_BOUNDS)


def test_the_digest_is_the_same_in_whatever_spelling_and_numbers_keep_their_digits():
    one = b'{"resourceType":"Observation","id":"o","valueQuantity":{"value":7.10,"unit":"\\u0067"}}'
    other = b'{ "valueQuantity" : {"unit":"g", "value": 7.10},\n "id":"o", "resourceType":"Observation" }'
    changed = one.replace(b"7.10", b"7.1")

    assert (
        read(one).canonical
        == b'{"id":"o","resourceType":"Observation","valueQuantity":{"unit":"g","value":7.10}}'
    )
    assert read(one).digest == read(other).digest != read(changed).digest


def test_a_resource_without_an_id_is_named_by_its_address_else_by_what_it_says():
    bare = {"resourceType": "Patient", "name": [{"family": "Shaw"}]}
    text = encoded(
        {
            "resourceType": "Bundle",
            "entry": [
                {"fullUrl": "urn:uuid:2d95f315-808c-4b67-836b-e56bdba9dd21", "resource": bare},
                {"fullUrl": "http://a.example/fhir/Patient/77", "resource": bare},
                {"resource": bare},
                {"resource": dict(reversed(bare.items()))},
            ],
        }
    )
    ids = [named(read_resource(item, DEFAULT_BOUNDS)).id for item in items_of(text)]

    assert ids[:2] == ["2d95f315-808c-4b67-836b-e56bdba9dd21", "77"]
    assert ids[2] == ids[3]
    assert ids[2].startswith("sha256.")


def read_all(text: bytes) -> None:
    for item in items_of(text):
        refusal_of(functools.partial(read_resource, item, DEFAULT_BOUNDS))


@given(st.binary(max_size=300))
def test_no_bytes_whatever_raise_anything_but_a_refusal(text):
    refusal_of(lambda: read_all(text))


@given(st.data())
def test_a_bundle_damaged_anywhere_raises_nothing_but_a_refusal(data):
    text = bytearray(encoded(bundle(*TWO)))
    for _ in range(data.draw(st.integers(1, 4))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))

    refusal_of(lambda: read_all(bytes(text)))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
        max_leaves=20,
    )
)
def test_what_goes_in_comes_out_canonical(value):
    text = encoded({"resourceType": "Basic", "extra": value})
    if refusal := refusal_of(lambda: read(text)):
        assert refusal.reason == "nul"
        assert b"\\u0000" in text
    else:
        assert json.loads(read(text).canonical) == json.loads(text)


def test_a_spelled_out_colon_is_no_second_key():
    assert read(b'{"resourceType":"Basic","id":"a","text":"a\\u003ab"}').id == "a"
    assert read(b'{"resourceType":"Basic","id":"a","text":"a\\\\u0000b"}').id == "a"


def test_braces_in_texts_do_not_count_as_depth():
    assert read({"resourceType": "Basic", "id": "a", "text": "}{][" * 100 + "[" * 500}).id == "a"


def test_text_of_an_original_is_the_same_for_gzip_and_plain():
    plain = encoded(patient())

    for content in (plain, gzip.compress(plain)):
        original = take_in("p", [content], DEFAULT_BOUNDS)
        assert text_of(original, DEFAULT_BOUNDS) == plain
