"""A scenario as a file has it: what was given, by section and name."""

from __future__ import annotations

from typing import Any

from willowbark.planner.core.ranges import Range
from willowbark.planner.core.scenario.scenario import Scenario, Value


def written(scenario: Scenario) -> dict[str, dict[str, Any]]:
    """The figures given, which read again give the same scenario."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(scenario.given):
        section, _, name = path.partition(".")
        found.setdefault(section, {})[name] = plain(scenario.values[path])
    return found


def plain(value: Value) -> Any:
    """One value as a file has it."""
    if isinstance(value, Range):
        return _number(value.low) if value.is_point else [_number(value.low), _number(value.high)]
    if isinstance(value, tuple):
        return [{name: plain(one) for name, one in record.items() if one is not None} for record in value]
    return value


def _number(value: float) -> float | int:
    return int(value) if value == int(value) else value
