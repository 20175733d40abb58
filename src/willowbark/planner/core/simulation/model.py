"""What is simulated: a practice, its policies as data, and the path that somebody asks about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from willowbark.planner.core.ranges import Range
from willowbark.planner.core.scenario import BadScenario
from willowbark.planner.core.simulation.figures import Figures

Role = Literal["practitioner", "front_desk", "senior"]
ROLES: tuple[Role, ...] = ("practitioner", "front_desk", "senior")
Method = Literal["steps", "events"]


class TooMuch(BadScenario):
    """More than can be kept, or than there can be, or than the exact method gets through."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """Marketing from the start of one week to the start of another, on top of the usual."""

    from_week: int
    until_week: int
    arrivals_per_week: float


@dataclass(frozen=True, slots=True)
class HiringRule:
    """
    Recruit `fte` of a role when every condition that is given has held for so many weeks in a row.

    Whoever was decided on is waited for: a role is not recruited for again until the last one has come.

    Attributes:
        at_patients: active patients or more.
        at_panel_share: active patients or more, as a part of the practitioners' panels.
        at_load: hours needed or more, as a part of the role's hours.
        at_wait_days: days or more that the next person to start has waited.
        at_most: how often the rule may apply.
    """

    role: Role
    fte: float
    at_patients: float | None = None
    at_panel_share: float | None = None
    at_load: float | None = None
    at_wait_days: float | None = None
    for_weeks: int = 1
    at_most: int = 1_000


@dataclass(frozen=True, slots=True)
class Milestone:
    """Active patients at the end of a week, as somebody tells or plans it."""

    week: int
    patients: int


@dataclass(frozen=True, slots=True)
class Model:
    """
    A practice and its policies.

    Attributes:
        count_from_week: sums and averages leave out what was before.
        sites: among which the patients are divided evenly.
        desk_is_self_service: an integrated platform lets the front desk grow less than patients do.
        step_days: length of a step of the method `steps`; a week is a whole number of steps, or one.
        panel_is_closed: whoever would exceed the practitioners' panels waits.
        pause_above_wait_days: marketing stops while the next person to start has waited longer.
        guards: of consistency (Master Protocols and case review), inventory (one ledger of stock) and
            billing (integrated): whether each is there.
        lead_days: from the first leading signal of a failure to the damage.
        senior_time_is_protected: case review is held even while practitioners are overloaded.
        leavers_are_replaced: recruiting for a leaver begins on the day.
        milestones, milestone_tolerance: the path asked about, and how far off, as a part, still is on it.
    """

    weeks: int
    step_days: float
    patients: int
    waiting: int
    figures: Figures[Range]
    lead_days: Range
    campaigns: tuple[Campaign, ...] = ()
    panel_is_closed: bool = True
    sites: int = 1
    desk_is_self_service: bool = True
    pause_above_wait_days: float | None = None
    rules: tuple[HiringRule, ...] = ()
    leavers_are_replaced: bool = True
    guards: tuple[bool, bool, bool] = (True, True, True)
    senior_time_is_protected: bool = True
    count_from_week: int = 0
    milestones: tuple[Milestone, ...] = ()
    milestone_tolerance: float = 0.1

    @property
    def steps_per_week(self) -> int:
        """Steps of a week, at least one."""
        return max(1, round(7 / self.step_days))
