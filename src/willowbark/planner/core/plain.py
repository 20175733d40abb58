"""Results as JSON has them, each figure written as a scenario writes it."""

from __future__ import annotations

import dataclasses
import math
from datetime import date
from typing import Any

from willowbark.planner.core.ranges import Range
from willowbark.planner.core.scenario.reading import BadScenario


def as_plain(found: Any) -> Any:
    """
    A result as plain data: a point is a number, a range is [low, high], money (`..._cents`) whole cents.

    Raises:
        BadScenario: a number that has no end: a figure is too small or too large to count with.
    """
    if dataclasses.is_dataclass(found) and not isinstance(found, (type, Range)):
        return {
            field.name: _cents(getattr(found, field.name))
            if field.name.endswith("_cents")
            else as_plain(getattr(found, field.name))
            for field in dataclasses.fields(found)
        }
    if isinstance(found, Range):
        return as_plain(found.low) if found.is_point else [as_plain(found.low), as_plain(found.high)]
    if isinstance(found, dict):
        return {str(key): as_plain(value) for key, value in found.items()}
    if isinstance(found, (list, tuple)):
        return [as_plain(one) for one in found]
    if isinstance(found, date):
        return found.isoformat()
    if isinstance(found, float) and not math.isfinite(found):
        raise _without_end()
    return found


def _cents(found: Any) -> Any:
    if isinstance(found, dict):
        return {key: _cents(value) for key, value in found.items()}
    if isinstance(found, Range):
        low, high = _cents(found.low), _cents(found.high)
        return low if low == high else [low, high]
    if isinstance(found, float) and not math.isfinite(found):
        raise _without_end()
    return None if found is None else round(found)


def _without_end() -> BadScenario:
    return BadScenario("A result has no end: a figure is too small or too large to count with.")
