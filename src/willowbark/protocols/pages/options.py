"""Another plan beside the one on the page: what it comes to, and in what the two differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from willowbark.protocols.core.checking import taken_of
from willowbark.protocols.core.plan import Plan, Reached, Status
from willowbark.protocols.core.problem import Problem, Product
from willowbark.protocols.core.wording import moments_text, money_text
from willowbark.protocols.pages.clash import Clash, clash_of
from willowbark.protocols.services.supposing import Supposed


@dataclass(frozen=True, slots=True)
class Change:
    """A product that is taken otherwise. `kind` is 'more' (new), 'less' (gone) or 'other'."""

    kind: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Option:
    """
    What another plan comes to.

    `short` are targets below their least amount, `below_aim` those that reach it but not their aim; `is_same`
    says that it is the plan on the page, `is_chosen` that the draft asks for it already.
    """

    status: str
    cost_text: str
    units_a_day: int
    moments: int
    products: int
    in_stock: int
    short: tuple[str, ...]
    below_aim: tuple[str, ...]
    changes: tuple[Change, ...]
    clash: tuple[Clash, ...]
    is_same: bool
    is_chosen: bool


def option_of(supposed: Supposed) -> Option:
    """What came of a supposition, against what was composed last."""
    problem, plan, before = supposed.considered.problem, supposed.plan, supposed.before
    situation = supposed.considered.situation
    rules = {each["key"]: each for each in situation["rules"]}
    currency = next((each["currency"] for each in situation["products"]), "USD")
    changes = tuple(_changes(problem, plan, before.problem, before.plan))
    return Option(
        status=str(plan.status),
        cost_text=money_text(plan.totals.cost_cents, currency),
        units_a_day=plan.totals.units_a_day,
        moments=plan.totals.moments,
        products=plan.totals.products,
        in_stock=sum(each.from_stock_containers >= each.containers for each in plan.lines),
        short=_targets(problem, plan, Reached.SHORT),
        below_aim=_targets(problem, plan, Reached.LEAST),
        changes=changes,
        clash=clash_of(plan.clash, problem, rules, situation),
        is_same=not changes and plan.status is not Status.INFEASIBLE,
        is_chosen=supposed.is_chosen,
    )


def _targets(problem: Problem, plan: Plan, reached: Reached) -> tuple[str, ...]:
    """The names of what is wanted and reached so far, each once."""
    names = {each.key: each.name for each in problem.ingredients}
    wanted = {each.key: names[each.ingredient] for each in problem.targets}
    return tuple(dict.fromkeys(wanted[each.key] for each in plan.targets if each.reached is reached))


def _changes(problem: Problem, plan: Plan, before_problem: Problem, before: Plan) -> Iterator[Change]:
    now, then = taken_of(plan), taken_of(before)
    products = {each.key: each for each in (*before_problem.products, *problem.products)}
    for key in sorted({*now, *then}, key=lambda each: (products[each].name, each)):
        product, here, there = products[key], now.get(key), then.get(key)
        if here == there:
            continue
        if there is None:
            yield Change("more", product.name, _taken(here or {}, product))
        elif here is None:
            yield Change("less", product.name, "left out")
        else:
            yield Change("other", product.name, f"{_taken(here, product)}, not {_taken(there, product)}")


def _taken(at: Mapping[str, int], product: Product) -> str:
    return moments_text(at.items(), product.unit_name)
