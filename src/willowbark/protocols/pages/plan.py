"""A composition as a page shows it: the plan by moments, pictures, and why each product is in it or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from willowbark.protocols.core.content import Watch, watches_of
from willowbark.protocols.core.day import MOMENTS
from willowbark.protocols.core.lines import PlanLine
from willowbark.protocols.core.masters import Master
from willowbark.protocols.core.notices import Weight
from willowbark.protocols.core.pictures import LimitBar, TargetBar, limit_bars, target_bars
from willowbark.protocols.core.plan import Status
from willowbark.protocols.core.problem import Problem, Product
from willowbark.protocols.core.review import Item
from willowbark.protocols.core.wording import money_text, units_text
from willowbark.protocols.pages.clash import Clash, clash_of
from willowbark.protocols.pages.refused import Refused, refused_of
from willowbark.protocols.pages.rules import RuleShown, rule_shown, rule_text
from willowbark.protocols.selectors.compositions import CompositionView


@dataclass(frozen=True, slots=True)
class Cell:
    """How many units at one moment; `never` says why none can be taken then, '' when some can."""

    moment: str
    name: str
    units: int
    never: str


@dataclass(frozen=True, slots=True)
class Fixed:
    """A product of which something was decided by hand, while no plan can keep to all of it."""

    key: str
    name: str
    brand: str
    unit_name: str
    cells: tuple[Cell, ...]
    is_locked: bool


@dataclass(frozen=True, slots=True)
class LineShown:
    """One line of the plan."""

    line: PlanLine
    cells: tuple[Cell, ...]
    reasons: tuple[str, ...]
    rules: tuple[RuleShown, ...]
    a_day_text: str
    supply_text: str
    cost_text: str
    stock_text: str
    is_in_stock: bool
    is_locked: bool
    is_included: bool


@dataclass(frozen=True, slots=True)
class PlanShown:
    """A whole composition."""

    view: CompositionView
    status: str
    lines: tuple[LineShown, ...]
    fixed: tuple[Fixed, ...]
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
    def in_stock(self) -> int:
        """How many of the products are on the shelf for all the days."""
        return self.products - self.not_in_stock

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
    lines = tuple(_line(problem, each, situation, currency, rules) for each in view.lines)
    limits = {each.key: rule_text(each.key, rules, situation) for each in problem.limits}
    weights: dict[Weight, list[Item]] = {each: [] for each in Weight}
    for item in view.review:
        weights[item.weight].append(item)
    infeasible = plan.status is Status.INFEASIBLE
    return PlanShown(
        view=view,
        status=str(plan.status),
        lines=lines,
        fixed=tuple(_fixed(problem, situation, rules)) if infeasible else (),
        moments=tuple(each.name for each in MOMENTS),
        targets=() if infeasible else target_bars(problem, plan),
        limits=() if infeasible else limit_bars(problem, plan, limits),
        refused=tuple(refused_of(view, rules)),
        clash=clash_of(plan.clash, problem, rules, situation),
        stops=tuple(weights[Weight.STOP]),
        asks=tuple(weights[Weight.ASK]),
        tells=tuple(weights[Weight.TELL]),
        watches=() if infeasible else watches_of(plan, situation, masters, days=problem.days),
        cost_text=money_text(plan.totals.cost_cents, currency),
        units_a_day=plan.totals.units_a_day,
        moments_a_day=plan.totals.moments,
        products=plan.totals.products,
        least_days=min((each.days_of_supply for each in plan.lines), default=0),
        not_in_stock=sum(not each.is_in_stock for each in lines),
    )


def _cells(
    problem: Problem,
    product: Product,
    units: Mapping[str, int],
    situation: Mapping[str, Any],
    rules: Mapping[str, Any],
) -> tuple[Cell, ...]:
    """One for each moment of the day."""
    never: dict[str, list[str]] = {}
    for ban in problem.moment_bans:
        if ban.product == product.key:
            never.setdefault(ban.moment, []).append(rule_text(ban.key, rules, situation))
    for each in MOMENTS:
        if each.key not in product.moments:
            never.setdefault(each.key, ["The label does not allow it then."])
    return tuple(
        Cell(each.key, each.name, units.get(each.key, 0), " ".join(dict.fromkeys(never.get(each.key, ()))))
        for each in MOMENTS
    )


def _fixed(problem: Problem, situation: Mapping[str, Any], rules: Mapping[str, Any]) -> Iterator[Fixed]:
    """What was fixed or asked for by hand, in the order of the products."""
    brands = {each["key"]: each["brand"] for each in situation["products"]}
    locked: dict[str, dict[str, int]] = {}
    for lock in problem.choices.locked:
        locked.setdefault(lock.product, {})[lock.moment] = lock.units
    for product in problem.products:
        if product.key in locked or product.key in problem.choices.included:
            yield Fixed(
                key=product.key,
                name=product.name,
                brand=brands.get(product.key, ""),
                unit_name=product.unit_name,
                cells=_cells(problem, product, locked.get(product.key, {}), situation, rules),
                is_locked=product.key in locked,
            )


def _line(
    problem: Problem,
    line: PlanLine,
    situation: Mapping[str, Any],
    currency: str,
    rules: Mapping[str, Any],
) -> LineShown:
    product = next(each for each in problem.products if each.key == line.product_key)
    kept = tuple(rule_shown(each, situation) for each in line.rests_on if each.kind != "cap")
    said = {each.text for each in kept}
    from_shelf, needed = line.from_stock_containers, line.containers
    if from_shelf >= needed:
        stock = "in stock"
    elif from_shelf:
        stock = f"{from_shelf} of {needed} in stock"
    else:
        stock = "not in stock"
    return LineShown(
        line=line,
        cells=_cells(problem, product, dict(line.moments), situation, rules),
        reasons=tuple(each for each in line.reasons if each not in said),
        rules=kept,
        a_day_text=units_text(line.units_a_day, line.unit_name),
        supply_text=f"{line.containers} × {line.units_per_container}, lasts {line.days_of_supply} days",
        cost_text=money_text(line.containers * line.container_cents, currency),
        stock_text=stock,
        is_in_stock=from_shelf >= needed,
        is_locked=any(each.product == line.product_key for each in problem.choices.locked),
        is_included=line.product_key in problem.choices.included,
    )
