"""Whether any plan keeps the rules, and if none does, which demands clash."""

from __future__ import annotations

from dataclasses import replace

from willowbark.protocols.core.measuring import Taken
from willowbark.protocols.core.problem import Problem
from willowbark.protocols.core.solving.cp_sat import OutOfTime, Search, State
from willowbark.protocols.core.solving.demands import demands_of, with_only
from willowbark.protocols.core.solving.doses import dose_model, forced_products
from willowbark.protocols.core.solving.timing import add_timing

# In the solver's deterministic time; one look takes about a thousandth of it.
_LIMIT = 10.0


def smallest_plan(problem: Problem) -> Taken | None:
    """
    Return decisions that keep every rule, with as few units as that takes; None if there are none.

    Rules only ever forbid and only choices demand, so a plan that keeps the rules still does when every
    product that no choice demands is left out. So only products that are demanded are looked at.

    Raises:
        OutOfTime: it could not be decided.
    """
    forced = forced_products(problem)
    reduced = replace(problem, products=tuple(each for each in problem.products if each.key in forced))
    doses = dose_model(reduced)
    if not forced:
        return None if doses.model.impossible else {}
    timing = add_timing(doses, reduced)
    units = [(number, 1) for number in doses.units.values()]
    answer = Search(doses.model).minimise(units, hint={}, limit=_LIMIT)
    if answer.state is State.INFEASIBLE:
        return None
    if answer.state is State.UNKNOWN:
        raise OutOfTime
    return timing.taken(answer.values)


def clash_of(problem: Problem) -> tuple[str, ...]:
    """
    Return demands of an impossible problem that cannot hold together; without any one of them, the others
    can.

    Each demand is left out in turn, for good if the rest is still impossible; the practitioner's choices come
    last, so that they stay where there is a choice.
    """
    kept = list(demands_of(problem))
    for name in demands_of(problem):
        rest = [each for each in kept if each != name]
        if not _is_possible(with_only(problem, frozenset(rest))):
            kept = rest
    return tuple(kept)


def _is_possible(problem: Problem) -> bool:
    try:
        return smallest_plan(problem) is not None
    except OutOfTime:
        return True  # not known to be impossible: the demand stays
