"""How likely a path is that somebody tells or plans."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from willowbark.planner.core.simulation.figures import Flags
from willowbark.planner.core.simulation.model import Milestone
from willowbark.planner.core.simulation.summing import Estimate, share_of


@dataclass(frozen=True, slots=True)
class MilestoneChance:
    """Share of the replications with as many patients by then or more, and with about as many."""

    milestone: Milestone
    reaching: Estimate
    near: Estimate


@dataclass(frozen=True, slots=True)
class Likelihood:
    """
    The share of replications that keep up with every milestone, and that stay near every one.

    Attributes:
        tolerance: how far off, as a part, is still near.
        nearest: number (from 0) of the replication whose worst distance from the path is least.
        nearest_distance: that distance, as a part of the milestone.
    """

    milestones: tuple[MilestoneChance, ...]
    tolerance: float
    reaching_all: Estimate
    near_all: Estimate
    nearest: int
    nearest_distance: float


def likelihood(
    patients: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    milestones: tuple[Milestone, ...],
    tolerance: float,
) -> Likelihood | None:
    """How likely the milestones are; None without any. `patients` is weeks x replications."""
    if not milestones:
        return None
    found = patients[[one.week for one in milestones]].astype(np.float64)
    asked = np.array([one.patients for one in milestones], dtype=np.float64)[:, None]
    distance = np.abs(found - asked) / np.maximum(asked, 1)
    reaching: Flags = found >= asked
    near: Flags = distance <= tolerance
    all_reached: Flags = np.logical_and.reduce(reaching)
    all_near: Flags = np.logical_and.reduce(near)
    worst = distance.max(axis=0)
    nearest = int(worst.argmin())
    return Likelihood(
        milestones=tuple(
            MilestoneChance(one, share_of(reaching[at]), share_of(near[at]))
            for at, one in enumerate(milestones)
        ),
        tolerance=tolerance,
        reaching_all=share_of(all_reached),
        near_all=share_of(all_near),
        nearest=nearest,
        nearest_distance=float(worst[nearest]),
    )
