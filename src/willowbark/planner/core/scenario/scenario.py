"""A scenario: a checked value for every figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from willowbark.planner.core.ranges import Range

Record = Mapping[str, "Range | bool | str | None"]
Value = Range | bool | str | tuple[Record, ...] | None


@dataclass(frozen=True, slots=True)
class Scenario:
    """
    A name and a value for every figure there is, those not given at their defaults.

    `given` are the paths that somebody gave. None stands where nothing is known and nothing is assumed.
    """

    name: str
    values: Mapping[str, Value] = field(repr=False)
    given: frozenset[str] = frozenset()

    def range(self, path: str) -> Range:
        """A number with its range; see `has` for figures that may be missing."""
        value = self.values[path]
        if not isinstance(value, Range):
            raise KeyError(f"{path} is no number here")
        return value

    def number(self, path: str) -> float:
        """A number, of a range its middle."""
        return self.range(path).middle

    def whole(self, path: str) -> int:
        """A whole number."""
        return int(self.range(path).low)

    def flag(self, path: str) -> bool:
        """A yes or no."""
        return self.values[path] is True

    def choice(self, path: str) -> str:
        """The word chosen."""
        return str(self.values[path])

    def records(self, path: str) -> tuple[Record, ...]:
        """A list of records, each figure by its name."""
        value = self.values[path]
        return value if isinstance(value, tuple) else ()

    def has(self, path: str) -> bool:
        """Whether anything is known of a figure."""
        return self.values[path] is not None

    def with_values(self, changed: Mapping[str, Value]) -> Scenario:
        """The same with other values, which the caller has checked or taken from a checked scenario."""
        return replace(self, values={**self.values, **changed}, given=self.given | set(changed))
