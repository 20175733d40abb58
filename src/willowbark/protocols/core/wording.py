"""Amounts, moments and money in words, for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from willowbark.protocols.core.day import MOMENTS
from willowbark.protocols.core.own_sources import own_text
from willowbark.protocols.core.units import scale_between

_UNITS = {
    "ug": "mcg",
    "billion_cfu": "billion CFU",
    "million_cfu": "million CFU",
    "thousand_cfu": "thousand CFU",
    "cfu": "CFU",
    "unit": "units",
    "iu": "IU",
}
# Units that people do not read, and the one that the amount is shown in instead.
_READ_AS = {
    "ng": "ug",
    "pg": "ug",
    "milliunit": "unit",
    "microunit": "unit",
    "thousand_cfu": "million_cfu",
    "cfu": "million_cfu",
}
MOMENT_NAMES = {each.key: each.name for each in MOMENTS}


def amount_text(count: int, unit: str, like: int | None = None) -> str:
    """
    So many of a counting unit, as on a label: 1,000 mcg; 0.5 mg. Exact.

    `like` is another amount of the same, whose unit is used: one ingredient is read in one unit.

    Raises:
        OtherUnit: an unknown unit.
    """
    shown = _READ_AS.get(unit, unit)
    amount = scale_between(unit, shown).amount(count)
    size = scale_between(unit, shown).amount(count if like is None else like)
    for smaller, larger in (("ug", "mg"), ("mg", "g")):
        if shown == smaller and size >= 10_000:
            amount, size, shown = amount / 1000, size / 1000, larger
    return labelled_text(amount, shown)


def labelled_text(amount: Decimal, unit: str) -> str:
    """An amount of a unit as on a label: 100 mcg."""
    return f"{number_text(amount)} {unit_text(unit)}"


def unit_text(unit: str) -> str:
    """A unit as on a label: mcg."""
    return _UNITS.get(unit, unit)


def number_text(value: Decimal) -> str:
    """An exact number as a person writes it: 1,000; 0.5."""
    whole = value.normalize()
    return f"{whole:,f}"


def money_text(cents: int, currency: str = "USD") -> str:
    """An amount of money."""
    sign = {"USD": "$", "EUR": "€", "GBP": "£"}.get(currency, f"{currency} ")
    return f"{sign}{cents // 100:,}.{cents % 100:02d}"


def units_text(count: int, unit_name: str) -> str:
    """1 capsule, 2 capsules."""
    return f"{count} {unit_name if count == 1 else plural(unit_name)}"


def plural(name: str) -> str:
    """More than one of it."""
    if name.endswith(("s", "ml", "mL", "g")) and len(name) <= 5:
        return name
    return f"{name}s"


def moments_text(moments: Iterable[tuple[str, int]], unit_name: str) -> str:
    """When and how much: "2 capsules with breakfast and 1 capsule at bedtime"."""
    parts = [f"{units_text(units, unit_name)} {MOMENT_NAMES[key].lower()}" for key, units in moments]
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def source_text(source: Mapping[str, Any]) -> str:
    """
    A source as it is cited: its title, who published it and, where it says one, the year. One of the
    practice's own says so.
    """
    year = f", {source['year']}" if source["year"] is not None else ""
    own = f": {own_text(source['own'])}" if source.get("own") else ""
    return f"{source['title']} ({source['publisher']}{year}){own}"
