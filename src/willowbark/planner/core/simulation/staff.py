"""The staff: hired, productive step by step, leaving and replaced."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from willowbark.planner.core.simulation.draws import Draws
from willowbark.planner.core.simulation.figures import Counts, Figures, Flags, Floats
from willowbark.planner.core.simulation.model import ROLES, HiringRule, Model


@dataclass(slots=True)
class Staff:
    """
    Full-time equivalents of each role (rows, as in ROLES) in each replication.

    Attributes:
        employed: on the payroll; productive: the same, new people counted by what they do already.
        joining: whoever comes in a week: weeks x roles x replications.
        awaited_until: the week in which the last one decided on comes.
        met_for: weeks in a row for which each rule's conditions have held; applied: how often it did.
        decided_in: the week of each rule's first decision, -1 before it.
    """

    employed: Floats
    productive: Floats
    joining: Floats
    recruiting: Counts
    each: Counts
    not_yet: Floats
    awaited_until: Counts
    met_for: Counts
    applied: Counts
    decided_in: Counts


def employ(model: Model, figures: Figures[Floats]) -> Staff:
    """The staff at the beginning, all of it productive."""
    replications = len(figures.senior)
    recruiting = np.rint(figures.recruiting_weeks).astype(np.int64)
    longest = int(np.ceil(figures.ramp_weeks.max()))
    since = np.arange(longest)[::-1, None] + 0.5
    employed = np.stack([figures.practitioners, figures.front_desk, figures.senior])
    rules = (len(model.rules), replications)
    return Staff(
        employed=employed,
        productive=employed,
        joining=np.zeros((model.weeks + int(recruiting.max()) + 2, len(ROLES), replications)),
        recruiting=recruiting,
        each=np.arange(replications),
        not_yet=np.maximum(1 - since / np.maximum(figures.ramp_weeks, 0.5), 0),
        awaited_until=np.zeros((len(ROLES), replications), dtype=np.int64),
        met_for=np.zeros(rules, dtype=np.int64),
        applied=np.zeros(rules, dtype=np.int64),
        decided_in=np.full(rules, -1, dtype=np.int64),
    )


def begin_week(staff: Staff, week: int, rates: Floats, model: Model, draws: Draws) -> None:
    """Whoever comes this week comes; some leave, at `rates` a week by role."""
    staff.employed = staff.employed + staff.joining[week]
    people = np.ceil(staff.employed).astype(np.int64)
    leaving = draws.staff.binomial(people, -np.expm1(-rates))
    if leaving.any():
        left = leaving * staff.employed / np.maximum(people, 1)
        staff.employed = staff.employed - left
        if model.leavers_are_replaced:
            staff.joining[week + 1 + staff.recruiting, :, staff.each] += left.T
    new = staff.joining[max(0, week + 1 - len(staff.not_yet)) : week + 1]
    if len(new) and new.any():
        slow = np.einsum("wir,wr->ir", new, staff.not_yet[len(staff.not_yet) - len(new) :])
        staff.productive = np.maximum(staff.employed - slow, 0)
    else:
        staff.productive = staff.employed


def _recruit(staff: Staff, row: int, week: int, fte: Floats) -> None:
    staff.joining[week + 1 + staff.recruiting, row, staff.each] += fte


def decide(
    staff: Staff,
    model: Model,
    week: int,
    patients: Counts,
    panel_share: Floats,
    load: Floats,
    wait_days: Floats,
) -> None:
    """Apply the hiring rules at the end of a week; `load` has a row for each role."""
    for number, rule in enumerate(model.rules):
        row = ROLES.index(rule.role)
        met = _met(rule, patients, panel_share, load[row], wait_days)
        staff.met_for[number] = (staff.met_for[number] + 1) * met
        if not met.any():
            continue
        now = (
            (staff.met_for[number] >= rule.for_weeks)
            & (staff.applied[number] < rule.at_most)
            & (staff.awaited_until[row] <= week)
        )
        if not now.any():
            continue
        _recruit(staff, row, week, np.where(now, rule.fte, 0.0))
        staff.awaited_until[row] = np.where(now, week + 1 + staff.recruiting, staff.awaited_until[row])
        staff.applied[number] += now
        first = now & (staff.decided_in[number] < 0)
        staff.decided_in[number] = np.where(first, week, staff.decided_in[number])


def _met(rule: HiringRule, patients: Counts, panel_share: Floats, load: Floats, wait_days: Floats) -> Flags:
    asked = (
        (rule.at_patients, patients),
        (rule.at_panel_share, panel_share),
        (rule.at_load, load),
        (rule.at_wait_days, wait_days),
    )
    met = np.ones(len(patients), dtype=np.bool_)
    for least, value in asked:
        if least is not None:
            met &= value >= least
    return met
