"""A simulation as JSON, as `data/simulation.schema.json` has it."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from willowbark.planner.core.simulation.queue import QueueResult
from willowbark.planner.core.simulation.reasons import reasons
from willowbark.planner.core.simulation.result import SimulationResult
from willowbark.planner.core.simulation.summing import Band, When

FORMAT = "willowbark.simulation/1"
QUEUE_FORMAT = "willowbark.queue/1"


def simulation_as_json(found: SimulationResult) -> dict[str, Any]:
    """Everything, in plain values; numbers are rounded to six significant digits."""
    likely = found.likelihood
    return {
        "format": FORMAT,
        "seed": found.seed,
        "replications": found.replications,
        "method": found.method,
        "weeks": found.weeks,
        "reasons": list(reasons(found)),
        "totals": {name: _rounded(asdict(one)) for name, one in found.totals.items()},
        "likelihood": None
        if likely is None
        else {
            "milestones": [
                {
                    "week": one.milestone.week,
                    "patients": one.milestone.patients,
                    "share_reaching": _rounded(asdict(one.reaching)),
                    "share_near": _rounded(asdict(one.near)),
                }
                for one in likely.milestones
            ],
            "tolerance": likely.tolerance,
            "share_reaching_all": _rounded(asdict(likely.reaching_all)),
            "share_near_all": _rounded(asdict(likely.near_all)),
            "nearest_run": likely.nearest,
            "nearest_distance": _number(likely.nearest_distance),
        },
        "failures": [
            {
                "name": one.name,
                "is_guarded": one.is_guarded,
                "signal_week": _when(one.shown),
                "damage_week": _when(one.broke),
            }
            for one in found.failures
        ],
        "hiring": [{**asdict(one.rule), "decided_week": _when(one.decided)} for one in found.hiring],
        "bands": {name: _band(band) for name, band in found.bands.items()},
        "one_run": {name: [_number(value) for value in values] for name, values in found.one_run.items()},
    }


def queue_as_json(found: QueueResult) -> dict[str, Any]:
    """The queue, in plain values."""
    estimates = {name: value for name, value in asdict(found).items() if isinstance(value, dict)}
    return {
        "format": QUEUE_FORMAT,
        "seed": found.seed,
        "replications": found.replications,
        "counted_hours": _number(found.counted_hours),
        **{name: _rounded(value) for name, value in estimates.items()},
    }


def _band(band: Band) -> dict[str, list[float]]:
    return {one.name: [_number(value) for value in getattr(band, one.name)] for one in fields(band)}


def _when(when: When) -> dict[str, float | None]:
    return _rounded(asdict(when))


def _rounded(said: dict[str, Any]) -> dict[str, Any]:
    return {name: None if value is None else _number(value) for name, value in said.items()}


def _number(value: float) -> float:
    rounded = float(f"{value:.6g}")
    return int(rounded) if rounded.is_integer() else rounded
