"""Files that others wrote."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from willowbark.foundation.testing import shared_data
from willowbark.interop.fhir.bounds import DEFAULT_BOUNDS
from willowbark.interop.fhir.mapping.directory import Directory
from willowbark.interop.fhir.mapping.pointed_at import learn
from willowbark.interop.fhir.mapping.reading import Reading
from willowbark.interop.fhir.mapping.registry import read_entries, read_patient
from willowbark.interop.fhir.preparing import Unread, link, prepare
from willowbark.interop.fhir.reading.documents import read_documents
from willowbark.interop.fhir.reading.files import find_files
from willowbark.interop.fhir.reading.originals import take_in_path, text_of
from willowbark.interop.fhir.reading.resource import Resource

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def readings(paths: list[Path]) -> Iterator[Reading]:
    """Every resource of the files, ready to be mapped, and none unread."""
    directory = Directory()
    for path in find_files(paths).paths:
        for document in read_documents(
            text_of(take_in_path(path, DEFAULT_BOUNDS), DEFAULT_BOUNDS), DEFAULT_BOUNDS
        ):
            resources: list[Resource] = []
            for item in document.items:
                resource = prepare(item, DEFAULT_BOUNDS)
                assert not isinstance(resource, Unread), resource
                learn(resource, directory, "fhir")
                resources.append(resource)
            links = link(resources)
            for resource in resources:
                yield Reading(resource, source="fhir", now=NOW, links=links, directory=directory)


def tally(paths: list[Path]) -> Counter[str]:
    """How many of each: 'Type' read, 'kind:' rows made, 'beside' and 'shared'."""
    counts: Counter[str] = Counter()
    for reading in readings(paths):
        counts[reading.resource.type] += 1
        if reading.resource.type == "Patient":
            read_patient(reading)
            counts["kind:patient"] += 1
            continue
        made = read_entries(reading)
        for row in made.rows:
            counts[f"kind:{row.entry.KIND}"] += 1
        if not made.rows:
            counts["beside" if made.owner else "shared"] += 1
    return counts


def test_every_us_core_example_maps():
    folder = shared_data() / "fhir" / "us_core_examples"

    counts = tally([folder])

    in_files = Counter()
    for path in folder.iterdir():
        value = json.loads(path.read_bytes())
        inside = (
            [entry["resource"] for entry in value["entry"]] if value["resourceType"] == "Bundle" else [value]
        )
        in_files.update(resource["resourceType"] for resource in inside)
    assert {name: count for name, count in counts.items() if name in in_files} == dict(in_files)
    assert counts["kind:patient"] == 4
    assert counts["kind:observation"] == 151


@pytest.mark.slow
def test_every_synthea_history_maps():
    counts = tally([shared_data() / "fhir" / "synthea_r4"])

    assert counts["kind:patient"] == counts["Patient"] == 169
    assert counts["Observation"] == 23_249
    assert counts["kind:observation"] == 26_294
    assert (counts["beside"], counts["shared"]) == (11_874, 644)


def test_numbers_of_a_real_history_keep_every_digit():
    path = next((shared_data() / "fhir" / "synthea_r4").glob("Alexia_Senger*"))
    text = bytes(text_of(take_in_path(path, DEFAULT_BOUNDS), DEFAULT_BOUNDS)[:])
    written = [
        entry["resource"]["valueQuantity"]["value"]
        for entry in json.loads(text, parse_float=str, parse_int=str)["entry"]
        if "valueQuantity" in entry["resource"]
    ]

    read = [
        str(row.entry.value)
        for reading in readings([path])
        if reading.resource.type == "Observation"
        for row in read_entries(reading).rows
        if row.entry.value is not None and row.parent_key is None
    ]

    assert read == written
    assert len(read) > 50
