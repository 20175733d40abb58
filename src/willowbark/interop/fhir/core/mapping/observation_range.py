"""The range in which a result is usual."""

from __future__ import annotations

from typing import Any

from willowbark.interop.fhir.core.mapping.datatypes import CodeableConcept, Element, Quantity
from willowbark.interop.fhir.core.mapping.limits import CHARACTERS
from willowbark.interop.fhir.core.mapping.quantities import Amount, amount
from willowbark.interop.fhir.core.mapping.reading import Reading, best_coding, clip


class ReferenceRange(Element):
    """Observation.referenceRange."""

    low: Quantity | None = None
    high: Quantity | None = None
    type: CodeableConcept | None = None
    text: str | None = None


def read_range(ranges: list[ReferenceRange] | None, unit: str, reading: Reading, path: str) -> dict[str, Any]:
    """
    Return `reference_low`, `reference_high` and `reference_text` of the usual range.

    Limits count as numbers only in the result's own unit and in order; otherwise they stay words.
    """
    usual = next((given for given in ranges or () if _is_usual(given)), None)
    if usual is None:
        return {}
    number = (ranges or []).index(usual)
    low = amount(usual.low, reading, f"{path}[{number}].low")
    high = amount(usual.high, reading, f"{path}[{number}].high")
    text = usual.text or ""
    comparable = all(limit.value is None or limit.unit in ("", unit) for limit in (low, high))
    in_order = low.value is None or high.value is None or low.value <= high.value
    if not comparable:
        reading.warn(f"{path}[{number}] is in another unit than the value: kept as words")
    elif not in_order:
        reading.warn(f"{path}[{number}] has its limits out of order: kept as words")
    else:
        return {
            "reference_low": low.value,
            "reference_high": high.value,
            "reference_text": reading.text(text, "reference_text", f"{path}[{number}].text"),
        }
    return {"reference_text": clip(text or _words(low, high), CHARACTERS["reference_text"])}


def _is_usual(given: ReferenceRange) -> bool:
    coding = best_coding(given.type, ())
    return coding is None or coding.code == "normal"


def _words(low: Amount, high: Amount) -> str:
    return " - ".join("no limit" if limit.value is None else str(limit) for limit in (low, high))
