"""What the page is given on which a product is edited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from willowbark.catalog.core.editing import LISTS, text_of
from willowbark.catalog.core.products import ALLERGENS, DIETS, FOODS, FORMS, MOMENTS, ProductInfo
from willowbark.foundation.presentation.choices import Choice
from willowbark.foundation.presentation.words import phrase
from willowbark.knowledge.selectors import release

_WORDS = {"moments": MOMENTS, "allergens": ALLERGENS, "diets": DIETS}
_LABELS = {
    "moments": "When it may be taken (any time when none is chosen)",
    "allergens": "Allergens",
    "diets": "Diets",
}


@dataclass(frozen=True, slots=True)
class Ticks:
    """One set of words, of which any number hold."""

    name: str
    label: str
    options: tuple[Choice, ...]
    error: str


@dataclass(frozen=True, slots=True)
class EditPage:
    """A product's form as it stands; `errors` is field -> what is wrong with it."""

    product: ProductInfo
    texts: Mapping[str, str]
    forms: tuple[Choice, ...]
    foods: tuple[Choice, ...]
    ticks: tuple[Ticks, ...]
    is_in_force: bool
    errors: Mapping[str, str]


def edit_page(product: ProductInfo) -> EditPage:
    """The form of a product as it is now."""
    known = release()
    texts = {
        "name": product.name,
        "brand": product.brand,
        "form": product.form,
        "unit_name": product.unit_name,
        "units_per_container": str(product.units_per_container),
        "price": _money(product.container_price_cents),
        "cost": _money(product.container_cost_cents),
        "currency": product.currency,
        "most_units_a_day": str(product.most_units_a_day or ""),
        "most_units_a_moment": str(product.most_units_a_moment or ""),
        "food": product.food,
        "gtin": product.gtin,
        "source": product.source,
        "ingredients": "\n".join(text_of(known, one) for one in product.ingredients),
    }
    lists = {name: getattr(product, name) for name in LISTS}
    return asked_page(product, texts, lists, is_in_force=product.is_active, errors={})


def asked_page(
    product: ProductInfo,
    texts: Mapping[str, str],
    lists: Mapping[str, Sequence[str]],
    *,
    is_in_force: bool,
    errors: Mapping[str, str],
) -> EditPage:
    """The form as somebody filled it in."""
    return EditPage(
        product=product,
        texts=texts,
        forms=_choices(FORMS, (texts.get("form", ""),)),
        foods=_choices(FOODS, (texts.get("food", ""),)),
        ticks=tuple(
            Ticks(name, label, _choices(_WORDS[name], lists.get(name, ())), errors.get(name, ""))
            for name, label in _LABELS.items()
        ),
        is_in_force=is_in_force,
        errors=errors,
    )


def _choices(words: Sequence[str], chosen: Sequence[str]) -> tuple[Choice, ...]:
    return tuple(Choice(word, phrase(word), word in chosen) for word in words)


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"
