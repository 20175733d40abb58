"""Invented problems of the size of a practice's: seeded, so that they are the same everywhere."""

from __future__ import annotations

from random import Random
from typing import Any

from willowbark.protocols.core.problem import USUAL_LEVELS, Problem, from_document

MOMENTS = (
    ("waking", "On waking", 390, False),
    ("breakfast", "With breakfast", 450, True),
    ("lunch", "With lunch", 750, True),
    ("dinner", "With dinner", 1110, True),
    ("bedtime", "At bedtime", 1320, False),
)
# A usual day's amount of an ingredient, in its unit.
_USUAL = (5, 25, 50, 90, 150, 200, 300, 400, 500, 600, 1000, 1200, 2000, 3000)


def practice_problem(
    seed: int, *, products: int = 60, ingredients: int = 25, moments: int = 4, scarce: bool = True
) -> Problem:
    """
    Return a problem of a practice's size; an empty plan keeps all its rules, so some plan always does.

    Half of the products hold one ingredient, a third two to four, the others eight to fourteen. When it is
    `scarce`, fourteen targets share 18 units and 12 products a day, limits are low and units are weak: nearly
    every bound binds at once. Otherwise there are ten targets, and one or two units serve one.
    """
    return from_document(
        practice_document(seed, products=products, ingredients=ingredients, moments=moments, scarce=scarce)
    )


def practice_document(
    seed: int, *, products: int, ingredients: int, moments: int, scarce: bool = True
) -> dict[str, Any]:
    """Return the plain values of such a problem."""
    chance = Random(f"compose {seed} {products} {ingredients} {moments}")
    names = [f"ingredient_{n:02}" for n in range(ingredients)]
    usual = {name: chance.choice(_USUAL) for name in names}
    times = [each[0] for each in MOMENTS[-moments:]] if moments < 5 else [each[0] for each in MOMENTS]
    taken = {name: usual[name] // 2 if chance.random() < 0.1 else 0 for name in names}
    parts = (0.25, 0.5, 0.5, 1.0) if scarce else (0.5, 0.5, 1.0, 1.0)
    made = [_product(chance, n, names, usual, times, parts) for n in range(products)]
    keys = [each["key"] for each in made]
    wanted = chance.sample(names, k=min(14 if scarce else 10, ingredients))
    document: dict[str, Any] = {
        "format": "willowbark.problem/1",
        "days": 90,
        "moments": [
            {"key": key, "name": name, "minute_of_day": minute, "with_food": food}
            for key, name, minute, food in MOMENTS
            if key in times
        ],
        "day": {
            "most_units": 18,
            "most_units_a_moment": 8,
            "most_moments": 4,
            "most_products": 12,
            "most_cost_cents": None,
        },
        "ingredients": [
            {"key": name, "name": name, "unit": "ug", "taken_a_day": taken[name]} for name in names
        ],
        "targets": [_target(chance, n, name, usual[name]) for n, name in enumerate(wanted)],
        "limits": [
            {
                "key": f"limit:{name}",
                "ingredients": [name],
                "most": usual[name] * (chance.choice((2, 3, 4)) if scarce else chance.choice((3, 4, 5))),
                "counts_taken": True,
                "because": [f"ul:{name}"],
            }
            for name in names
            if chance.random() < 0.6
        ],
        "bans": [
            {"key": f"ban:{key}", "product": key, "because": [f"interaction:{key}"]}
            for key in chance.sample(keys, k=products // 15)
        ],
        "moment_bans": [
            {"key": f"not_then:{key}", "product": key, "moment": chance.choice(times), "because": ["thyroid"]}
            for key in chance.sample(keys, k=products // 10)
        ],
        "apart": [
            {
                "key": f"apart:{n}",
                "first_products": chance.sample(keys, k=max(1, products // 12)),
                "second_products": chance.sample(keys, k=max(1, products // 12)),
                "minutes": chance.choice((120, 240)),
                "because": ["minerals"],
            }
            for n in range(3)
        ],
        "cautions": [
            {"key": f"caution:{key}", "product": key, "burden": chance.choice((1, 3, 10)), "because": ["c"]}
            for key in chance.sample(keys, k=products // 8)
        ],
        "products": made,
        "choices": {"locked": [], "excluded": [], "included": [], "in_stock_only": False},
        "levels": [str(each) for each in USUAL_LEVELS],
        "current": {key: chance.randint(1, 3) for key in chance.sample(keys, k=min(4, products))},
    }
    return document


def _product(
    chance: Random,
    number: int,
    names: list[str],
    usual: dict[str, int],
    times: list[str],
    parts: tuple[float, ...],
) -> dict[str, Any]:
    kind = chance.random()
    count = 1 if kind < 0.5 else chance.randint(2, 4) if kind < 0.83 else chance.randint(8, 14)
    share = 1.0 if count == 1 else 0.6 if count < 5 else 0.25
    held = chance.sample(names, k=min(count, len(names)))
    most_a_moment = chance.choice((1, 2, 2, 3))
    return {
        "key": f"product_{number:03}",
        "name": f"Product {number}",
        "rank": chance.randint(1, 60),
        "unit_name": "capsule",
        "units_per_container": chance.choice((30, 60, 60, 90, 120, 180)),
        "container_cents": chance.randint(800, 6500),
        "stock_containers": chance.choice((0, 1, 2, 3, 6, 10)),
        "most_units_a_day": most_a_moment * chance.choice((1, 2, 2, 3)),
        "most_units_a_moment": most_a_moment,
        "moments": chance.sample(times, k=chance.randint(min(2, len(times)), len(times))),
        "amounts": {name: max(1, round(usual[name] * share * chance.choice(parts))) for name in held},
    }


def _target(chance: Random, number: int, name: str, usual: int) -> dict[str, Any]:
    least = max(1, usual * chance.choice((50, 75, 100)) // 100)
    aim = least * chance.choice((100, 125, 150)) // 100
    return {
        "key": f"target:{name}",
        "ingredient": name,
        "layer": "foundation" if number < 6 else "targeted",
        "least": least,
        "aim": aim,
        "most": aim * 3 if chance.random() < 0.3 else None,
        "protocol": "invented",
        "because": [f"fact:{name}"],
    }
