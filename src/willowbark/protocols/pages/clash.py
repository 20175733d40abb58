"""Demands that cannot hold together, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from willowbark.protocols.core.constraints import LONGEST_KEY
from willowbark.protocols.core.problem import Problem
from willowbark.protocols.core.wording import moments_text, units_text
from willowbark.protocols.pages.rules import rule_text


@dataclass(frozen=True, slots=True)
class Clash:
    """
    One of the demands that cannot hold together, and what loosening it would mean.

    `product` names what can be left to the composer, `field` the input to change; neither: it stays.
    """

    text: str
    loosen: str
    product: str = ""
    field: str = ""


_BOUNDS = {
    "most_units": ("At most {} units a day.", "Allow more units a day."),
    "most_units_a_moment": ("At most {} units at one moment.", "Allow more units at a moment."),
    "most_moments": ("At most {} moments a day.", "Allow more moments."),
    "most_products": ("At most {} products.", "Allow more products."),
    "most_cost_cents": ("The whole plan costs no more than was allowed.", "Allow a higher cost."),
}
_FIELDS = {"most_cost_cents": "most_cost"}


def clash_of(
    keys: Iterable[str], problem: Problem, rules: Mapping[str, Any], situation: Mapping[str, Any]
) -> tuple[Clash, ...]:
    """The demands of a clash in words, each once, with what to loosen."""
    return tuple(dict.fromkeys(_clash(key, problem, rules, situation) for key in keys))


def _clash(key: str, problem: Problem, rules: Mapping[str, Any], situation: Mapping[str, Any]) -> Clash:
    """A demand of a clash in words, with what to loosen."""
    products = {each.key: each for each in problem.products}
    kind, _, rest = key.partition(":")
    key_of_product, _, moment = rest.partition(":")
    product = products.get(key_of_product)
    if kind == "day":
        text, loosen = _BOUNDS.get(rest, (f"The bound {rest}.", "Loosen it."))
        return Clash(text.format(getattr(problem.day, rest, "")), loosen, field=_FIELDS.get(rest, rest))
    if kind == "in_stock_only":
        loosen = "Allow products that must be ordered."
        return Clash("Only what is in stock may be used.", loosen, field="in-stock-only")
    if product is None:
        text = rule_text(key, rules, situation) or f"The rule {key[:LONGEST_KEY]}."
        return Clash(text, "A rule of safety: it cannot be loosened here.")
    if kind == "locked":
        units = {each.moment: each.units for each in problem.choices.locked if each.product == product.key}
        taken = moments_text([(moment, units.get(moment, 0))], product.unit_name)
        return Clash(
            f"{product.name} is fixed by hand: {taken}.",
            "Leave its dosage to the composer, or change the number below.",
            product=product.key,
        )
    if kind == "included":
        return Clash(f"{product.name} was asked for.", "Do not ask for it.", product=product.key)
    if kind == "excluded":
        return Clash(f"{product.name} was left out by hand.", "Let it in again.", product=product.key)
    day = units_text(product.most_units_a_day, product.unit_name)
    once = units_text(product.most_units_a_moment, product.unit_name)
    return Clash(
        f"The label of {product.name} allows at most {day} a day, {once} at a moment.",
        "A label cannot be loosened: change what was asked of it, or choose another product.",
    )
