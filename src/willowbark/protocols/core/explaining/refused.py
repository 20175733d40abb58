"""Why a product is not in the plan."""

from __future__ import annotations

from willowbark.protocols.core.explaining.facts import Facts
from willowbark.protocols.core.explaining.reasons import Code, Gathered, Reason
from willowbark.protocols.core.explaining.words import amount_text, counted, difference_text
from willowbark.protocols.core.measuring import containers_for
from willowbark.protocols.core.problem import Product
from willowbark.protocols.core.solving.variants import Variants


def why_refused(facts: Facts, product: Product, variants: Variants) -> Reason:
    """Return the rules that refuse it; where none does alone, what taking it would cost."""
    said = Gathered()
    _forbidden(facts, product, said)
    _no_moment(facts, product, said)
    _too_much(facts, product, said)
    _not_there(facts, product, said)
    if not said.codes:
        _with_it(facts, product, variants, said)
    return said.reason()


def _forbidden(facts: Facts, product: Product, said: Gathered) -> None:
    for ban in facts.problem.bans:
        if ban.product == product.key:
            said.say(Code.BANNED, "A rule forbids it here.", rules=(ban.key,), because=ban.because)
    if product.key in facts.problem.choices.excluded:
        said.say(Code.EXCLUDED, "Left out by choice.", rules=(f"excluded:{product.key}",))


def _no_moment(facts: Facts, product: Product, said: Gathered) -> None:
    if said.codes or any(high for _, high in facts.rooms[product.key].values()):
        return
    bans = [each for each in facts.problem.moment_bans if each.product == product.key]
    locks = [each for each in facts.problem.choices.locked if each.product == product.key]
    said.say(
        Code.NO_MOMENT,
        "No moment of the day is left for it.",
        rules=(
            *(each.key for each in bans),
            *(f"locked:{each.product}:{each.moment}" for each in locks),
        ),
        because=tuple(key for each in bans for key in each.because),
    )


def _too_much(facts: Facts, product: Product, said: Gathered) -> None:
    """Say which limits already one unit passes, with nothing else in the plan."""
    for limit in facts.problem.limits:
        held, beside, unit = facts.held(product, limit), facts.beside(limit), facts.unit_of(limit)
        if held and beside + held > limit.most:
            taken = f" and {amount_text(beside, unit)} are taken already" if beside else ""
            said.say(
                Code.OVER_LIMIT,
                f"One {product.unit_name} passes the limit of {facts.names(limit)}: it holds"
                f" {amount_text(held, unit)}{taken}; the limit is {amount_text(limit.most, unit)} a day.",
                rules=(limit.key,),
                because=limit.because,
            )
    for target in facts.problem.targets:
        held = product.amounts.get(target.ingredient, 0)
        beside = facts.ingredients[target.ingredient].taken_a_day
        if held and target.most is not None and beside + held > target.most:
            most = facts.amount(target.most, target.ingredient)
            said.say(
                Code.OVER_MOST,
                f"One {product.unit_name} passes the most of its target, {most} a day.",
                rules=(target.key,),
                because=target.because,
            )


def _not_there(facts: Facts, product: Product, said: Gathered) -> None:
    problem = facts.problem
    needed = containers_for(problem.days, 1, product)
    if problem.choices.in_stock_only and needed > product.stock_containers:
        said.say(
            Code.NOT_IN_STOCK,
            f"One {product.unit_name} a day needs {counted(needed, 'container')};"
            f" {product.stock_containers} are on the shelf.",
            rules=("in_stock_only",),
        )


def _with_it(facts: Facts, product: Product, variants: Variants, said: Gathered) -> None:
    cost = variants.including(product.key)
    if cost is None:
        said.say(Code.NOT_COMPARED, "What a plan with it would cost was not worked out.")
    elif cost.clash:
        said.say(
            Code.CLASHES,
            "It cannot be taken together with what is demanded.",
            rules=cost.clash,
            because=tuple(key for rule in cost.clash for key in facts.because.get(rule, ())),
        )
    elif cost.difference:
        said.difference = cost.difference
        said.say(Code.WORSE, f"With it: {difference_text(cost.difference)}.")
    else:
        said.say(
            Code.PREFERRED, "A plan with it would be as good; the order of preference among products decides."
        )
