"""A price list compared with the catalog: which prices change, what is new, and what cannot be read."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from willowbark.catalog.core.checking import problems_of
from willowbark.catalog.core.price_lists.cells import BadCell, cents_of, gtin_of, same_gtin, units_of
from willowbark.catalog.core.price_lists.columns import FIELDS, Columns
from willowbark.catalog.core.price_lists.ingredients import ingredients_of
from willowbark.catalog.core.price_lists.lines import Line, Prices
from willowbark.catalog.core.price_lists.sheet import Cell, Sheet, SheetRow
from willowbark.catalog.core.products import ALLERGENS, DIETS, FORMS, NewProduct, ProductInfo
from willowbark.knowledge.core.release import Release

# A price that is so many times another is a slip of the decimal point until a person says otherwise.
SLIP: Final = 10
# Allergens too: a cell that says nothing is not one that says "none".
_NEEDED: Final = ("name", "brand", "form", "units", "ingredients", "allergens")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a file is compared with: the newest version of every product, and what is known."""

    products: Sequence[ProductInfo]
    release: Release


def lines_of(sheet: Sheet, columns: Columns, known: Comparison, *, source: str) -> tuple[Line, ...]:
    """What each row would do. `source` is written to products that are new."""
    return _Reader(sheet, columns, known, source).lines()


class _Reader:
    def __init__(self, sheet: Sheet, columns: Columns, known: Comparison, source: str) -> None:
        self.sheet, self.columns, self.known, self.source = sheet, columns, known, source
        self.places = {field: columns.column(sheet.headers, field) for field in FIELDS}
        self.by_gtin: dict[str, list[ProductInfo]] = defaultdict(list)
        self.by_name: dict[tuple[str, str], list[ProductInfo]] = defaultdict(list)
        self.by_key = {product.key: product for product in known.products}
        for product in known.products:
            if product.gtin:
                self.by_gtin[same_gtin(product.gtin)].append(product)
            self.by_name[_folded(product.brand), _folded(product.name)].append(product)
            self.by_name["", _folded(product.name)].append(product)

    def lines(self) -> tuple[Line, ...]:
        read = [self._line(row) for row in self.sheet.rows]
        times = Counter(line.key for line in read if line.key)
        return tuple(self._once(line, times) for line in read)

    def _once(self, line: Line, times: Mapping[str, int]) -> Line:
        if times[line.key] < 2:
            return line
        return Line(
            line.row, "unreadable", line.name, f"{times[line.key]} rows are of this product", line.key
        )

    def _line(self, row: SheetRow) -> Line:
        name = self._text(row, "name") or self._text(row, "key") or self._text(row, "gtin")
        try:
            gtin = gtin_of(self._cell(row, "gtin"))
            currency = self._currency(row)
            product = self._product(row, gtin)
            if product is None:
                return self._new(row, gtin, currency)
            return self._priced(row, product, currency)
        except BadCell as bad:
            return Line(row.number, "unreadable", name[:200], str(bad))

    def _cell(self, row: SheetRow, field: str) -> Cell:
        return row.cell(self.places[field])

    def _text(self, row: SheetRow, field: str) -> str:
        return " ".join(str(self._cell(row, field)).split())

    def _currency(self, row: SheetRow) -> str:
        said = self._text(row, "currency").upper() or self.columns.currency
        if not re.fullmatch(r"[A-Z]{3}", said):
            raise BadCell(f"{said[:10]!r} is not a currency" if said else "the currency is missing")
        return said

    def _product(self, row: SheetRow, gtin: str) -> ProductInfo | None:
        """The one product that a row is of: by GTIN, else by key, else by name and brand."""
        key, name = self._text(row, "key"), _folded(self._text(row, "name"))
        by_gtin = self.by_gtin.get(same_gtin(gtin), []) if gtin else []
        by_key = self.by_key.get(key)
        if len(by_gtin) > 1:
            raise BadCell(f"{len(by_gtin)} products of the catalog have the GTIN {gtin}")
        if by_gtin and by_key and by_gtin[0].key != by_key.key:
            raise BadCell(f"the GTIN is that of {by_gtin[0].key}, and the key that of {by_key.key}")
        found = by_gtin[0] if by_gtin else by_key
        if found is not None or not name:
            return found
        named = self.by_name.get((_folded(self._text(row, "brand")), name), [])
        if len(named) > 1:
            raise BadCell(f"{len(named)} products have this name: say the GTIN, the key or the brand")
        if named and gtin and named[0].gtin and same_gtin(named[0].gtin) != same_gtin(gtin):
            raise BadCell(f"the catalog has {named[0].key} with another GTIN, {named[0].gtin}")
        return named[0] if named else None

    def _cents(self, row: SheetRow, field: str, currency: str, otherwise: int) -> int:
        if self.places[field] is None:
            return otherwise
        try:
            return cents_of(self._cell(row, field), currency)
        except BadCell as bad:
            raise BadCell(f"{self.columns.headers[field]}: {bad}") from bad

    def _priced(self, row: SheetRow, product: ProductInfo, currency: str) -> Line:
        before = Prices(product.container_price_cents, product.container_cost_cents, product.currency)
        if currency != product.currency:
            raise BadCell(f"the list is in {currency}, and the catalog has it in {product.currency}")
        after = Prices(
            self._cents(row, "price", currency, before.price_cents),
            self._cents(row, "cost", currency, before.cost_cents),
            currency,
        )
        if not product.is_active:
            reason = "it is retired in the catalog: restore it first"
            return Line(row.number, "unmatched", product.name, reason, product.key, before, after)
        for was, becomes in (
            (before.price_cents, after.price_cents),
            (before.cost_cents, after.cost_cents),
        ):
            if was and not was <= becomes * SLIP <= was * SLIP * SLIP:
                raise BadCell(f"{_money(was)} would become {_money(becomes)}: is the decimal point right?")
        kind = "same" if before == after else "price"
        return Line(row.number, kind, product.name, "", product.key, before, after)

    def _new(self, row: SheetRow, gtin: str, currency: str) -> Line:
        name = self._text(row, "name") or self._text(row, "key") or gtin
        missing = [field for field in _NEEDED if not self._text(row, field)]
        if missing:
            said = ", ".join(field.replace("units", "units in a container") for field in missing)
            reason = f"the catalog has no such product, and to add it the row lacks: {said}"
            return Line(row.number, "unmatched", name[:200], reason)
        cost = self._cents(row, "cost", currency, 0)
        form = self._text(row, "form").lower().removesuffix("s")
        product = NewProduct(
            key=self._new_key(row),
            name=self._text(row, "name"),
            brand=self._text(row, "brand"),
            form=form,
            unit_name=self._text(row, "unit_name").lower() or (form if form in FORMS[:3] else ""),
            units_per_container=units_of(self._cell(row, "units")),
            container_price_cents=self._cents(row, "price", currency, cost),
            container_cost_cents=cost,
            currency=currency,
            ingredients=ingredients_of(self.known.release, str(self._cell(row, "ingredients"))),
            allergens=_words(self._text(row, "allergens"), ALLERGENS),
            diets=_words(self._text(row, "diets"), DIETS),
            gtin=gtin,
            source=self.source,
        )
        for _, problem in problems_of(product):
            raise BadCell(problem)
        after = Prices(product.container_price_cents, product.container_cost_cents, currency)
        return Line(row.number, "new", product.name, "", product.key, None, after, product)

    def _new_key(self, row: SheetRow) -> str:
        key = key_of(self._text(row, "key")) or key_of(
            f"{self._text(row, 'brand')} {self._text(row, 'name')}"
        )
        if not key or key in self.by_key:
            raise BadCell(f"the catalog has another product with the key {key!r}")
        return key


def key_of(text: str) -> str:
    """The key that a text becomes: small letters and digits, parted by underscores."""
    return "_".join(re.findall(r"[a-z0-9]+", text.lower()))[:80].strip("_")


def _folded(text: str) -> str:
    return " ".join(text.lower().split())


def _money(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02}"


def _words(text: str, known: Sequence[str]) -> tuple[str, ...]:
    """
    The words of a list such as "Soy, tree nuts".

    Raises:
        BadCell: one of them is not known: what is not known cannot be looked for in a chart.
    """
    found = []
    for part in re.split(r"[,;/|]", text):
        said = key_of(part)
        if not said or said in ("none", "n_a", "no"):
            continue
        word = next((each for each in known if said in (each, f"{each}s")), None)
        if word is None:
            raise BadCell(f"{part.strip()[:30]!r} is none of {', '.join(known)}")
        found.append(word)
    return tuple(dict.fromkeys(found))
