"""Files that others wrote."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from willowbark.foundation.testing import shared_data
from willowbark.interop.fhir.core.bounds import DEFAULT_BOUNDS
from willowbark.interop.fhir.core.mapping.directory import Directory
from willowbark.interop.fhir.core.reading.files import find_files
from willowbark.interop.fhir.core.reading.originals import take_in_path, text_of
from willowbark.interop.fhir.core.taking_in import FileReader, Taken
from willowbark.record.core.entries import Observation

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def taken(paths: list[Path]) -> Iterator[Taken]:
    """Every resource of the files as it would be stored; none is set aside."""
    directory = Directory()
    for path in find_files(paths).paths:
        reader = FileReader(source="fhir", now=NOW, directory=directory, bounds=DEFAULT_BOUNDS)
        for portion in reader.portions(text_of(take_in_path(path, DEFAULT_BOUNDS), DEFAULT_BOUNDS)):
            assert not portion.aside
            assert not portion.repeated
            yield from portion.taken


def tally(paths: list[Path]) -> Counter[str]:
    """How many of each: 'Type' read, 'kind:' rows made, 'beside' and 'shared'."""
    counts: Counter[str] = Counter()
    for one in taken(paths):
        counts[one.resource_type] += 1
        if one.patient:
            counts["kind:patient"] += 1
            continue
        counts.update(f"kind:{row.entry.KIND}" for row in one.rows)
        if not one.rows:
            counts["beside" if one.owner else "shared"] += 1
    return counts


def test_every_us_core_example_maps():
    folder = shared_data() / "fhir" / "us_core_examples"

    counts = tally([folder])

    in_files: Counter[str] = Counter()
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

    wholes = [row.entry for one in taken([path]) for row in one.rows if row.parent_key is None]
    read = [
        str(entry.value) for entry in wholes if isinstance(entry, Observation) and entry.value is not None
    ]

    assert read == written
    assert len(read) > 50
