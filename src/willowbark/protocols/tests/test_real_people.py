"""Histories that others made compose against every Master Protocol; skipped where they are not at hand."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import pytest

from willowbark.foundation.testing import shared_data
from willowbark.protocols.core.plan import Status
from willowbark.protocols.core.solving import solve
from willowbark.protocols.tests.people import SPACE, Case, Chart, Entry, library

# The smallest and the largest history; `willow protocols try-everybody` goes over all of them.
SMALLEST, LARGEST = 1, 1


@dataclass(frozen=True)
class Result:
    code: str
    effective_at: datetime
    value: Decimal | None
    unit: str
    value_comparator: str = ""
    value_code: str = ""
    value_text: str = ""
    interpretation: str = ""

    @property
    def id(self) -> UUID:
        return uuid5(SPACE, f"{self.code}/{self.effective_at}")


def histories() -> list[list[dict[str, Any]]]:
    paths = sorted((shared_data() / "fhir" / "synthea_r4").glob("*.gz"), key=lambda one: one.stat().st_size)
    found = []
    for path in paths:
        with gzip.open(path) as file:
            resources = [entry["resource"] for entry in json.load(file)["entry"]]
        if any(one["resourceType"] == "Patient" for one in resources):
            found.append(resources)
            if len(found) == SMALLEST:
                break
    for path in paths[-LARGEST:]:
        with gzip.open(path) as file:
            found.append([entry["resource"] for entry in json.load(file)["entry"]])
    return found


def concept(one: dict[str, Any], name: str, kind: str) -> Entry:
    coding = one[name]["coding"][0]
    return Entry(one[name].get("text") or coding["display"], kind, "", coding["system"], coding["code"])


def chart_of(resources: list[dict[str, Any]]) -> Chart:
    """What holds in a history; the newest of each test."""
    of = {kind: [one for one in resources if one["resourceType"] == kind] for kind in KINDS}
    results: dict[str, Result] = {}
    for one in sorted(of["Observation"], key=lambda one: one["effectiveDateTime"]):
        coding, quantity = one["code"]["coding"][0], one.get("valueQuantity", {})
        at = datetime.fromisoformat(one["effectiveDateTime"]).astimezone(UTC)
        value = Decimal(str(quantity["value"])) if "value" in quantity else None
        results[coding["code"]] = Result(coding["code"], at, value, quantity.get("code", ""))
    return Chart(
        taken=tuple(
            dict.fromkeys(
                concept(one, "medicationCodeableConcept", "drug")
                for one in of["MedicationRequest"]
                if one["status"] == "active" and "medicationCodeableConcept" in one
            )
        ),
        conditions=tuple(
            dict.fromkeys(
                concept(one, "code", "condition") for one in of["Condition"] if "abatementDateTime" not in one
            )
        ),
        allergies=tuple(dict.fromkeys(concept(one, "code", "allergy") for one in of["AllergyIntolerance"])),
        results=tuple(results.values()),
        sex=of["Patient"][0]["gender"],
    )


KINDS = ("Patient", "MedicationRequest", "Condition", "AllergyIntolerance", "Observation")


@pytest.fixture(scope="module")
def charts() -> list[Chart]:
    return [chart_of(resources) for resources in histories()]


def test_every_master_protocol_composes_for_the_smallest_and_the_largest_history(charts):
    assert len(charts) == SMALLEST + LARGEST
    assert any(chart.results and chart.taken for chart in charts)
    for chart in charts:
        for key in sorted(library().masters):
            problem = Case(chart=chart, masters=(key,)).situated().problem
            assert solve(problem, deterministic_limit=60.0).status is Status.PROVEN, key
