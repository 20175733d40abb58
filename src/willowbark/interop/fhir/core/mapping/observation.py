"""Observation: http://hl7.org/fhir/R4/observation.html."""

from __future__ import annotations

from typing import Any

from willowbark.interop.fhir.core.identity import part_key
from willowbark.interop.fhir.core.mapping.common import dated, sourced
from willowbark.interop.fhir.core.mapping.datatypes import (
    Annotation,
    CodeableConcept,
    Domain,
    Period,
    Quantity,
    Range,
    Ratio,
    Reference,
    SampledData,
    Timing,
)
from willowbark.interop.fhir.core.mapping.observation_range import ReferenceRange, read_range
from willowbark.interop.fhir.core.mapping.outcome import Mapped, Row
from willowbark.interop.fhir.core.mapping.quantities import (
    amount,
    range_in_words,
    ratio_in_words,
    series_in_words,
)
from willowbark.interop.fhir.core.mapping.reading import Reading, best_coding, refuse_modifier, words
from willowbark.interop.fhir.core.mapping.systems import LOINC, SNOMED
from willowbark.kernel.partial_date import PartialDate
from willowbark.record.core.entries import Observation

STATUSES = frozenset(
    ["registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown"]
)


class Finding(Domain):
    """What an observation and each of its components say."""

    code: CodeableConcept | None = None
    value_quantity: Quantity | None = None
    value_codeable_concept: CodeableConcept | None = None
    value_string: str | None = None
    value_boolean: bool | None = None
    value_integer: int | None = None
    value_range: Range | None = None
    value_ratio: Ratio | None = None
    value_sampled_data: SampledData | None = None
    value_time: str | None = None
    value_date_time: str | None = None
    value_period: Period | None = None
    data_absent_reason: CodeableConcept | None = None
    interpretation: list[CodeableConcept] | None = None
    reference_range: list[ReferenceRange] | None = None


class ObservationResource(Finding):
    """What is read of an Observation."""

    status: str | None = None
    category: list[CodeableConcept] | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    effective_date_time: str | None = None
    effective_period: Period | None = None
    effective_timing: Timing | None = None
    effective_instant: str | None = None
    issued: str | None = None
    performer: list[Reference] | None = None
    note: list[Annotation] | None = None
    component: list[Finding] | None = None


def map_observation(resource: ObservationResource, reading: Reading) -> Mapped:
    """
    Map a finding: one row, and one more for each component that says something.

    Raises:
        Refused: a needed value is missing, or one cannot be read.
    """
    owner = reading.owner(resource.subject, "subject")
    if owner is None:
        return Mapped(None)
    status = reading.status(resource.status, STATUSES)
    if resource.note:
        reading.warn("note stays in the original")
    shared = {
        **dated(_when(resource, reading)),
        "status": status,
        "category": reading.simple_code(next(iter(resource.category or ()), None), "category", "category[0]"),
    }
    author = reading.person_or_place(*(resource.performer or ()))
    encounter_key = reading.encounter(resource.encounter, "encounter")
    whole = reading.key
    rows = [
        Row(
            Observation(
                **shared,
                **_said(resource, reading, ""),
                **sourced(reading, status=status, author=author),
            ),
            encounter_key,
        )
    ]
    for number, part in enumerate(resource.component or ()):
        place = f"component[{number}]"
        refuse_modifier(part.modifier_extension, f"{place}.")
        entry = Observation(
            **shared,
            **_said(part, reading, f"{place}."),
            **sourced(reading, status=status, author=author, key=part_key(whole, place)),
        )
        rows.append(Row(entry, encounter_key, parent_key=whole))
    return Mapped(owner, tuple(rows), tuple(reading.warnings))


def _when(resource: ObservationResource, reading: Reading) -> PartialDate | None:
    """When it was found; when that is not said, when it was issued."""
    period = resource.effective_period or Period()
    timing = resource.effective_timing or Timing()
    return reading.first_date(
        (resource.effective_date_time, "effectiveDateTime"),
        (period.start, "effectivePeriod.start"),
        (period.end, "effectivePeriod.end"),
        (resource.effective_instant, "effectiveInstant"),
        (next(iter(timing.event or ()), None), "effectiveTiming.event[0]"),
        (resource.issued, "issued"),
    )


def _said(finding: Finding, reading: Reading, prefix: str) -> dict[str, Any]:
    """The columns of code, value, range and interpretation."""
    value = _value(finding, reading, prefix)
    return {
        **reading.code(finding.code, f"{prefix}code", LOINC, SNOMED),
        **value,
        **read_range(finding.reference_range, value.get("unit", ""), reading, f"{prefix}referenceRange"),
        "interpretation": _interpretation(finding.interpretation, reading, f"{prefix}interpretation"),
    }


def _interpretation(concepts: list[CodeableConcept] | None, reading: Reading, path: str) -> str:
    codes = [reading.simple_code(concept, "interpretation", path) for concept in concepts or ()]
    return reading.text(" ".join(code for code in codes if code), "interpretation", path)


def _value(finding: Finding, reading: Reading, prefix: str) -> dict[str, Any]:
    """
    The value as a number, a code, or words.

    Without a value, the reason why there is none is what a person reads.
    """
    if (quantity := finding.value_quantity) is not None:
        read = amount(quantity, reading, f"{prefix}valueQuantity")
        if read.value is not None:
            return {
                "value": read.value,
                "value_comparator": read.comparator,
                "unit": read.unit,
                "unit_text": read.unit_text,
            }
    if finding.value_integer is not None:
        return {"value": reading.whole(finding.value_integer, f"{prefix}valueInteger")}
    if (concept := finding.value_codeable_concept) is not None:
        return _coded(concept, reading, f"{prefix}valueCodeableConcept")
    text = _words(finding, reading, prefix)
    if not text and finding.data_absent_reason is not None:
        coding = best_coding(finding.data_absent_reason, ())
        text = f"No value: {words(finding.data_absent_reason, coding) or 'no reason given'}"
    return {"value_text": reading.text(text, "value_text", f"{prefix}value")}


def _coded(concept: CodeableConcept, reading: Reading, path: str) -> dict[str, Any]:
    coding = best_coding(concept, (SNOMED, LOINC))
    return {
        "value_code_system": reading.text(coding.system, "value_code_system", f"{path}.coding.system")
        if coding
        else "",
        "value_code": reading.text(coding.code, "value_code", f"{path}.coding.code") if coding else "",
        "value_text": reading.text(words(concept, coding), "value_text", f"{path}.text"),
    }


def _words(finding: Finding, reading: Reading, prefix: str) -> str:
    if finding.value_string is not None:
        return finding.value_string
    if finding.value_boolean is not None:
        return "Yes" if finding.value_boolean else "No"
    if finding.value_range is not None:
        return range_in_words(finding.value_range, reading, f"{prefix}valueRange")
    if finding.value_ratio is not None:
        return ratio_in_words(finding.value_ratio, reading, f"{prefix}valueRatio")
    if finding.value_sampled_data is not None:
        return series_in_words(finding.value_sampled_data, reading, f"{prefix}valueSampledData")
    if finding.value_period is not None:
        return " to ".join(part for part in (finding.value_period.start, finding.value_period.end) if part)
    return finding.value_date_time or finding.value_time or ""
