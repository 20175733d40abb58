"""What reasons are found in: a problem and a plan, looked up by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from willowbark.protocols.core.checking import taken_of
from willowbark.protocols.core.explaining.words import amount_text
from willowbark.protocols.core.measuring import Taken, given_a_day
from willowbark.protocols.core.plan import Plan
from willowbark.protocols.core.problem import Ingredient, Limit, Problem, Product, Target
from willowbark.protocols.core.solving.doses import Room, rooms_of


@dataclass(slots=True)
class Facts:
    """A problem and a plan of it, with what is looked up again and again."""

    problem: Problem
    plan: Plan
    taken: Taken = field(init=False)
    products: Mapping[str, Product] = field(init=False)
    ingredients: Mapping[str, Ingredient] = field(init=False)
    moments: Mapping[str, str] = field(init=False)
    totals: Mapping[str, int] = field(init=False)
    because: Mapping[str, tuple[str, ...]] = field(init=False)
    rooms: Mapping[str, Room] = field(init=False)

    def __post_init__(self) -> None:
        problem = self.problem
        self.taken = taken_of(self.plan)
        self.products = {each.key: each for each in problem.products}
        self.ingredients = {each.key: each for each in problem.ingredients}
        self.moments = {each.key: each.name for each in problem.moments}
        given = given_a_day(problem, self.taken)
        self.totals = {key: given[key] + each.taken_a_day for key, each in self.ingredients.items()}
        self.because = {each.key: each.because for each in rules_of(problem)}
        self.rooms = rooms_of(problem)

    def amount(self, amount: int, ingredient: str) -> str:
        """Return an amount of an ingredient in words, with its name."""
        known = self.ingredients[ingredient]
        return f"{amount_text(amount, known.unit)} {known.name}"

    def wanted(self, product: Product) -> list[Target]:
        """Return the targets that the product serves: of what it holds, and not met by what is taken."""
        return [
            each
            for each in self.problem.targets
            if each.ingredient in product.amounts and each.aim > self.ingredients[each.ingredient].taken_a_day
        ]

    def held(self, product: Product, limit: Limit) -> int:
        """Return how much of what a limit counts one unit holds."""
        return sum(product.amounts.get(key, 0) for key in limit.ingredients)

    def beside(self, limit: Limit) -> int:
        """Return what is taken beside the plan of what a limit counts."""
        keys = limit.ingredients if limit.counts_taken else ()
        return sum(self.ingredients[key].taken_a_day for key in keys)

    def names(self, limit: Limit) -> str:
        """Return the names of what a limit counts."""
        return " + ".join(self.ingredients[key].name for key in limit.ingredients)

    def unit_of(self, limit: Limit) -> str:
        """Return the unit of what a limit counts."""
        return self.ingredients[limit.ingredients[0]].unit


def rules_of(problem: Problem) -> Iterator[Target | Limit]:
    """Yield every rule of the problem that has a key."""
    for name in ("targets", "limits", "bans", "moment_bans", "apart", "cautions"):
        yield from getattr(problem, name)
