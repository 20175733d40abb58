"""The problem with one thing decided otherwise, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from willowbark.protocols.core.measuring import Taken, level_values
from willowbark.protocols.core.problem import Choices, Level, Problem
from willowbark.protocols.core.solving.cp_sat import OutOfTime
from willowbark.protocols.core.solving.ladder import Ladder, NotAsGood
from willowbark.protocols.core.solving.possible import clash_of, smallest_plan


@dataclass(frozen=True, slots=True)
class Cost:
    """
    What a variant costs against the best plan.

    `difference` holds the first levels that come out otherwise, the first of them worse; the levels after
    those were not looked at. It is empty when all levels are as good. With a `clash` no plan is possible.
    """

    difference: Mapping[Level, int]
    clash: tuple[str, ...] = ()


@dataclass(slots=True)
class Variants:
    """
    Variants of a problem against its best decisions.

    `left` is what remains of the deterministic time: without any, nothing is compared.
    """

    problem: Problem
    best: Taken
    left: float

    def without(self, product: str) -> Cost | None:
        """Return what it costs to leave a product out; None when the time was over first."""
        choices = self.problem.choices
        return self._cost(
            replace(choices, excluded=(*choices.excluded, product)), f"excluded:{product}", {product: 0}
        )

    def including(self, product: str) -> Cost | None:
        """Return what it costs to take at least one unit of a product; None when the time was over first."""
        choices = self.problem.choices
        return self._cost(
            replace(choices, included=(*choices.included, product)), f"included:{product}", {product: 1}
        )

    def _cost(self, choices: Choices, name: str, units: Mapping[str, int]) -> Cost | None:
        if self.left <= 0:
            return None
        variant = replace(self.problem, choices=choices)
        hint = {**{key: sum(at.values()) for key, at in self.best.items()}, **units}
        try:
            first = smallest_plan(variant)
            if first is None:
                return Cost({}, tuple(each for each in clash_of(variant) if each != name))
            try:
                return Cost(self._difference(variant, first, hint, suppose=True))
            except NotAsGood:
                return Cost(self._difference(variant, first, hint, suppose=False))
        except OutOfTime:
            return None

    def _difference(
        self, variant: Problem, first: Taken, hint: Mapping[str, int], *, suppose: bool
    ) -> dict[Level, int]:
        ladder = Ladder(variant, first, self.left)
        try:
            return ladder.climb_while_as_good(level_values(self.problem, self.best), hint, suppose=suppose)
        finally:
            self.left = ladder.left
