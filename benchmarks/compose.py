"""
Composition: all levels proven, against one weighted sum of the same model by HiGHS, in one run.

    python benchmarks/compose.py [PYTHON]        PYTHON: an interpreter that has scipy, if this one has not

Problems of 60 products, 25 ingredients and 4 moments from a seeded generator, of two kinds: ordinary, and
scarce, where nearly every bound binds at once. Measured in processor seconds, since both solvers use one
thread and the machine may be shared; by the clock as well.

Bounds, on ordinary problems: p50 at most 2 x that of HiGHS, p95 under 0.6 s; a first valid plan, unproven yet,
with a p95 under 0.1 s; a what-if (one product of the plan left out, beginning with the plan) answered with a p95
under 0.2 s by a plan that keeps every rule; its proof is timed apart. HiGHS runs in a process of its own, since
it and OR-Tools cannot live in one; without scipy its column stays empty.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from practice import digest, machine, p95

from willowbark.protocols.core.explaining import explain
from willowbark.protocols.core.plan import Plan, Status
from willowbark.protocols.core.problem import Level, Problem, parse
from willowbark.protocols.core.solving import solve
from willowbark.protocols.core.solving.doses import dose_model
from willowbark.protocols.core.solving.timing import add_timing
from willowbark.protocols.tests.core.invented import practice_problem

PROBLEMS = {"ordinary": 40, "scarce": 12}
# With so many products to choose from the composer answers at once with what a search begins with.
AT_ONCE = 0.0
# One sum that a practice might use instead of levels.
WEIGHTS = {
    Level.FOUNDATION: 100,
    Level.TARGETED: 30,
    Level.AIMS: 10,
    Level.CAUTION: 50,
    Level.STOCK: 20,
    Level.UNITS: 10,
    Level.MOMENTS: 10,
    Level.COST: 0.01,
    Level.PRODUCTS: 5,
    Level.CHANGE: 1,
    Level.RANK: 0.01,
}
HIGHS = """
import json, sys, time
import numpy
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
for line in sys.stdin:
    model = json.loads(line)
    at = (model["rows"], model["columns"])
    matrix = csr_array((model["weights"], at), shape=(len(model["low"]), len(model["costs"])))
    low = [-numpy.inf if each is None else each for each in model["low"]]
    high = [numpy.inf if each is None else each for each in model["high"]]
    by_clock, started = time.perf_counter(), time.process_time()
    answer = milp(model["costs"], integrality=numpy.ones(len(model["costs"])),
        bounds=Bounds(*model["bounds"]), constraints=LinearConstraint(matrix, low, high),
        options={"mip_rel_gap": 0, "time_limit": 60})
    taken = time.process_time() - started, time.perf_counter() - by_clock
    print(json.dumps([*taken, int(answer.status)]), flush=True)
"""


def main() -> None:
    python = sys.argv[1] if len(sys.argv) > 1 else sys.executable
    has_scipy = (
        subprocess.run([python, "-c", "import scipy"], capture_output=True, check=False).returncode == 0
    )
    if not has_scipy:
        print("scipy is not installed: without the ratio to HiGHS", file=sys.stderr)
    solve(practice_problem(1000))
    held = [measured(kind, number, python if has_scipy else "") for kind, number in PROBLEMS.items()]
    sys.exit(0 if all(held) else 1)


def measured(kind: str, number: int, python: str) -> bool:
    """Measure problems of a kind, print what came out, and say whether the bounds held."""
    problems = [practice_problem(seed, scarce=kind == "scarce") for seed in range(number)]
    highs = Highs(python) if python else None
    ours, firsts, parsing, at_once, what_ifs, explaining, theirs = [], [], [], [], [], [], []
    for problem in problems:
        took, plan = timed(solve, problem)
        if plan.status is not Status.PROVEN:
            raise RuntimeError(f"{plan.status}")
        ours.append(took)
        firsts.append(timed(first_plan, problem)[0])
        parsing.append(timed(parse, problem.to_bytes())[0])
        at_once.append(timed(what_if_at_once, problem, plan)[0])
        what_ifs.append(timed(what_if, problem, plan)[0])
        explaining.append(timed(explain, problem, plan)[0])
        if highs:
            theirs.append(highs.solve(problem))
    result: dict[str, Any] = {
        "benchmark": "compose",
        "kind": kind,
        "problems": number,
        "input": digest("".join(each.sha256 for each in problems)),
        "all_levels": summary(ours),
        "first_plan": summary(firsts),
        "what_if": summary(at_once),
        "what_if_proven": summary(what_ifs),
        "parse": summary(parsing),
        "explain": summary(explaining),
    }
    good = kind == "scarce" or (
        result["all_levels"]["p95_s"] < 0.6
        and result["first_plan"]["p95_s"] < 0.1
        and result["what_if"]["p95_s"] < 0.2
    )
    if theirs:
        result["highs_one_sum"] = {**summary(theirs), "gave_up": highs.gave_up if highs else 0}
        result["ratio_p50"] = round(result["all_levels"]["p50_s"] / result["highs_one_sum"]["p50_s"], 2)
        good = good and result["ratio_p50"] <= 2
    print(json.dumps({**result, "machine": machine()}), flush=True)
    return good


def first_plan(problem: Problem) -> Plan:
    """The plan that a search begins with."""
    return solve(problem, deterministic_limit=AT_ONCE)


def what_if(problem: Problem, plan: Plan) -> Plan:
    """Leave out the first product of the plan, and prove what is best then."""
    choices = replace(problem.choices, excluded=(plan.lines[0].product,))
    return solve(replace(problem, choices=choices), start=plan, of=problem)


def what_if_at_once(problem: Problem, plan: Plan) -> Plan:
    """The same as the composer answers at once; it is not proven."""
    choices = replace(problem.choices, excluded=(plan.lines[0].product,))
    return solve(replace(problem, choices=choices), start=plan, of=problem, deterministic_limit=AT_ONCE)


def timed(act: Callable[..., Any], *given: Any) -> tuple[tuple[float, float], Any]:
    """Return processor seconds and seconds by the clock, and what came out."""
    by_clock, started = time.perf_counter(), time.process_time()
    answer = act(*given)
    return (time.process_time() - started, time.perf_counter() - by_clock), answer


def summary(taken: list[tuple[float, float]]) -> dict[str, float]:
    processor, clock = ([each[n] for each in taken] for n in (0, 1))
    return {
        "p50_s": round(statistics.median(processor), 4),
        "p95_s": round(p95(processor), 4),
        "most_s": round(max(processor), 4),
        "clock_p50_s": round(statistics.median(clock), 4),
        "clock_p95_s": round(p95(clock), 4),
    }


class Highs:
    """HiGHS in another process."""

    def __init__(self, python: str) -> None:
        self.gave_up = 0
        self._process = subprocess.Popen(
            [python, "-c", HIGHS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def solve(self, problem: Problem) -> tuple[float, float]:
        """Return processor seconds and seconds by the clock of one weighted sum, to a gap of 0."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(as_matrix(problem)) + "\n")
        stdin.flush()
        processor, clock, status = json.loads(stdout.readline())
        self.gave_up += status != 0
        return processor, clock


def as_matrix(problem: Problem) -> dict[str, Any]:
    """Return the whole model, clock included, with one weighted sum to make small."""
    doses = dose_model(problem)
    add_timing(doses, problem)
    model = doses.model
    costs = [0.0] * len(model.lows)
    for level, terms in doses.sums.items():
        for number, weight in terms:
            costs[number] += WEIGHTS[level] * weight
    entries = [(n, number, weight) for n, row in enumerate(model.rows) for number, weight in row.terms]
    return {
        "costs": costs,
        "bounds": [model.lows, model.highs],
        "rows": [each[0] for each in entries],
        "columns": [each[1] for each in entries],
        "weights": [each[2] for each in entries],
        "low": [row.low for row in model.rows],
        "high": [row.high for row in model.rows],
    }


if __name__ == "__main__":
    main()
