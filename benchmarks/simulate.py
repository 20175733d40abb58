"""
Growth, simulated: against the same model written plainly in SimPy, at a million patients, and as a slider asks.

    python benchmarks/simulate.py [REPLICATIONS]        REPLICATIONS of the plain model, 40 unless told

The plain model (simulate_plainly.py) has a process for each patient, visit and practitioner. A few of its
replications are timed in processor seconds and scaled to 1,000; both models' means must agree within four
standard errors of their difference, looked at in a dozen places of each of two practices.

Bounds: 1,000 replications of an 18-month practice of 1,000 patients at least 50 x faster than the plain model, in
under 1 GB; one replication of 1,000,000 patients over five years in under 120 s and 4 GB; 200 replications, which
is what a slider asks for, with a p95 under 100 ms of processor time. Each part has a process of its own, so that
its peak of memory is its own. The exact method is timed as well; it has no bound.
"""

from __future__ import annotations

import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import mean, median, stdev
from typing import Any

from practice import digest, machine, p95
from simulate_plainly import Practice

from willowbark.planner.core.scenario import Scenario, example, fields, read_scenario
from willowbark.planner.core.simulation import simulate
from willowbark.planner.core.simulation.of_scenario import model_of

THOUSAND = "name: The 1,000-patient panel"
MILLION = """
practice: {active_patients: 1000000, practitioners: 4000, front_desk_fte: 1500, senior_non_clinical_fte: 400}
arrivals: {per_week: [3000, 6000]}
scale: {sites: 1000}
staffing:
  hiring:
    - {role: practitioner, fte: 50, at_panel_share: 0.9}
    - {role: front_desk, fte: 20, at_load: 0.95}
    - {role: senior, fte: 5, at_load: 1}
simulation: {weeks: 260}
"""
COMPARED = ("patients", "waiting", "practitioner_load", "practitioners", "adherence")
WEEKS = (26, 52, 78)
MOST_ERRORS = 4.0


def main() -> None:
    if len(sys.argv) > 1 and sys.argv[1] in PARTS:
        print(json.dumps(PARTS[sys.argv[1]]()))
        return
    plain_replications = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    found = {part: _alone(part) for part in PARTS}
    plain = {name: _plain(text, plain_replications) for name, text in PRACTICES.items()}
    thousand, exact = found["thousand"], found["thousand_exactly"]
    plain_s = plain["thousand"]["seconds_a_replication"] * 1000
    result: dict[str, Any] = {
        "benchmark": "simulate",
        "input": digest(THOUSAND + MILLION + example("case_growth")),
        **found,
        "plain": {"replications": plain_replications, "seconds_for_1000": round(plain_s, 1)},
        "ratio": round(plain_s / thousand["cpu_s"], 1),
        "ratio_exactly": round(plain_s / exact["cpu_s"], 1),
        "errors_apart": {name: one["errors_apart"] for name, one in plain.items()},
    }
    good = (
        result["ratio"] >= 50
        and thousand["memory_mb"] < 1000
        and found["million"]["clock_s"] < 120
        and found["million"]["memory_mb"] < 4000
        and found["slider"]["cpu_p95_ms"] < 100
        and all(max(one["errors_apart"].values()) <= MOST_ERRORS for one in plain.values())
    )
    print(json.dumps({**result, "machine": machine()}), flush=True)
    sys.exit(0 if good else 1)


PRACTICES = {"thousand": THOUSAND, "case": example("case_growth")}


def _scenario(text: str, **changes: str) -> Scenario:
    return read_scenario(text, fields(), changes=changes)


def _alone(part: str) -> dict[str, Any]:
    """What a part measured in a process of its own."""
    done = subprocess.run([sys.executable, __file__, part], capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _timed(act: Callable[[], Any]) -> dict[str, Any]:
    clock, cpu = time.perf_counter(), time.process_time()
    act()
    return {
        "clock_s": round(time.perf_counter() - clock, 3),
        "cpu_s": round(time.process_time() - cpu, 3),
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _thousand() -> dict[str, Any]:
    scenario = _scenario(THOUSAND)
    simulate(scenario, seed=0, replications=1)
    return _timed(lambda: simulate(scenario, seed=1, replications=1000))


def _thousand_exactly() -> dict[str, Any]:
    scenario = _scenario(THOUSAND, **{"simulation.method": "events"})
    return _timed(lambda: simulate(scenario, seed=1, replications=1000))


def _million() -> dict[str, Any]:
    scenario = _scenario(MILLION)
    return _timed(lambda: simulate(scenario, seed=1, replications=1))


def _slider() -> dict[str, Any]:
    scenario = _scenario(THOUSAND)
    simulate(scenario, seed=0)
    taken = [_timed(lambda seed=seed: simulate(scenario, seed=seed)) for seed in range(60)]
    return {
        "clock_p50_ms": round(median(one["clock_s"] for one in taken) * 1000),
        "clock_p95_ms": round(p95([one["clock_s"] for one in taken]) * 1000),
        "cpu_p50_ms": round(median(one["cpu_s"] for one in taken) * 1000),
        "cpu_p95_ms": round(p95([one["cpu_s"] for one in taken]) * 1000),
    }


PARTS = {
    "thousand": _thousand,
    "thousand_exactly": _thousand_exactly,
    "million": _million,
    "slider": _slider,
}


def _plain(text: str, replications: int) -> dict[str, Any]:
    """Seconds of a plain replication, and how many standard errors its means are from the simulator's."""
    scenario = _scenario(text)
    model = model_of(scenario)
    started = time.process_time()
    runs = [Practice(model, seed).run().history for seed in range(replications)]
    taken = (time.process_time() - started) / replications
    ours = simulate(scenario, seed=1, replications=1000)
    apart = {}
    for name in COMPARED:
        band = ours.bands[name]
        for week in WEEKS:
            values = [history[week][name] for history in runs]
            error = math.hypot(stdev(values) / math.sqrt(replications), band.standard_error[week])
            apart[f"{name} in week {week}"] = round(abs(mean(values) - band.mean[week]) / error, 2)
    return {"seconds_a_replication": taken, "errors_apart": apart}


if __name__ == "__main__":
    main()
