"""From a problem to its plan."""

from __future__ import annotations

from willowbark.kernel.errors import DomainError
from willowbark.protocols.core.plan import FORMAT, LevelValue, Plan, Solver, Status, Totals
from willowbark.protocols.core.problem import Problem
from willowbark.protocols.core.solving import cp_sat
from willowbark.protocols.core.solving.cp_sat import OutOfTime
from willowbark.protocols.core.solving.ladder import Ladder
from willowbark.protocols.core.solving.possible import clash_of, smallest_plan
from willowbark.protocols.core.solving.starting import fitted, floor_of
from willowbark.protocols.core.writing import write_plan

# Of the solver's deterministic time, for all levels together. A usual problem takes less than 1.
DETERMINISTIC_LIMIT = 60.0


class NotDecided(DomainError):
    """Whether any plan keeps the rules could not be decided within the limit."""

    code = "not_decided"


def solve(
    problem: Problem,
    *,
    start: Plan | None = None,
    of: Problem | None = None,
    deterministic_limit: float = DETERMINISTIC_LIMIT,
) -> Plan:
    """
    Return the plan: proven, or infeasible with the clash; unproven when the limit came first.

    `start` is a plan to begin with, as far as it keeps the rules, and `of` the problem that it answers: what
    was proven of that one need not be proven again of one that only narrows it.

    A proven plan depends on the problem alone: not on `start`, nor on the limit, which counts the solver's
    work, not seconds. An unproven one is the same for the same start, limit and version of the solver.

    Raises:
        NotDecided: the limit came before a first plan.
    """
    try:
        first = smallest_plan(problem)
    except OutOfTime as error:
        raise NotDecided("whether any plan keeps these rules could not be decided") from error
    if first is None:
        return _infeasible(problem)
    taken = fitted(problem, first, start) if start else first
    floor = floor_of(problem, start, of) if start and of else None
    ladder = Ladder(problem, taken, deterministic_limit, floor)
    ladder.climb()
    return write_plan(
        problem,
        ladder.taken,
        solver=_solver(),
        status=Status.PROVEN if ladder.proven else Status.UNPROVEN,
        levels=tuple(
            LevelValue(level, ladder.values[level], bound) for level, bound in ladder.bounds.items()
        ),
    )


def _solver() -> Solver:
    return Solver(cp_sat.NAME, cp_sat.version())


def _infeasible(problem: Problem) -> Plan:
    return Plan(
        format=FORMAT,
        problem_sha256=problem.sha256,
        solver=_solver(),
        status=Status.INFEASIBLE,
        levels=(),
        lines=(),
        targets=(),
        limits=(),
        totals=Totals(0, 0, 0, 0),
        cautions=(),
        clash=clash_of(problem),
    )
