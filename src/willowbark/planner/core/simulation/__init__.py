"""
Growth, simulated: patients arrive, wait, start, come back and leave; staff comes, ramps up and leaves.

`simulate(scenario, seed=..., replications=...)` is all that a page or a command needs. What it assumes, and
where from, is in docs/planner-simulation.md.
"""

from willowbark.planner.core.simulation.model import Method, Model, TooMuch
from willowbark.planner.core.simulation.queue import QueueResult, simulate_queue
from willowbark.planner.core.simulation.reasons import reasons
from willowbark.planner.core.simulation.result import SimulationResult
from willowbark.planner.core.simulation.simulating import simulate, simulate_model
from willowbark.planner.core.simulation.summing import Band, Estimate, When
from willowbark.planner.core.simulation.writing import queue_as_json, simulation_as_json

__all__ = [
    "Band",
    "Estimate",
    "Method",
    "Model",
    "QueueResult",
    "SimulationResult",
    "TooMuch",
    "When",
    "queue_as_json",
    "reasons",
    "simulate",
    "simulate_model",
    "simulate_queue",
    "simulation_as_json",
]
