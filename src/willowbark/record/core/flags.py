"""Whether a result lies in its reference range."""

from __future__ import annotations

from decimal import Decimal

# HL7 v3 ObservationInterpretation, as FHIR Observation.interpretation uses it.
_INTERPRETATIONS = {
    "N": "normal",
    "L": "low",
    "H": "high",
    "LL": "critical_low",
    "HH": "critical_high",
    "LU": "critical_low",
    "HU": "critical_high",
    "A": "abnormal",
    "AA": "abnormal",
    "POS": "abnormal",
    "NEG": "normal",
}


def flag_of(
    *,
    value: Decimal | None,
    comparator: str,
    low: Decimal | None,
    high: Decimal | None,
    interpretation: str,
) -> str:
    """
    The flag of a result: '' when nothing says whether it is in range.

    The laboratory's own interpretation counts before ours; ours only compares with the range that came
    with the result. `<5` is below a range that starts at 5, but says nothing of one that starts at 3.
    """
    if interpretation in _INTERPRETATIONS:
        return _INTERPRETATIONS[interpretation]
    if value is None or (low is None and high is None):
        return ""
    if low is not None and _is_below(value, comparator, low):
        return "low"
    if high is not None and _is_above(value, comparator, high):
        return "high"
    return "normal" if comparator == "" else ""


def _is_below(value: Decimal, comparator: str, low: Decimal) -> bool:
    if comparator in ("", "<="):
        return value < low
    return comparator == "<" and value <= low


def _is_above(value: Decimal, comparator: str, high: Decimal) -> bool:
    if comparator in ("", ">="):
        return value > high
    return comparator == ">" and value >= high
