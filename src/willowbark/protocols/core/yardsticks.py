"""By which amount each ingredient of a problem is read, so that every amount of it stands in one unit."""

from __future__ import annotations

from dataclasses import dataclass, field

from willowbark.protocols.core.problem import Problem
from willowbark.protocols.core.wording import amount_text


@dataclass(slots=True)
class Amounts:
    """Amounts of a problem in words: each ingredient in the unit of its aim, or else of its highest limit."""

    problem: Problem
    _units: dict[str, str] = field(init=False)
    _like: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self._units = {each.key: each.unit for each in self.problem.ingredients}
        limits: dict[str, int] = {}
        for limit in self.problem.limits:
            for key in limit.ingredients:
                limits[key] = max(limit.most, limits.get(key, 0))
        aims: dict[str, int] = {}
        for target in self.problem.targets:
            aims[target.ingredient] = max(target.aim, aims.get(target.ingredient, 0))
        self._like = limits | aims

    def text(self, key: str, count: int) -> str:
        """So much of an ingredient of the problem."""
        whole = key.partition(":")[0]
        # A part of an ingredient, such as one form of it, is read like the whole if it is counted like it.
        like = self._like.get(key)
        if whole != key and self._units.get(whole) == self._units[key]:
            like = self._like.get(whole, like)
        return amount_text(count, self._units[key], like)
