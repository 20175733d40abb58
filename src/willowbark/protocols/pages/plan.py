"""A composition as a page shows it: the plan by moments, pictures, and why each product is in it or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from willowbark.protocols.core.constraints import LONGEST_KEY
from willowbark.protocols.core.content import Watch, watches_of
from willowbark.protocols.core.day import MOMENTS
from willowbark.protocols.core.lines import PlanLine, Rests, sentences_of
from willowbark.protocols.core.masters import Master
from willowbark.protocols.core.notices import Weight
from willowbark.protocols.core.pictures import LimitBar, TargetBar, limit_bars, target_bars
from willowbark.protocols.core.plan import Status
from willowbark.protocols.core.problem import Problem
from willowbark.protocols.core.review import Item
from willowbark.protocols.core.wording import money_text, units_text
from willowbark.protocols.selectors.compositions import CompositionView


@dataclass(frozen=True, slots=True)
class Cited:
    """A source as a person reads it."""

    title: str
    locator: str
    url: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class RuleShown:
    """A rule in words, with the evidence behind it."""

    text: str
    fact_key: str
    grade: str
    is_verified: bool
    sources: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """How many units at one moment; what the label forbids there cannot be chosen."""

    moment: str
    name: str
    units: int
    is_allowed: bool


@dataclass(frozen=True, slots=True)
class LineShown:
    """One line of the plan."""

    line: PlanLine
    cells: tuple[Cell, ...]
    rules: tuple[RuleShown, ...]
    a_day_text: str
    supply_text: str
    cost_text: str
    stock_text: str
    is_in_stock: bool
    is_locked: bool
    is_included: bool


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


@dataclass(frozen=True, slots=True)
class Clash:
    """One of the demands that cannot hold together, and what loosening it would mean."""

    text: str
    loosen: str
    product: str


@dataclass(frozen=True, slots=True)
class PlanShown:
    """A whole composition."""

    view: CompositionView
    status: str
    lines: tuple[LineShown, ...]
    moments: tuple[str, ...]
    targets: tuple[TargetBar, ...]
    limits: tuple[LimitBar, ...]
    refused: tuple[Refused, ...]
    clash: tuple[Clash, ...]
    stops: tuple[Item, ...]
    asks: tuple[Item, ...]
    tells: tuple[Item, ...]
    watches: tuple[Watch, ...]
    cost_text: str
    units_a_day: int
    moments_a_day: int
    products: int
    least_days: int
    not_in_stock: int

    @property
    def kept_out(self) -> tuple[Refused, ...]:
        """What is not safe here, or was left out by hand."""
        return tuple(each for each in self.refused if each.is_banned or each.is_excluded)

    @property
    def not_needed(self) -> tuple[Refused, ...]:
        """What could be taken."""
        return tuple(each for each in self.refused if not each.is_banned and not each.is_excluded)


def plan_shown(view: CompositionView, masters: Sequence[Master]) -> PlanShown:
    """What the page of a composition shows."""
    problem, plan, situation = view.problem, view.plan, view.situation
    rules = {each["key"]: each for each in situation["rules"]}
    currency = next((each["currency"] for each in situation["products"]), "USD")
    lines = tuple(_line(problem, each, situation, currency) for each in view.lines)
    limits = {each.key: _rule_text(each.key, rules, situation) for each in problem.limits}
    weights: dict[Weight, list[Item]] = {each: [] for each in Weight}
    for item in view.review:
        weights[item.weight].append(item)
    infeasible = plan.status is Status.INFEASIBLE
    return PlanShown(
        view=view,
        status=str(plan.status),
        lines=lines,
        moments=tuple(each.name for each in MOMENTS),
        targets=() if infeasible else target_bars(problem, plan),
        limits=() if infeasible else limit_bars(problem, plan, limits),
        refused=tuple(_refused(view, rules)),
        clash=tuple(_clash(key, problem, rules, situation) for key in plan.clash),
        stops=tuple(weights[Weight.STOP]),
        asks=tuple(weights[Weight.ASK]),
        tells=tuple(weights[Weight.TELL]),
        watches=() if infeasible else watches_of(plan, situation, masters),
        cost_text=money_text(plan.totals.cost_cents, currency),
        units_a_day=plan.totals.units_a_day,
        moments_a_day=plan.totals.moments,
        products=plan.totals.products,
        least_days=min((each.days_of_supply for each in plan.lines), default=0),
        not_in_stock=sum(not each.is_in_stock for each in lines),
    )


def _line(problem: Problem, line: PlanLine, situation: Mapping[str, Any], currency: str) -> LineShown:
    product = next(each for each in problem.products if each.key == line.product_key)
    units = dict(line.moments)
    from_shelf, needed = line.from_stock_containers, line.containers
    if from_shelf >= needed:
        stock = "in stock"
    elif from_shelf:
        stock = f"{from_shelf} of {needed} in stock"
    else:
        stock = "not in stock"
    return LineShown(
        line=line,
        cells=tuple(
            Cell(each.key, each.name, units.get(each.key, 0), each.key in product.moments) for each in MOMENTS
        ),
        rules=tuple(_rule_shown(each, situation) for each in line.rests_on if each.kind != "cap"),
        a_day_text=units_text(line.units_a_day, line.unit_name),
        supply_text=f"{line.containers} × {line.units_per_container}, lasts {line.days_of_supply} days",
        cost_text=money_text(line.containers * line.container_cents, currency),
        stock_text=stock,
        is_in_stock=from_shelf >= needed,
        is_locked=any(each.product == line.product_key for each in problem.choices.locked),
        is_included=line.product_key in problem.choices.included,
    )


def _cited(keys: Sequence[str], situation: Mapping[str, Any]) -> tuple[Cited, ...]:
    found = []
    for key in keys:
        source = situation["sources"][key]
        locator = str(source["locator"])
        url = locator if locator.startswith("https://") else ""
        title = f"{source['title']} ({source['publisher']}, {source['year']})"
        found.append(Cited(title, locator, url, source["is_verified"]))
    return tuple(found)


def _rule_shown(rest: Rests, situation: Mapping[str, Any]) -> RuleShown:
    return RuleShown(rest.text, rest.fact_key, rest.grade, rest.is_verified, _cited(rest.sources, situation))


def _rule_of(key: str, rules: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The rule that a key of the problem came from; keys of products and moments were added to the rule's."""
    while key:
        if key in rules:
            found: Mapping[str, Any] = rules[key]
            return found
        key = key.rpartition("/")[0]
    return None


def _rule_text(key: str, rules: Mapping[str, Any], situation: Mapping[str, Any]) -> str:
    rule = _rule_of(key, rules)
    return str(rule["text"]) if rule else str(situation["texts"].get(key, ""))


def _refused(view: CompositionView, rules: Mapping[str, Any]) -> Iterator[Refused]:
    """Every product that could have been chosen and was not: banned ones first, by name."""
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
            rule = _rule_of(ban.key, rules)
            if rule is None:
                said.append(str(situation["texts"].get(ban.key, "")))
            else:
                shown.append(
                    RuleShown(
                        rule["text"],
                        rule["fact_key"],
                        rule["grade"],
                        rule["is_verified"],
                        _cited(rule["sources"], situation),
                    )
                )
        if not bans and product.key not in excluded:
            said += sentences_of(reasons.get(product.key, {}))
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


_BOUNDS = {
    "most_units": ("At most {} units a day.", "Allow more units a day."),
    "most_units_a_moment": ("At most {} units at one moment.", "Allow more units at a moment."),
    "most_moments": ("At most {} moments a day.", "Allow more moments."),
    "most_products": ("At most {} products.", "Allow more products."),
    "most_cost_cents": ("The whole plan costs no more than was allowed.", "Allow a higher cost."),
}


def _clash(key: str, problem: Problem, rules: Mapping[str, Any], situation: Mapping[str, Any]) -> Clash:
    """A demand of a clash in words, with what to loosen."""
    names = {each.key: each.name for each in problem.products}
    kind, _, rest = key.partition(":")
    product = rest.partition(":")[0]
    name = names.get(product, product)
    if kind == "day":
        text, loosen = _BOUNDS.get(rest, (f"The bound {rest}.", "Loosen it."))
        return Clash(text.format(getattr(problem.day, rest, "")), loosen, "")
    if kind == "locked":
        return Clash(f"{name} is fixed by hand.", "Leave its dosage to the composer.", product)
    if kind == "included":
        return Clash(f"{name} was asked for.", "Do not ask for it.", product)
    if kind == "excluded":
        return Clash(f"{name} was left out by hand.", "Let it in again.", product)
    if kind == "in_stock_only":
        return Clash("Only what is in stock may be used.", "Allow products that must be ordered.", "")
    if kind == "label":
        return Clash(f"The label of {name} allows no more.", "Choose another product.", product)
    text = _rule_text(key, rules, situation) or f"The rule {key[:LONGEST_KEY]}."
    return Clash(text, "A rule of safety: it cannot be loosened here.", "")
