"""Numbers in words that a practitioner reads: amounts, money, levels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from willowbark.protocols.core.problem import Level

_MASS = ("ng", "ug", "mg", "g")
_SHOWN = {"ug": "mcg", "million_cfu": "million CFU", "unit": "units"}


def amount_text(amount: int, unit: str) -> str:
    """Return an amount in the largest unit in which it is at least 1, exactly: 2500 `ug` is "2.5 mg"."""
    value = Decimal(amount)
    place = _MASS.index(unit) if unit in _MASS else len(_MASS)
    while place < len(_MASS) - 1 and abs(value) >= 1000:
        value, place = value / 1000, place + 1
    shown = _MASS[place] if place < len(_MASS) else unit
    return f"{_plain(value)} {_SHOWN.get(shown, shown)}"


def _plain(value: Decimal) -> str:
    """Return all digits of a number, without zeros at the end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money_text(cents: int) -> str:
    """Return an amount of money without its currency: 1240 is "12.40"."""
    return f"{cents // 100}.{cents % 100:02}"


def percent_text(per_mille: int) -> str:
    """Return per mille as a percentage: 125 is "12.5 %"."""
    return f"{_plain(Decimal(per_mille) / 10)} %"


def listed(parts: Sequence[str]) -> str:
    """Return "a", "a and b", "a, b and c"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def counted(number: int, one: str, many: str = "") -> str:
    """Return "1 container", "2 containers"."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


_LEVELS: Mapping[Level, Callable[[int, str], str]] = {
    Level.FOUNDATION: lambda n, more: f"{percent_text(n)} {more} missing of foundation targets",
    Level.TARGETED: lambda n, more: f"{percent_text(n)} {more} missing of targeted targets",
    Level.AIMS: lambda n, more: f"{percent_text(n)} {more} missing of aims",
    Level.CAUTION: lambda n, more: f"{n} {more} points of caution",
    Level.STOCK: lambda n, more: f"{counted(n, f'{more} container')} not on the shelf",
    Level.UNITS: lambda n, more: f"{counted(n, f'{more} unit')} a day",
    Level.MOMENTS: lambda n, more: f"{counted(n, f'{more} moment')} of the day",
    Level.COST: lambda n, more: f"{money_text(n)} {more} in cost",
    Level.PRODUCTS: lambda n, more: counted(n, f"{more} product"),
    Level.CHANGE: lambda n, more: f"{counted(n, f'{more} unit')} a day changed from the plan in force",
    Level.EXCESS: lambda n, more: f"{percent_text(n)} {more} above aims",
    Level.RANK: lambda n, more: f"{counted(n, f'place {more}', f'places {more}')} in the ranking of products",
}


_COUNTED = frozenset(
    {Level.CAUTION, Level.STOCK, Level.UNITS, Level.MOMENTS, Level.PRODUCTS, Level.CHANGE, Level.RANK}
)


def difference_text(difference: Mapping[Level, int]) -> str:
    """Return what levels come to more or less, in their order: "2 more units a day and 12.40 less"."""
    return listed(
        [
            _LEVELS[level](abs(number), "more" if number > 0 else _less(level))
            for level, number in difference.items()
            if number
        ]
    )


def _less(level: Level) -> str:
    return "fewer" if level in _COUNTED else "less"
