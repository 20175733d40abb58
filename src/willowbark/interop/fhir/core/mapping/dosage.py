"""How a medication is taken, in words and as a dose (http://hl7.org/fhir/R4/dosage.html)."""

from __future__ import annotations

from typing import Any

from willowbark.interop.fhir.core.mapping.datatypes import CodeableConcept, Element, Quantity, Range, Timing
from willowbark.interop.fhir.core.mapping.quantities import amount, range_in_words
from willowbark.interop.fhir.core.mapping.reading import Reading, best_coding, words
from willowbark.interop.fhir.core.mapping.timing import timing_in_words


class DoseAndRate(Element):
    """How much at a time."""

    dose_quantity: Quantity | None = None
    dose_range: Range | None = None


class Dosage(Element):
    """One instruction."""

    text: str | None = None
    patient_instruction: str | None = None
    timing: Timing | None = None
    as_needed_boolean: bool | None = None
    as_needed_codeable_concept: CodeableConcept | None = None
    as_needed_for: list[CodeableConcept] | None = None
    route: CodeableConcept | None = None
    dose_and_rate: list[DoseAndRate] | None = None


class AdministeredDosage(Element):
    """The dose of a single administration."""

    text: str | None = None
    route: CodeableConcept | None = None
    dose: Quantity | None = None


def dosage(instructions: list[Dosage], reading: Reading, path: str) -> dict[str, Any]:
    """
    Return `dosage_text`, `dose_value`, `dose_unit` and `as_needed`.

    The dose is that of a single instruction: several in a row (a taper) are words only.

    Raises:
        Refused: a number or a text that cannot be read, or instructions too long for the record.
    """
    said = [_in_words(one, reading, f"{path}[{number}]") for number, one in enumerate(instructions)]
    columns: dict[str, Any] = {
        "dosage_text": reading.text("; then ".join(text for text in said if text), "dosage_text", path),
        "as_needed": bool(instructions) and all(_as_needed(one) for one in instructions),
    }
    if len(instructions) == 1 and instructions[0].dose_and_rate:
        dose = amount(
            instructions[0].dose_and_rate[0].dose_quantity, reading, f"{path}[0].doseAndRate[0].doseQuantity"
        )
        columns |= {"dose_value": dose.value, "dose_unit": dose.unit_text or dose.unit}
    return columns


def administered(given: AdministeredDosage, reading: Reading) -> dict[str, Any]:
    """
    Return `dosage_text`, `dose_value` and `dose_unit` of what was given once.

    Raises:
        Refused: a number or a text that cannot be read.
    """
    dose = amount(given.dose, reading, "dosage.dose")
    text = given.text or ", ".join(part for part in (str(dose), _word(given.route)) if part)
    return {
        "dosage_text": reading.text(text, "dosage_text", "dosage.text"),
        "dose_value": dose.value,
        "dose_unit": dose.unit_text or dose.unit,
    }


def _as_needed(one: Dosage) -> bool:
    return bool(one.as_needed_boolean or one.as_needed_codeable_concept or one.as_needed_for)


def _in_words(one: Dosage, reading: Reading, path: str) -> str:
    """The instruction as its author wrote it, else put together from its parts."""
    if one.text:
        return one.text
    parts = [_dose_in_words(one, reading, path), _word(one.route)]
    if one.timing is not None:
        parts.append(timing_in_words(one.timing, reading, f"{path}.timing"))
    if _as_needed(one):
        reasons = [
            _word(one.as_needed_codeable_concept),
            *(_word(reason) for reason in one.as_needed_for or ()),
        ]
        reason = next((text for text in reasons if text), "")
        parts.append(f"as needed for {reason}" if reason else "as needed")
    return ", ".join(part for part in parts if part) or one.patient_instruction or ""


def _dose_in_words(one: Dosage, reading: Reading, path: str) -> str:
    for number, dose in enumerate(one.dose_and_rate or ()):
        place = f"{path}.doseAndRate[{number}]"
        if dose.dose_quantity is not None:
            return str(amount(dose.dose_quantity, reading, f"{place}.doseQuantity"))
        if dose.dose_range is not None:
            return range_in_words(dose.dose_range, reading, f"{place}.doseRange")
    return ""


def _word(concept: CodeableConcept | None) -> str:
    return words(concept, best_coding(concept, ()))
