"""Products to add in the composer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from willowbark.catalog.core.products import ProductInfo
from willowbark.catalog.selectors import products
from willowbark.foundation.authorisation import Actor
from willowbark.knowledge.selectors import release
from willowbark.protocols.core.wording import labelled_text

MOST_OPTIONS = 8


@dataclass(frozen=True, slots=True)
class ProductOption:
    """One product that can be added, with what one unit holds."""

    key: str
    name: str
    brand: str
    holds: str


def options_for(actor: Actor, text: str) -> Sequence[ProductOption]:
    """
    Products whose name, brand or ingredients hold every word of the text; at most 8, () for ''.

    Raises:
        Forbidden: the actor reads no catalog.
    """
    words = text.lower().replace("-", " ").split()
    if not words:
        return ()
    found = [each for each in products(actor) if all(word in _said(each) for word in words)]
    return tuple(
        ProductOption(
            each.key,
            each.name,
            each.brand,
            ", ".join(
                f"{_name(one.ingredient_key)} {labelled_text(one.amount, one.unit)}"
                for one in each.ingredients[:3]
            ),
        )
        for each in found[:MOST_OPTIONS]
    )


def _name(key: str) -> str:
    known = release().ingredients.get(key)
    return known.name if known else key.replace("_", " ").capitalize()


def _said(info: ProductInfo) -> str:
    keys = " ".join(each.ingredient_key.replace("_", " ") for each in info.ingredients)
    return f"{info.name} {info.brand} {keys}".lower().replace("-", " ")
