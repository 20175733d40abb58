"""
What a schema cannot say of a problem: keys are unique and refer to what is there, and nothing can grow past
what is counted exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from willowbark.protocols.core.canonical import LARGEST
from willowbark.protocols.core.problem.parts import Limit, Problem

# Names that a plan's clash gives to what is no rule of the list; see `Plan.clash`.
RESERVED = ("day:", "excluded:", "in_stock_only", "included:", "label:", "locked:")

Fault = tuple[str, str]


def faults(problem: Problem) -> Iterator[Fault]:
    """Yield the JSON path and the words of each fault; those after the first may be its consequences."""
    yield from _keys(problem)
    yield from _rule_keys(problem)
    yield from _references(problem)
    yield from _targets(problem)
    yield from _repetitions(problem)
    yield from _sizes(problem)


def _twice(keys: Iterable[tuple[str, object]], what: str) -> Iterator[Fault]:
    seen = set()
    for path, key in keys:
        if key in seen:
            yield path, f"{what} {key!r} comes twice"
        seen.add(key)


def _keys(problem: Problem) -> Iterator[Fault]:
    for name in ("moments", "ingredients", "products"):
        listed = getattr(problem, name)
        yield from _twice(((f"$.{name}[{n}].key", each.key) for n, each in enumerate(listed)), "the key")
    yield from _twice(((f"$.levels[{n}]", str(each)) for n, each in enumerate(problem.levels)), "the level")


def _rule_keys(problem: Problem) -> Iterator[Fault]:
    names = ("targets", "limits", "bans", "moment_bans", "apart", "cautions")
    keys = [
        (f"$.{name}[{n}].key", each.key) for name in names for n, each in enumerate(getattr(problem, name))
    ]
    yield from _twice(keys, "the key (of any rule)")
    for path, key in keys:
        if key.startswith(RESERVED):
            yield path, f"keys that begin like {key!r} are kept for choices and bounds: {', '.join(RESERVED)}"


def _references(problem: Problem) -> Iterator[Fault]:
    known = {
        "ingredient": {each.key for each in problem.ingredients},
        "product": {each.key for each in problem.products},
        "moment": {each.key for each in problem.moments},
    }
    for path, kind, key in _referred(problem):
        if key not in known[kind]:
            yield path, f"there is no {kind} {key!r}"


def _referred(problem: Problem) -> Iterator[tuple[str, str, str]]:
    """Yield the path, the kind and the key of whatever refers to something."""
    for n, target in enumerate(problem.targets):
        yield f"$.targets[{n}].ingredient", "ingredient", target.ingredient
    for n, limit in enumerate(problem.limits):
        yield from _listed(f"$.limits[{n}].ingredients", "ingredient", limit.ingredients)
    for name in ("bans", "cautions"):
        for n, rule in enumerate(getattr(problem, name)):
            yield f"$.{name}[{n}].product", "product", rule.product
    for n, ban in enumerate(problem.moment_bans):
        yield f"$.moment_bans[{n}].product", "product", ban.product
        yield f"$.moment_bans[{n}].moment", "moment", ban.moment
    for n, apart in enumerate(problem.apart):
        yield from _listed(f"$.apart[{n}].first_products", "product", apart.first_products)
        yield from _listed(f"$.apart[{n}].second_products", "product", apart.second_products)
    for n, product in enumerate(problem.products):
        yield from _listed(f"$.products[{n}].moments", "moment", product.moments)
        for key in product.amounts:
            yield f"$.products[{n}].amounts", "ingredient", key
    for n, lock in enumerate(problem.choices.locked):
        yield f"$.choices.locked[{n}].product", "product", lock.product
        yield f"$.choices.locked[{n}].moment", "moment", lock.moment
    yield from _listed("$.choices.excluded", "product", problem.choices.excluded)
    yield from _listed("$.choices.included", "product", problem.choices.included)
    for key in problem.current:
        yield "$.current", "product", key


def _listed(path: str, kind: str, keys: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    for n, key in enumerate(keys):
        yield f"{path}[{n}]", kind, key


def _targets(problem: Problem) -> Iterator[Fault]:
    for n, target in enumerate(problem.targets):
        if target.least > target.aim:
            yield f"$.targets[{n}].aim", f"{target.aim} is less than `least`, {target.least}"
        if target.most is not None and target.aim > target.most:
            yield f"$.targets[{n}].most", f"{target.most} is less than `aim`, {target.aim}"
    units = {each.key: each.unit for each in problem.ingredients}
    for n, limit in enumerate(problem.limits):
        if len({units[key] for key in limit.ingredients if key in units}) > 1:
            yield f"$.limits[{n}].ingredients", "amounts in different units cannot be added up"


def _repetitions(problem: Problem) -> Iterator[Fault]:
    choices = problem.choices
    lists: list[tuple[str, Sequence[object]]] = [
        *((f"$.limits[{n}].ingredients", each.ingredients) for n, each in enumerate(problem.limits)),
        *((f"$.apart[{n}].first_products", each.first_products) for n, each in enumerate(problem.apart)),
        *((f"$.apart[{n}].second_products", each.second_products) for n, each in enumerate(problem.apart)),
        *((f"$.products[{n}].moments", each.moments) for n, each in enumerate(problem.products)),
        ("$.choices.excluded", choices.excluded),
        ("$.choices.included", choices.included),
        ("$.choices.locked", [(each.product, each.moment) for each in choices.locked]),
    ]
    for path, entries in lists:
        yield from _twice(((f"{path}[{n}]", entry) for n, entry in enumerate(entries)), "the entry")


def _sizes(problem: Problem) -> Iterator[Fault]:
    """
    Nothing that is added up may pass 2^53 - 1, with every product at its most; shortfalls are counted in per
    mille, so a thousand times an amount must fit too.
    """
    most = {
        each.key: max(
            min(each.most_units_a_day, each.most_units_a_moment * len(each.moments)),
            sum(lock.units for lock in problem.choices.locked if lock.product == each.key),
        )
        for each in problem.products
    }
    reach = {each.key: each.taken_a_day for each in problem.ingredients}
    for product in problem.products:
        for key, amount in product.amounts.items():
            reach[key] += amount * most[product.key]
    for n, ingredient in enumerate(problem.ingredients):
        if reach[ingredient.key] * 1000 > LARGEST:
            yield f"$.ingredients[{n}]", _too_large(f"of {ingredient.key!r}", 1000 * reach[ingredient.key])
    for n, target in enumerate(problem.targets):
        if target.aim * 1000 > LARGEST:
            yield f"$.targets[{n}].aim", _too_large("of the target", 1000 * target.aim)
    for n, limit in enumerate(problem.limits):
        if _total(limit, reach) > LARGEST:
            yield f"$.limits[{n}]", _too_large("of its ingredients", _total(limit, reach))
    cost = sum(
        -(-problem.days * most[each.key] // each.units_per_container) * each.container_cents
        for each in problem.products
    )
    if cost > LARGEST:
        yield "$.products", _too_large("of cents", cost)


def _total(limit: Limit, reach: dict[str, int]) -> int:
    return sum(reach[key] for key in limit.ingredients)


def _too_large(what: str, number: int) -> str:
    return f"the sum {what} can grow to {number}, more than the {LARGEST} that stay exact; use a larger unit"
