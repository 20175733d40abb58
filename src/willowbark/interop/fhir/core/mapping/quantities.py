"""Amounts, ranges and ratios as exact numbers or as words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from willowbark.interop.fhir.core.mapping.datatypes import Quantity, Range, Ratio, SampledData
from willowbark.interop.fhir.core.mapping.reading import Reading, one_of
from willowbark.interop.fhir.core.mapping.systems import UCUM

_COMPARATORS = frozenset({"<", "<=", ">=", ">", "ad"})


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit: `unit` the UCUM code, `unit_text` as it was printed."""

    value: Decimal | None
    comparator: str
    unit: str
    unit_text: str

    def __str__(self) -> str:
        if self.value is None:
            return ""
        return f"{self.comparator}{self.value} {self.unit_text or self.unit}".rstrip()


NO_AMOUNT = Amount(None, "", "", "")


def amount(quantity: Quantity | None, reading: Reading, path: str) -> Amount:
    """
    Read an amount.

    A code of a system other than UCUM is no unit code of ours: the printed unit says it then.

    Raises:
        Refused: not a number, beyond any measurement, or an unknown comparator.
    """
    if quantity is None:
        return NO_AMOUNT
    if quantity.comparator:
        one_of(quantity.comparator, _COMPARATORS, f"{path}.comparator")
    is_ucum = quantity.system in (None, UCUM)
    printed = quantity.unit if quantity.unit or is_ucum else quantity.code
    return Amount(
        reading.number(quantity.value, f"{path}.value"),
        quantity.comparator or "",
        reading.text(quantity.code, "unit", f"{path}.code") if is_ucum else "",
        reading.text(printed, "unit_text", f"{path}.unit"),
    )


def range_in_words(given: Range, reading: Reading, path: str) -> str:
    """`12 - 15 g`, `at least 12 g`, `at most 15 g`."""
    low, high = amount(given.low, reading, f"{path}.low"), amount(given.high, reading, f"{path}.high")
    if low.value is not None and high.value is not None:
        return f"{low.value} - {high}" if low.unit == high.unit else f"{low} - {high}"
    if low.value is not None:
        return f"at least {low}"
    return f"at most {high}" if high.value is not None else ""


def ratio_in_words(given: Ratio, reading: Reading, path: str) -> str:
    """`1 : 128`, `5 mg / 1 mL`."""
    over, under = (
        amount(given.numerator, reading, f"{path}.numerator"),
        amount(given.denominator, reading, f"{path}.denominator"),
    )
    if over.value is None or under.value is None:
        return ""
    plain = not (over.unit or over.unit_text or under.unit or under.unit_text)
    return f"{over} : {under}" if plain else f"{over} / {under}"


def series_in_words(given: SampledData, reading: Reading, path: str) -> str:
    """How many measurements a device series has; the series itself stays in the original."""
    points = len((given.data or "").split())
    unit = amount(given.origin, reading, f"{path}.origin")
    return f"Series of {points:,} measurements" + (f" in {unit.unit_text or unit.unit}" if unit.unit else "")
