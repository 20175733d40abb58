"""A simulation as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from willowbark.planner.core.simulation.queue import QueueResult
from willowbark.planner.core.simulation.reasons import reasons
from willowbark.planner.core.simulation.result import SimulationResult
from willowbark.planner.core.simulation.summing import Estimate

_SHOWN = (
    ("patients", "Patients", 1, ""),
    ("waiting", "Waiting", 1, ""),
    ("wait_days", "Wait, days", 1, ""),
    ("panel_share", "Panels taken", 100, " %"),
    ("practitioner_load", "Practitioners' load", 100, " %"),
    ("front_desk_load", "Front desk's load", 100, " %"),
    ("practitioners", "Practitioners", 1, ""),
    ("front_desk", "Front desk, FTE", 1, ""),
    ("adherence", "Adherence", 100, " %"),
)
_WEEKS_A_COLUMN = 13


def simulation_lines(found: SimulationResult) -> Iterator[str]:
    """Reasons, then a table by quarter: the middle run and, below, nine runs in ten."""
    yield from reasons(found)
    yield ""
    weeks = [*range(0, found.weeks, _WEEKS_A_COLUMN), found.weeks]
    yield _row("At the end of week", [str(week) for week in weeks])
    for name, label, times, unit in _SHOWN:
        band = found.bands[name]
        places = 1 if name in ("practitioners", "front_desk") else 0
        yield _row(label, [f"{band.p50[week] * times:,.{places}f}{unit}" for week in weeks])
        yield _row(
            "",
            [f"{band.p5[week] * times:,.{places}f}-{band.p95[week] * times:,.{places}f}" for week in weeks],
        )
    yield ""
    yield (
        f"{found.replications:,} runs under seed {found.seed}, by {found.method}. "
        "The middle of the runs; below it, nine in ten."
    )


def queue_lines(found: QueueResult) -> Iterator[str]:
    """Each figure with its standard error."""
    yield f"Wait until served      {_within(found.mean_wait_minutes, ' min')}"
    yield f"Stay with the service  {_within(found.mean_stay_minutes, ' min')}"
    yield f"Share who wait         {_within(found.share_who_wait, '')}"
    yield f"People waiting         {_within(found.mean_waiting, '')}"
    yield f"People there           {_within(found.mean_there, '')}"
    yield ""
    yield f"{found.replications:,} runs of {found.counted_hours:,.0f} hours under seed {found.seed}."


def _within(found: Estimate, unit: str) -> str:
    error = "" if found.standard_error is None else f" (standard error {found.standard_error:.4f})"
    return f"{found.mean:.4f}{unit}{error}"


def _row(label: str, values: list[str]) -> str:
    return f"{label:<20}" + "".join(f"{value:>13}" for value in values)
