"""The lines of a plan with what each is for, what it must keep to, and the facts behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from willowbark.protocols.core.explaining import Code
from willowbark.protocols.core.plan import Line, Plan
from willowbark.protocols.core.problem import Layer, Problem, Product, Target
from willowbark.protocols.core.review import applying, given_by
from willowbark.protocols.core.wording import moments_text
from willowbark.protocols.core.yardsticks import Amounts

CHOSEN = "chosen"


@dataclass(frozen=True, slots=True)
class Serves:
    """A target that a product works towards: how much of the ingredient a day it gives."""

    target_key: str
    ingredient_name: str
    protocol: str
    layer: str
    amount_text: str
    why: str


@dataclass(frozen=True, slots=True)
class Rests:
    """A rule that a line keeps to: `text` for who signs, and the fact behind it."""

    rule_key: str
    kind: str
    text: str
    fact_key: str
    grade: str
    sources: tuple[str, ...]
    is_verified: bool
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanLine:
    """
    One product of a plan.

    `layer` is 'foundation' or 'targeted' by what it serves, 'chosen' when it serves nothing and somebody
    asked for it. `reasons` are sentences, `fact_keys` the facts and sources behind them.
    """

    product_key: str
    product_id: str
    name: str
    brand: str
    layer: str
    moments: tuple[tuple[str, int], ...]
    taken_text: str
    units_a_day: int
    unit_name: str
    units_per_container: int
    containers: int
    container_cents: int
    from_stock_containers: int
    days_of_supply: int
    serves: tuple[Serves, ...]
    rests_on: tuple[Rests, ...]
    reasons: tuple[str, ...]
    fact_keys: tuple[str, ...]

    @property
    def gives(self) -> tuple[str, ...]:
        """What it gives of what is wanted, a day; once, however many protocols want it."""
        return tuple(dict.fromkeys(f"{each.ingredient_name} {each.amount_text}" for each in self.serves))


def lines_of(
    problem: Problem, plan: Plan, situation: Mapping[str, Any], explanation: Mapping[str, Any]
) -> tuple[PlanLine, ...]:
    """The lines of a plan: the foundation first, then what is targeted, then what was asked for."""
    products = {each.key: each for each in problem.products}
    rules = list(applying(situation, given_by(plan)))
    found = [
        _line(problem, products[each.product], each, situation, explanation, rules) for each in plan.lines
    ]
    order = (Layer.FOUNDATION, Layer.TARGETED, CHOSEN)
    return tuple(sorted(found, key=lambda each: (order.index(each.layer), each.name, each.product_key)))


def sentences_of(reason: Mapping[str, Any]) -> tuple[str, ...]:
    """
    What an explanation says of a product, for people.

    Left out: that a caution applies (the rule itself says which), and that nothing was compared.
    """
    said = list(reason.get("sentences", ()))
    if Code.NOT_COMPARED in reason.get("codes", ()) and said:
        said.pop()
    return tuple(each for each in said if not each.startswith("A caution applies"))


def _line(
    problem: Problem,
    product: Product,
    line: Line,
    situation: Mapping[str, Any],
    explanation: Mapping[str, Any],
    rules: list[dict[str, Any]],
) -> PlanLine:
    known = next(each for each in situation["products"] if each["key"] == product.key)
    serves = tuple(_serves(problem, line, situation))
    holds = {key.partition(":")[0] for key in product.amounts}
    rests = tuple(_rests(rule) for rule in rules if rule["ingredient"] in holds)
    moments = tuple((each.moment, each.units) for each in line.moments)
    layers = {each.layer for each in serves}
    layer = str(Layer.FOUNDATION) if Layer.FOUNDATION in layers else str(Layer.TARGETED) if layers else CHOSEN
    chosen = explanation.get("chosen", {}).get(product.key, {})
    reasons = [
        *sentences_of(chosen),
        *(f"{each.ingredient_name}: {each.why}" for each in serves if each.why),
        *(each.text for each in rests if each.kind != "cap"),
    ]
    targets = {each.key: each for each in problem.targets}
    facts = [
        *(each.fact_key for each in rests),
        *(key for each in serves for key in targets[each.target_key].because),
    ]
    return PlanLine(
        product_key=product.key,
        product_id=known["id"],
        name=product.name,
        brand=known["brand"],
        layer=layer,
        moments=moments,
        taken_text=moments_text(moments, product.unit_name),
        units_a_day=line.units_a_day,
        unit_name=product.unit_name,
        units_per_container=product.units_per_container,
        containers=line.containers,
        container_cents=line.container_cents,
        from_stock_containers=line.from_stock_containers,
        days_of_supply=line.days_of_supply,
        serves=serves,
        rests_on=rests,
        reasons=tuple(dict.fromkeys(reasons)),
        fact_keys=tuple(dict.fromkeys(facts)),
    )


def _serves(problem: Problem, line: Line, situation: Mapping[str, Any]) -> Iterator[Serves]:
    names = {each.key: each for each in problem.ingredients}
    amounts = Amounts(problem)
    targets: tuple[Target, ...] = problem.targets
    for target in targets:
        amount = line.amounts.get(target.ingredient, 0)
        if amount:
            one = names[target.ingredient]
            yield Serves(
                target_key=target.key,
                ingredient_name=one.name,
                protocol=target.protocol,
                layer=str(target.layer),
                amount_text=amounts.text(one.key, amount),
                why=situation["texts"].get(target.key, ""),
            )


def _rests(rule: Mapping[str, Any]) -> Rests:
    return Rests(
        rule_key=rule["key"],
        kind=rule["kind"],
        text=rule["text"],
        fact_key=rule["fact_key"],
        grade=rule["grade"],
        sources=tuple(rule["sources"]),
        is_verified=rule["is_verified"],
        entries=tuple(rule["entries"]),
    )
