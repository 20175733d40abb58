"""Products that are not in a plan, and why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from willowbark.protocols.core.lines import sentences_of
from willowbark.protocols.core.plan import Status
from willowbark.protocols.core.unneeded import why_unneeded
from willowbark.protocols.pages.rules import RuleShown, rule_of, rule_of_situation
from willowbark.protocols.selectors.compositions import CompositionView


@dataclass(frozen=True, slots=True)
class Refused:
    """A product that is not in the plan, and why not."""

    key: str
    name: str
    brand: str
    sentences: tuple[str, ...]
    rules: tuple[RuleShown, ...]
    is_banned: bool
    is_excluded: bool


def refused_of(view: CompositionView, rules: Mapping[str, Any]) -> Iterator[Refused]:
    """
    Every product that could have been chosen and was not, each with why: banned ones first, by name.

    Where there is no plan, nothing was refused but what is banned or was left out by hand.
    """
    problem, situation = view.problem, view.situation
    reasons = view.explanation.get("refused", {})
    given = {each.product for each in view.plan.lines}
    brands = {each["key"]: each["brand"] for each in situation["products"]}
    excluded = set(problem.choices.excluded)
    found = []
    for product in problem.products:
        if product.key in given:
            continue
        bans = [each for each in problem.bans if each.product == product.key]
        said, shown = [], []
        for ban in bans:
            rule = rule_of(ban.key, rules)
            if rule is None:
                said.append(str(situation["texts"].get(ban.key, "")))
            else:
                shown.append(rule_of_situation(rule, situation))
        is_free = not bans and product.key not in excluded
        if is_free and view.plan.status is Status.INFEASIBLE:
            continue
        if is_free:
            said += sentences_of(reasons.get(product.key, {})) or why_unneeded(problem, view.plan, product)
        found.append(
            Refused(
                key=product.key,
                name=product.name,
                brand=brands.get(product.key, ""),
                sentences=tuple(dict.fromkeys(each for each in said if each)),
                rules=tuple(dict.fromkeys(shown)),
                is_banned=bool(bans),
                is_excluded=product.key in excluded,
            )
        )
    yield from sorted(found, key=lambda each: (not each.is_banned, not each.is_excluded, each.name, each.key))
