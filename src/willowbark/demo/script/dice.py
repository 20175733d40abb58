"""Decisions that a seed makes, the same with every Python and on every machine."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """
    A reproducible source of decisions.

    Only `random()` of Python's generator is used, whose sequence is promised to stay; whatever is made of
    it here adds, multiplies and compares, which IEEE arithmetic does alike everywhere.
    """

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self._random = random.Random(seed)  # noqa: S311 reproducible on purpose, never for secrets

    def fork(self, name: str) -> Dice:
        """A source of its own for one part, untouched by how often others are asked."""
        return Dice(f"{self.seed}/{name}")

    def unit(self) -> float:
        """A number in [0, 1)."""
        return self._random.random()

    def chance(self, probability: float) -> bool:
        """Whether something of this probability happens."""
        return self.unit() < probability

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both possible."""
        return low + int(self.unit() * (high - low + 1))

    def spread(self, mean: float, deviation: float) -> float:
        """A number around `mean`, bell-shaped, never more than three deviations away."""
        draw = self._random.random
        # The sum of six uniform numbers has mean 3 and variance 1/2 (Irwin-Hall).
        bell = (draw() + draw() + draw() + draw() + draw() + draw() - 3.0) * 1.4142135623730951
        return mean + deviation * max(-3.0, min(3.0, bell))

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, each as likely."""
        return options[int(self.unit() * len(options))]

    def weighted(self, options: Sequence[tuple[T, float]]) -> T:
        """One of the options, as likely as its weight says; weights are positive."""
        at = self.unit() * sum(weight for _, weight in options)
        for option, weight in options:
            at -= weight
            if at < 0:
                return option
        return options[-1][0]

    def some(self, options: Sequence[T], count: int) -> list[T]:
        """`count` different options, or all of them, in a random order."""
        left = list(options)
        return [left.pop(int(self.unit() * len(left))) for _ in range(min(count, len(left)))]
