"""From a problem to its plan."""

from __future__ import annotations

from collections.abc import Mapping

from willowbark.kernel.errors import DomainError
from willowbark.protocols.core.measuring import Taken, level_values
from willowbark.protocols.core.plan import FORMAT, LevelValue, Plan, Solver, Status, Totals
from willowbark.protocols.core.problem import Level, Problem
from willowbark.protocols.core.solving import cp_sat
from willowbark.protocols.core.solving.cp_sat import OutOfTime
from willowbark.protocols.core.solving.ladder import Ladder
from willowbark.protocols.core.solving.possible import clash_of, smallest_plan
from willowbark.protocols.core.solving.starting import begun, floor_of
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

    The search begins with a good plan, made in a few milliseconds: it is the answer when the limit is 0 or
    leaves no time for more. `start` is another plan to begin with, as far as it keeps the rules, and `of` the
    problem that it answers: what was proven of that one need not be proven again of one that only narrows it.

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
    taken = begun(problem, first, start)
    if deterministic_limit <= 0:
        values = level_values(problem, taken)
        return _written(
            problem, taken, {level: (values[level], 0) for level in problem.levels}, Status.UNPROVEN
        )
    floor = floor_of(problem, start, of) if start and of else None
    ladder = Ladder(problem, taken, deterministic_limit, floor)
    ladder.climb()
    levels = {level: (ladder.values[level], bound) for level, bound in ladder.bounds.items()}
    return _written(problem, ladder.taken, levels, Status.PROVEN if ladder.proven else Status.UNPROVEN)


def _written(problem: Problem, taken: Taken, levels: Mapping[Level, tuple[int, int]], status: Status) -> Plan:
    """Return the plan of these decisions; `levels` are values and what they are proven not to be below."""
    found = tuple(LevelValue(level, value, bound) for level, (value, bound) in levels.items())
    return write_plan(problem, taken, solver=_solver(), status=status, levels=found)


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
