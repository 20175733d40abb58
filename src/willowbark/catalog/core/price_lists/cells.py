"""Reading one cell: money, a number of units, a GTIN."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from willowbark.catalog.core.checking import MOST_CENTS, MOST_UNITS, adds_up
from willowbark.catalog.core.price_lists.sheet import Cell
from willowbark.kernel.errors import Invalid

_SIGNS: Final = {
    "€": ("EUR",),
    "£": ("GBP",),
    "¥": ("JPY", "CNY"),
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"),
}
_MONEY: Final = re.compile(r"(?P<sign>[-(]?)\s*(?P<number>\d[\d.,' \u00a0]*)\s*(?P<end>[-)]?)\Z")
_UNITS: Final = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(?:\.0{1,2})?\s*([A-Za-z(][^\d]*)?\Z", re.ASCII)
# Words after a number that make it one of something else: servings of several units, days, boxes of bottles.
_NOT_UNITS: Final = re.compile(
    r"servings?|doses?|days?|weeks?|months?|supply|packs?|box(?:es)?|bottles?|cases?|x|fl|oz|ounces?|lbs?|[a-fh-z]",
    re.IGNORECASE,
)
_CODE: Final = re.compile(r"\b[A-Za-z]{3}\b")


class BadCell(Invalid):
    """A cell does not say what its column should; the text says why."""

    code = "bad_cell"


def cents_of(cell: Cell, currency: str) -> int:
    """
    The money of a cell, in cents.

    A comma or a point before one or two last digits begins the cents; before three it parts thousands.

    Raises:
        BadCell: nothing, no amount, a formula, below or at zero, in another currency, or of more than cents.
    """
    number = cell if isinstance(cell, Decimal) else _money(cell, currency)
    if number <= 0:
        raise BadCell("the price is below zero" if number < 0 else "the price is zero")
    cents = number * 100
    if cents != cents.to_integral_value():
        raise BadCell(f"{number.normalize():f} has more than two decimals")
    if cents > MOST_CENTS:
        raise BadCell(f"{number:f} is more than can be meant")
    return int(cents)


def _money(cell: str, currency: str) -> Decimal:
    text = cell.strip()
    if not text:
        raise BadCell("there is no price")
    if text.startswith("="):
        raise BadCell("a formula whose value was not saved: save the file with its values")
    for sign, currencies in _SIGNS.items():
        if sign in text:
            if currency not in currencies:
                raise BadCell(f"{text[:20]} is not in {currency}")
            text = text.replace(sign, "")
    for code in _CODE.findall(text):
        if code.upper() != currency:
            raise BadCell(f"{cell.strip()[:20]} is not in {currency}")
        text = text.replace(code, "")
    found = _MONEY.match(text.strip())
    if found is None:
        raise BadCell(f"{cell.strip()[:20]!r} is not a price")
    number = _number(found["number"])
    return -number if found["sign"] or found["end"] else number


def _number(text: str) -> Decimal:
    digits = re.sub(r"[' \u00a0]", "", text)
    cents = re.search(r"[.,](\d{1,2})\Z", digits)
    whole = digits[: cents.start()] if cents else digits
    parts = re.split(r"[.,]", whole)
    if len(parts) > 1 and (
        not re.fullmatch(r"[1-9]\d{0,2}", parts[0]) or any(len(part) != 3 for part in parts[1:])
    ):
        raise BadCell(f"{text.strip()[:20]!r} is not a price")
    return Decimal("".join(parts) + (f".{cents[1]}" if cents else ""))


def units_of(cell: Cell) -> int:
    """
    How many units a cell says: 60, "60", "60 capsules"; "2 x 60" and "30 servings" do not say it.

    Raises:
        BadCell: no whole number, or none from 1 to 100,000.
    """
    text = str(cell).strip()
    found = _UNITS.match(text)
    words = re.findall(r"[A-Za-z]+", found[2] or "") if found else []
    is_said = found is not None and not any(_NOT_UNITS.fullmatch(word) for word in words)
    number = int(found[1].replace(",", "")) if found is not None and is_said and len(found[1]) < 12 else 0
    if not 1 <= number <= MOST_UNITS:
        raise BadCell(f"{text[:20]!r} is not a number of units")
    return number


def gtin_of(cell: Cell) -> str:
    """
    The GTIN of a cell, '' for none. A spreadsheet drops zeros in front: they are put back.

    Raises:
        BadCell: no GTIN, or one whose last digit does not fit.
    """
    text = f"{cell:f}" if isinstance(cell, Decimal) else cell
    text = re.sub(r"[\s-]", "", text.strip().lstrip("'"))
    text = re.sub(r"\.0+\Z", "", text)
    if not text:
        return ""
    if re.fullmatch(r"\d[.,]?\d*[eE]\+?\d+", text):
        raise BadCell(f"{text[:20]}: a spreadsheet has lost digits of the GTIN")
    if not re.fullmatch(r"\d{7,14}", text, re.ASCII):
        raise BadCell(f"{text[:20]!r} is not a GTIN")
    text = text.zfill(next(length for length in (8, 12, 13, 14) if length >= len(text)))
    if not adds_up(text):
        raise BadCell(f"{text}: the last digit of the GTIN does not fit the others")
    return text


def same_gtin(gtin: str) -> str:
    """One spelling of a GTIN: 8, 12 and 13 digits are 14 with zeros in front."""
    return gtin.zfill(14)
