"""Which column of a file says what: guessed from its headers, corrected by a person, remembered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from willowbark.kernel.errors import Invalid

# What a price list can say of a product, and how headers call it. The first word that fits wins.
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "gtin": ("gtin", "upc", "ean", "barcode", "bar code", "upc code", "ean code", "gtin 14", "ean13"),
    "key": ("key", "sku", "item number", "item no", "product code", "item code", "item", "code"),
    "name": ("product name", "name", "product", "item description", "description", "title"),
    "brand": ("brand", "brand name", "manufacturer", "vendor", "make"),
    "cost": ("wholesale price", "wholesale", "cost", "unit cost", "net price", "your price", "dealer price"),
    "price": (
        "retail price",
        "retail",
        "msrp",
        "rrp",
        "srp",
        "list price",
        "price",
        "suggested retail price",
    ),
    "currency": ("currency", "ccy"),
    "form": ("form", "dosage form", "delivery form"),
    "unit_name": ("unit", "unit name"),
    "units": ("count", "units", "units per container", "pack size", "size", "quantity"),
    "ingredients": ("ingredients", "composition", "supplement facts", "active ingredients"),
    "allergens": ("allergens", "contains allergens", "allergen"),
    "diets": ("diets", "diet", "dietary"),
}
LABELS: Final[Mapping[str, str]] = {
    "gtin": "GTIN, UPC or EAN",
    "key": "Key or item number",
    "name": "Name",
    "brand": "Brand",
    "cost": "What the practice pays",
    "price": "What the patient pays",
    "currency": "Currency",
    "form": "Form",
    "unit_name": "Unit",
    "units": "Units in a container",
    "ingredients": "Ingredients of one unit",
    "allergens": "Allergens",
    "diets": "Diets",
}
_CURRENCY: Final = re.compile(r"[A-Z]{3}\Z")


@dataclass(frozen=True, slots=True)
class Columns:
    """Field -> header, as a person or a guess has it; `currency` is that of prices which name none."""

    headers: Mapping[str, str]
    currency: str = ""

    def column(self, headers: Sequence[str], field: str) -> int | None:
        """Where a field stands among the headers of a file, or None."""
        header = self.headers.get(field, "")
        return headers.index(header) if header and header in headers else None


def guess(headers: Sequence[str]) -> Columns:
    """What the headers seem to say: no header twice, no field twice."""
    free = {header: _folded(header) for header in headers if header}
    found: dict[str, str] = {}
    for whole in (True, False):
        for field, words in FIELDS.items():
            if field in found:
                continue
            for word in words:
                header = next((each for each, said in free.items() if _fits(word, said, whole=whole)), None)
                if header is not None:
                    found[field] = header
                    del free[header]
                    break
    return Columns(found)


def _fits(word: str, said: str, *, whole: bool) -> bool:
    return said == word if whole else len(word) > 2 and f" {word} " in f" {said} "


def _folded(header: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9]+", " ", header.lower()).split())


def check_columns(columns: Columns, headers: Sequence[str]) -> Columns:
    """
    Let columns pass that a file can be read by; headers that this file lacks are left out.

    Raises:
        Invalid: nothing tells the products, there is no price, or nobody says the currency.
    """
    kept = {
        field: header for field, header in columns.headers.items() if field in FIELDS and header in headers
    }
    if len(set(kept.values())) < len(kept):
        raise Invalid("One column cannot say two things.", field="columns")
    if not {"gtin", "key", "name"} & set(kept):
        raise Invalid("Say which column tells the products: GTIN, key or name.", field="columns")
    if not {"cost", "price"} & set(kept):
        raise Invalid("Say which column holds the price.", field="columns")
    currency = columns.currency.strip().upper()
    if currency and not _CURRENCY.match(currency):
        raise Invalid(f"{currency[:10]!r} is not a currency such as USD.", field="currency")
    if not currency and "currency" not in kept:
        raise Invalid("Say the currency: no column does.", field="currency")
    return Columns(kept, currency)
