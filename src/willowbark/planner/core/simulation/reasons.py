"""What a simulation found, in a few sentences; each says what it rests on."""

from __future__ import annotations

from willowbark.planner.core.simulation.result import Failure, SimulationResult
from willowbark.planner.core.simulation.summing import When

_WHAT_IS_MISSING = {
    "consistency": "no Master Protocols, or too little case review",
    "inventory": "no ledger of stock",
    "billing": "billing that is not integrated",
}
_ROLES = {"practitioner": "a practitioner", "front_desk": "front desk", "senior": "senior time"}
LONG_WAIT_DAYS = 60.0
FULL = 0.95


def reasons(found: SimulationResult) -> tuple[str, ...]:
    """Short sentences: the outcome, how likely the path is, what holds back, what breaks, who is hired."""
    return (
        *_outcome(found),
        *_path(found),
        *_holding_back(found),
        *(_broken(one) for one in found.failures if one.broke.share > 0),
        *(
            f"The rule for {_ROLES[one.rule.role]} decides in {_percent(one.decided.share)} of runs, "
            f"{_at(one.decided)}."
            for one in found.hiring
            if one.decided.share > 0
        ),
    )


def _outcome(found: SimulationResult) -> tuple[str, ...]:
    patients = found.bands["patients"]
    return (
        f"After {found.weeks} weeks half of the runs have between {patients.p25[-1]:,.0f} and "
        f"{patients.p75[-1]:,.0f} patients, nine in ten between {patients.p5[-1]:,.0f} and "
        f"{patients.p95[-1]:,.0f}.",
    )


def _path(found: SimulationResult) -> tuple[str, ...]:
    if found.likelihood is None:
        return ()
    last = found.likelihood.milestones[-1]
    return (
        f"{last.milestone.patients:,} patients by week {last.milestone.week} are reached in "
        f"{_percent(last.reaching.mean)} of runs; {_percent(found.likelihood.near_all.mean)} stay within "
        f"{_percent(found.likelihood.tolerance)} of the whole path.",
    )


def _holding_back(found: SimulationResult) -> tuple[str, ...]:
    said = []
    wait = found.bands["wait_days"]
    if wait.p95.max() >= LONG_WAIT_DAYS:
        week = int((wait.p95 >= LONG_WAIT_DAYS).argmax())
        said.append(
            f"From week {week} on, people wait {LONG_WAIT_DAYS:.0f} days or more in one run of twenty."
        )
    panels = found.bands["panel_share"].p50
    if panels.max() >= FULL:
        said.append(
            f"In half of the runs panels are {_percent(FULL)} full or more by week "
            f"{int((panels >= FULL).argmax())}: whoever is recruited only then comes late."
        )
    for load, who in (("practitioner_load", "practitioners have"), ("front_desk_load", "the front desk has")):
        middle = found.bands[load].p50
        if middle.max() > 1:
            said.append(
                f"In half of the runs {who} more work than hours by week {int((middle > 1).argmax())}."
            )
    return tuple(said)


def _broken(one: Failure) -> str:
    return (
        f"{one.name.capitalize()} breaks in {_percent(one.broke.share)} of runs, {_at(one.broke)}: "
        f"{_WHAT_IS_MISSING[one.name]}. Signs of it show {_at(one.shown)}."
    )


def _at(when: When) -> str:
    if when.p5 == when.p95:
        return f"in week {when.p50}"
    return f"mostly around week {when.p50} (week {when.p5} to {when.p95})"


def _percent(share: float) -> str:
    return f"{share:.0%}"
