"""
What breaks as a practice grows, where its guard is missing, and what shows before.

From the article on scaling to 1,000 patients: clinical consistency breaks first, at 400-500 patients, then
inventory, then billing; leading indicators show it 60-90 days before. "Operations break before clinical work
when front-desk is understaffed": an overloaded front desk brings inventory and billing forward. The article
gives the order alone: the steps to the second and the third only keep it, and what the damage is has been
carried over from studies of other practices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from willowbark.planner.core.simulation.figures import DAYS_PER_WEEK, Figures, Flags, Floats
from willowbark.planner.core.simulation.model import Model

FAILURES = ("consistency", "inventory", "billing")


@dataclass(slots=True)
class Failures:
    """
    The three failures (rows, as in FAILURES) in each replication.

    Attributes:
        at_patients: the size from which each shows; lead_weeks: from then to the damage.
        shown_for: weeks for which the leading signal has been there; it goes back as slowly as it came.
        broken: 1 where the damage is felt, otherwise 0.
        shown_in, broke_in: the week in which it first was so, -1 before.
    """

    at_patients: Floats
    lead_weeks: Floats
    shown_for: Floats
    broken: Floats
    shown_in: Floats
    broke_in: Floats

    @property
    def progress(self) -> Floats:
        """How far the leading signals have moved: 0 as usual, 1 when the damage is felt."""
        return np.minimum(self.shown_for / self.lead_weeks, 1)


def failures(model: Model, figures: Figures[Floats], generator: np.random.Generator) -> Failures:
    """
    Nothing broken yet.

    Each replication has its own three lead times; the shortest is consistency's and the longest billing's,
    so that the order holds as well for a practice that begins beyond all three sizes.
    """
    replications = len(figures.senior)
    first = figures.consistency_breaks_at
    second = first * (1 + figures.gap_to_next)
    lead = model.lead_days
    days = lead.low + generator.random((len(FAILURES), replications)) * (lead.high - lead.low)
    zeros = np.zeros((len(FAILURES), replications))
    return Failures(
        at_patients=np.stack([first, second, second * (1 + figures.gap_to_next)]),
        lead_weeks=np.maximum(np.sort(days, axis=0) / DAYS_PER_WEEK, 1),
        shown_for=zeros,
        broken=zeros,
        shown_in=zeros - 1,
        broke_in=zeros - 1,
    )


def watch(failing: Failures, week: int, size: Floats, guarded: Flags) -> None:
    """
    A week at this size (active patients, more where people are overloaded), for each of the three.

    What has broken stays so until its signal is gone again.
    """
    shows = ~guarded & (size >= failing.at_patients)
    if not (shows.any() or failing.shown_for.any()):
        return
    moved = np.where(shows, failing.shown_for + 1, failing.shown_for - 1)
    failing.shown_for = np.clip(moved, 0, np.ceil(failing.lead_weeks))
    felt = failing.shown_for >= failing.lead_weeks
    failing.broken = np.where(felt, 1.0, np.where(failing.shown_for > 0, failing.broken, 0.0))
    failing.shown_in = np.where((failing.shown_in < 0) & shows, week, failing.shown_in)
    failing.broke_in = np.where((failing.broke_in < 0) & felt, week, failing.broke_in)
