"""
Labels of dietary supplements as the NIH Dietary Supplement Label Database writes them: one row an ingredient.

A label has no price, and states amounts of a serving. Where anything in it is not known, nothing of the
product is taken: a composition is whole, or it is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from willowbark.catalog.core.checking import problems_of
from willowbark.catalog.core.price_lists.cells import BadCell, units_of
from willowbark.catalog.core.price_lists.ingredients import contained, once
from willowbark.catalog.core.price_lists.lines import Line
from willowbark.catalog.core.price_lists.prices import Comparison, key_of
from willowbark.catalog.core.price_lists.sheet import Sheet, SheetRow
from willowbark.catalog.core.products import FORMS, Contained, NewProduct
from willowbark.knowledge.core.supplement_names import recognise

_Said = Callable[..., str]
HEADERS: Final = (
    "dsld_id", "brand", "product", "form", "servings_per_container", "serving_size", "ingredient", "as_form",
    "amount", "unit",
)  # fmt: skip
_FORMS: Final = {"softgel capsule": "softgel", "tablet or pill": "tablet", "lozenge or pastille": "lozenge"}
# Rows of the nutrition panel: they are food, and nothing that a protocol counts. An "Energy Blend" is none.
_FOOD: Final = re.compile(
    r"(?:calories|energy)(?: from .*fat)?|(?:total |added )?(?:carb(?:ohydrate)?s?|sugars?)"
    r"|(?:total |saturated |trans )fat"
    r"|cholesterol|sodium|(?:dietary|soluble|insoluble) fib(?:er|re)|protein",
    re.IGNORECASE,
)


def is_label_file(sheet: Sheet) -> bool:
    """Whether the table is one of labels, by its headers."""
    return set(HEADERS) <= set(sheet.headers)


def label_lines(sheet: Sheet, known: Comparison, *, currency: str, source: str) -> tuple[Line, ...]:
    """One line for each label, at the row where it begins."""
    place = {header: sheet.headers.index(header) for header in HEADERS}
    labels: dict[str, list[SheetRow]] = {}
    for row in sheet.rows:
        labels.setdefault(str(row.cell(place["dsld_id"])), []).append(row)
    keys = {product.key for product in known.products}
    return tuple(_line(rows, place, known, keys, currency, source) for rows in labels.values())


def _line(
    rows: Sequence[SheetRow],
    place: dict[str, int],
    known: Comparison,
    keys: set[str],
    currency: str,
    source: str,
) -> Line:
    def said(field: str, row: SheetRow = rows[0]) -> str:
        return " ".join(str(row.cell(place[field])).split())

    name = said("product")[:200]
    try:
        units, unit_name = _serving(said("serving_size"))
        product = NewProduct(
            key=_key(f"{said('brand')} {said('product')}", said("dsld_id")),
            name=name,
            brand=said("brand")[:100],
            form=_form(said("form")),
            unit_name=unit_name,
            units_per_container=_servings(said("servings_per_container")) * units,
            container_price_cents=0,
            container_cost_cents=0,
            currency=currency,
            ingredients=once([each for row in rows if (each := _contained(known, row, said, units))]),
            source=f"{source}, DSLD {said('dsld_id')}"[:300],
        )
        for _, problem in problems_of(product):
            raise BadCell(problem)
    except BadCell as bad:
        return Line(rows[0].number, "unreadable", name, str(bad))
    if product.key in keys:
        return Line(rows[0].number, "same", name, "the catalog has this label", product.key)
    return Line(rows[0].number, "new", name, "", product.key, product=product)


def _contained(known: Comparison, row: SheetRow, said: _Said, units: int) -> Contained | None:
    ingredient, form, amount = said("ingredient", row), said("as_form", row), said("amount", row)
    if _FOOD.fullmatch(ingredient):
        return None
    try:
        value = Decimal(amount)
    except InvalidOperation:
        value = Decimal(0)
    if not value.is_finite() or value <= 0:
        raise BadCell(f"{ingredient[:60]}: the label does not say how much of it there is")
    if not recognise(known.release, ingredient).contents:
        raise BadCell(f"{ingredient[:60]!r} is not an ingredient that is known")
    if form.lower() == "unspecified" or ";" in form:
        form = ""
    unit = re.sub(r"\(s\)\Z", "", said("unit", row).lower()).removesuffix("s")
    return contained(known.release, f"{ingredient} {form}", value, unit, units)


def _key(name: str, dsld_id: str) -> str:
    """The label's number stays whole, however long the name is: two labels are never one product."""
    number = key_of(dsld_id)
    return f"{key_of(name)[: 79 - len(number)].strip('_')}_{number}"


def _serving(text: str) -> tuple[int, str]:
    """Units of a serving and what one is called: "2.0 Lozenge(s)"."""
    found = re.match(r"(\d+)(?:\.0+)?\s+([A-Za-z ]+)", text)
    if found is None or int(found[1]) < 1:
        raise BadCell(f"a serving of {text[:30]!r} is no number of units")
    return int(found[1]), found[2].strip().lower()[:30]


def _servings(text: str) -> int:
    try:
        return units_of(Decimal(text))
    except (InvalidOperation, BadCell) as error:
        raise BadCell("the label does not say how many servings a container holds") from error


def _form(text: str) -> str:
    folded = text.lower()
    form = _FORMS.get(folded, folded)
    if form not in FORMS:
        raise BadCell(f"the form {text[:30]!r} is none of {', '.join(FORMS)}")
    return form
