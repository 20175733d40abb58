"""
The one place that knows OR-Tools: its CP-SAT solver, in one thread, with a fixed seed and no clock.

`cp_model_helper` is the compiled part of `ortools.sat.python`. `cp_model` on top of it would load pandas, a
third of a second and 60 MB in each process, for a way of writing models that is not used here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import metadata
from typing import Any

from willowbark.protocols.core.solving.linear import Model, Terms

NAME = "or-tools cp-sat"
_MOST = 2**63 - 1


class OutOfTime(Exception):
    """The limit of deterministic time came before an answer."""


class State(Enum):
    """What a search found out."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """`values` by variable, empty when none were found; no sum is below `bound`; `spent` of the limit."""

    state: State
    values: Sequence[int]
    bound: int
    spent: float


@cache
def version() -> str:
    """Return the version of the installed OR-Tools."""
    return metadata.version("ortools")


def load_solver() -> None:
    """Load the solver's compiled part, which the first search would wait for; some 50 ms."""
    _helper()


@cache
def _helper() -> Any:
    import ortools.sat.python.cp_model_helper as helper

    return helper


class Search:
    """A model handed to the solver, asked again and again while rows are added to it."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._sent = 0
        self._proto = _helper().CpModelProto()
        for low, high in zip(model.lows, model.highs, strict=True):
            self._proto.variables.add().domain.extend([low, high])

    def minimise(self, terms: Terms, *, hint: Mapping[int, int], limit: float) -> Answer:
        """
        Look for values that make the sum smallest; an empty sum asks for any values.

        `hint` is where to start: values of some variables. `limit` is in the solver's own deterministic time,
        which counts work instead of seconds: the same on a slow machine.

        Raises:
            OutOfTime: the limit is not above 0.
        """
        if limit <= 0:
            raise OutOfTime
        if self.model.impossible:
            return Answer(State.INFEASIBLE, (), 0, 0.0)
        self._send(terms, hint)
        helper = _helper()
        asked = helper.SolveWrapper()
        asked.set_parameters(_parameters(limit))
        response = asked.solve(self._proto)
        status, known = response.status, helper.CpSolverStatus
        if status == known.MODEL_INVALID:
            raise RuntimeError(f"invalid model: {helper.CpSatHelper.validate_model(self._proto)}")
        states = {
            known.OPTIMAL: State.OPTIMAL,
            known.FEASIBLE: State.FEASIBLE,
            known.INFEASIBLE: State.INFEASIBLE,
        }
        return Answer(
            states.get(status, State.UNKNOWN),
            tuple(response.solution),
            round(response.best_objective_bound) if terms else 0,
            response.deterministic_time,
        )

    def _send(self, terms: Terms, hint: Mapping[int, int]) -> None:
        for row in self.model.rows[self._sent :]:
            sent = self._proto.constraints.add().linear
            sent.vars.extend([number for number, _ in row.terms])
            sent.coeffs.extend([weight for _, weight in row.terms])
            sent.domain.extend(
                [-_MOST if row.low is None else row.low, _MOST if row.high is None else row.high]
            )
        self._sent = len(self.model.rows)
        self._proto.clear_objective()
        if terms:
            self._proto.objective.vars.extend([number for number, _ in terms])
            self._proto.objective.coeffs.extend([weight for _, weight in terms])
        self._proto.clear_solution_hint()
        if hint:
            self._proto.solution_hint.vars.extend(list(hint))
            self._proto.solution_hint.values.extend(hint.values())


def _parameters(limit: float) -> Any:
    parameters = _helper().SatParameters()
    parameters.num_workers = 1
    parameters.random_seed = 1
    parameters.max_deterministic_time = limit
    parameters.catch_sigint_signal = False  # Ctrl-C is the server's
    parameters.cp_model_presolve = (
        False  # the model is small and tight; presolving takes longer than it saves
    )
    return parameters
