"""Why a product is in the plan."""

from __future__ import annotations

from willowbark.protocols.core.explaining.facts import Facts
from willowbark.protocols.core.explaining.reasons import Code, Gathered, Reason
from willowbark.protocols.core.explaining.words import amount_text, counted, difference_text
from willowbark.protocols.core.measuring import containers_for
from willowbark.protocols.core.problem import Product
from willowbark.protocols.core.solving.variants import Variants


def why_chosen(facts: Facts, product: Product, variants: Variants) -> Reason:
    """Return what it serves, what bounds it, and what leaving it out would cost."""
    said = Gathered()
    _serves(facts, product, said)
    _asked_for(facts, product, said)
    _bounded(facts, product, said)
    _moved(facts, product, said)
    for caution in facts.problem.cautions:
        if caution.product == product.key:
            said.say(
                Code.CAUTION,
                f"A caution applies, of weight {caution.burden}.",
                rules=(caution.key,),
                because=caution.because,
            )
    _without(facts, product, variants, said)
    return said.reason()


def _serves(facts: Facts, product: Product, said: Gathered) -> None:
    units = sum(facts.taken[product.key].values())
    for target in facts.wanted(product):
        given = facts.amount(product.amounts[target.ingredient] * units, target.ingredient)
        total = amount_text(facts.totals[target.ingredient], facts.ingredients[target.ingredient].unit)
        aim = amount_text(target.aim, facts.ingredients[target.ingredient].unit)
        said.say(
            Code.SERVES,
            f"Gives {given} a day; the aim is {aim}, and all together comes to {total}.",
            rules=(target.key,),
            because=target.because,
        )


def _asked_for(facts: Facts, product: Product, said: Gathered) -> None:
    choices = facts.problem.choices
    for lock in choices.locked:
        if lock.product == product.key:
            at = f"{counted(lock.units, product.unit_name)}: {facts.moments[lock.moment]}"
            said.say(Code.LOCKED, f"Settled by choice: {at}.", rules=(f"locked:{product.key}:{lock.moment}",))
    if product.key in choices.included:
        said.say(Code.INCLUDED, "Included by choice.", rules=(f"included:{product.key}",))


def _bounded(facts: Facts, product: Product, said: Gathered) -> None:
    """Say what stands against one more unit a day."""
    problem, units = facts.problem, sum(facts.taken[product.key].values())
    if units == product.most_units_a_day:
        most = counted(units, product.unit_name)
        said.say(Code.AT_LABEL, f"Its label allows no more than {most} a day.")
    for limit in problem.limits:
        used = sum(facts.totals[key] for key in limit.ingredients)
        if not limit.counts_taken:
            used -= sum(facts.ingredients[key].taken_a_day for key in limit.ingredients)
        held, unit = facts.held(product, limit), facts.unit_of(limit)
        if held and used + held > limit.most:
            said.say(
                Code.AT_LIMIT,
                f"One more {product.unit_name} would pass the limit of {facts.names(limit)}:"
                f" {amount_text(used, unit)} of {amount_text(limit.most, unit)} a day are used.",
                rules=(limit.key,),
                because=limit.because,
            )
    for target in problem.targets:
        held, total = product.amounts.get(target.ingredient, 0), facts.totals[target.ingredient]
        if held and target.most is not None and total + held > target.most:
            most = facts.amount(target.most, target.ingredient)
            said.say(
                Code.AT_MOST,
                f"One more {product.unit_name} would pass the most of its target, {most} a day.",
                rules=(target.key,),
                because=target.because,
            )
    if problem.choices.in_stock_only:
        needed = containers_for(problem.days, units + 1, product)
        if needed > product.stock_containers:
            said.say(
                Code.AT_STOCK,
                f"One more {product.unit_name} a day would need {counted(needed, 'container')};"
                f" {product.stock_containers} are on the shelf.",
                rules=("in_stock_only",),
            )


def _moved(facts: Facts, product: Product, said: Gathered) -> None:
    for ban in facts.problem.moment_bans:
        if ban.product == product.key:
            said.say(
                Code.MOVED,
                f"A rule keeps it away from this moment: {facts.moments[ban.moment]}.",
                rules=(ban.key,),
                because=ban.because,
            )
    for rule in facts.problem.apart:
        others: set[str] = set()
        if product.key in rule.first_products:
            others |= set(rule.second_products)
        if product.key in rule.second_products:
            others |= set(rule.first_products)
        for key in sorted(others & set(facts.taken) - {product.key}):
            said.say(
                Code.APART,
                f"Kept at least {rule.minutes} minutes from {facts.products[key].name}.",
                rules=(rule.key,),
                because=rule.because,
            )


def _without(facts: Facts, product: Product, variants: Variants, said: Gathered) -> None:
    if product.key in facts.problem.choices.included or any(
        lock.product == product.key and lock.units for lock in facts.problem.choices.locked
    ):
        return
    cost = variants.without(product.key)
    if cost is None:
        said.say(Code.NOT_COMPARED, "What a plan without it would cost was not worked out.")
    elif cost.difference:
        said.difference = cost.difference
        said.say(Code.NEEDED, f"Without it: {difference_text(cost.difference)}.")
    else:
        said.say(
            Code.PREFERRED,
            "A plan without it would be as good; the order of preference among products decides.",
        )
