"""
The growth simulation again, written plainly: one SimPy process for each patient, visit and practitioner.

It follows docs/planner-simulation.md and shares no code with the simulator but the values of a scenario: numbers
are plain floats, people are processes, and a week's decisions are a process that wakes once a week.
"""

from __future__ import annotations

import math
import random
from collections import deque
from dataclasses import dataclass, field, fields
from typing import Any

import simpy

from willowbark.planner.core.simulation.model import ROLES, Model

FIRST, FOLLOW_UP = 1, 0


@dataclass(order=True)
class Visit:
    kind: int
    number: int
    patient: Any = field(compare=False)


@dataclass(eq=False)
class Patient:
    is_active: bool = False
    has_gone: bool = False
    seen: Any = None


class Practice:
    """One replication. `history` has a row of figures for the beginning and the end of each week."""

    def __init__(self, model: Model, seed: int) -> None:
        self.model, self.random, self.env = model, random.Random(seed), simpy.Environment()
        self.f = {
            one.name: self.random.uniform(
                getattr(model.figures, one.name).low, getattr(model.figures, one.name).high
            )
            for one in fields(model.figures)
        }
        f = self.f
        self.employed = [f["practitioners"], f["front_desk"], f["senior"]]
        self.cohorts: list[tuple[int, int, float]] = []
        self.coming: list[tuple[int, int, float]] = []
        self.awaited_until = [0, 0, 0]
        self.met_for, self.applied = [0] * len(model.rules), [0] * len(model.rules)
        self.overload, self.broken, self.shown_for = [0.0, 0.0], [0, 0, 0], [0.0, 0.0, 0.0]
        first = f["consistency_breaks_at"]
        gap = 1 + f["gap_to_next"]
        self.breaks_at = [first, first * gap, first * gap * gap]
        self.lead = sorted(
            self.random.uniform(model.lead_days.low, model.lead_days.high) / 7 for _ in range(3)
        )
        self.adherence = f["adherence"]
        self.active, self.waiting, self.visits, self.joined, self.left = 0, deque(), 0, 0, 0
        self.pending_first = 0
        self.queue = simpy.PriorityStore(self.env)
        self.workers, self.to_retire, self.number = 0, 0, 0
        self.wait_days = 0.0
        self.history: list[dict[str, float]] = []
        for _ in range(model.patients):
            self.start(Patient())
        for _ in range(model.waiting):
            self.join()
        self.env.process(self.weeks())

    def run(self) -> Practice:
        self.env.run(until=self.model.weeks + 1e-9)
        return self

    # People

    def arrivals(self):
        """At this moment's rate, looked at again with each arrival and each week."""
        while True:
            rate = self.arrival_rate + self.f["referrals_per_patient_month"] / (52 / 12) * self.active
            week_ends = math.floor(self.env.now + 1e-9) + 1 - self.env.now
            wait = self.random.expovariate(rate) if rate > 0 else math.inf
            if wait >= week_ends:
                yield self.env.timeout(week_ends + 1e-12)
                continue
            yield self.env.timeout(wait)
            self.join()

    def join(self) -> None:
        self.joined += 1
        self.env.process(self.wait(Patient(seen=self.env.event())))

    def wait(self, patient: Patient):
        self.waiting.append(patient)
        self.admit()
        if self.give_up > 0:
            yield patient.seen | self.env.timeout(self.random.expovariate(self.give_up))
        else:
            yield patient.seen
        if not patient.seen.triggered:
            patient.has_gone = True
            if patient in self.waiting:
                self.waiting.remove(patient)
            else:
                self.pending_first -= 1

    def admit(self) -> None:
        while self.waiting and self.active + self.pending_first < self.places:
            self.pending_first += 1
            self.ask(FIRST, self.waiting.popleft())

    def start(self, patient: Patient) -> None:
        patient.is_active = True
        self.active += 1
        self.env.process(self.life(patient))

    def life(self, patient: Patient):
        """Comes due and leaves; candidates at the highest rate of leaving, of which the present share counts."""
        f = self.f
        usual = -math.log1p(-f["leave_per_month"]) / (52 / 12)
        highest = usual * (1 + 2 * f["strain_leaving"] + 3 * f["damage_leaving"])
        due = f["follow_ups_per_year"] / 52
        while highest + due > 0:
            yield self.env.timeout(self.random.expovariate(highest + due))
            if self.random.random() * (highest + due) < due:
                self.ask(FOLLOW_UP, patient)
            elif self.random.random() * highest < self.leave_rate:
                patient.is_active = False
                patient.has_gone = True
                self.active -= 1
                self.left += 1
                self.admit()
                return

    def ask(self, kind: int, patient: Patient) -> None:
        self.number += 1
        self.queue.put(Visit(kind, self.number, patient))

    def practitioner(self):
        while True:
            visit = yield self.queue.get()
            if self.to_retire:
                self.to_retire -= 1
                self.queue.put(visit)
                return
            if visit.patient.has_gone:
                continue
            mean = self.f["first_visit_hours" if visit.kind == FIRST else "follow_up_hours"]
            yield self.env.timeout(self.random.expovariate(1) * mean / (self.visit_hours / self.workers))
            if visit.patient.has_gone:
                continue
            self.visits += 1
            if visit.kind == FIRST:
                self.pending_first -= 1
                visit.patient.seen.succeed()
                self.start(visit.patient)

    # Weeks

    def weeks(self):
        self.plan(0)
        self.keep()
        self.env.process(self.arrivals())
        for week in range(self.model.weeks):
            self.staff(week)
            self.plan(week)
            self.admit()
            yield self.env.timeout(1)
            self.feel()
            self.suffer()
            self.keep()
            self.decide(week)

    def staff(self, week: int) -> None:
        f = self.f
        for role, amount in [(role, amount) for at, role, amount in self.coming if at == week]:
            self.employed[role] += amount
            self.cohorts.append((week, role, amount))
        usual = -math.log1p(-f["staff_leave_per_year"]) / 52
        for role in range(3):
            strain = self.overload[role] if role < 2 else 0
            chance = 1 - math.exp(-usual * (1 + f["strain_staff"] * strain))
            people = math.ceil(self.employed[role])
            leaving = sum(self.random.random() < chance for _ in range(people))
            if leaving:
                gone = leaving * self.employed[role] / people
                self.employed[role] -= gone
                if self.model.leavers_are_replaced:
                    self.recruit(role, week, gone)
        self.productive = list(self.employed)
        for joined, role, amount in self.cohorts:
            self.productive[role] -= amount * max(0, 1 - (week - joined + 0.5) / max(f["ramp_weeks"], 0.5))
        self.productive = [max(0, each) for each in self.productive]
        heads = max(1, math.ceil(self.employed[0]))
        while self.workers < heads:
            self.workers += 1
            if self.to_retire:
                self.to_retire -= 1
            else:
                self.env.process(self.practitioner())
        while self.workers > heads:
            self.workers -= 1
            self.to_retire += 1

    def recruit(self, role: int, week: int, amount: float) -> int:
        at = week + 1 + round(self.f["recruiting_weeks"])
        self.coming.append((at, role, amount))
        return at

    def plan(self, week: int) -> None:
        f, model = self.f, self.model
        if not hasattr(self, "productive"):
            self.productive = list(self.employed)
        worse = [1 + f["damage_work"] * each for each in self.broken]
        hours = self.productive[0] * f["practitioner_hours_per_quarter"] / 13
        senior_hours = self.productive[2] * f["full_time_hours_per_week"]
        senior_needed = f["senior_fte_per_1000"] * self.active / 1000 * f["full_time_hours_per_week"]
        self.review_is_held = senior_hours >= 0.5 * senior_needed
        if not model.senior_time_is_protected and self.overload[0] > 0:
            hours += senior_hours
            self.review_is_held = False
        administration = self.active * f["admin_hours_per_quarter"] / 13 * worse[0]
        self.visit_hours = max(hours - administration, 0.25 * hours, 1e-9)
        paused = model.pause_above_wait_days is not None and self.wait_days > model.pause_above_wait_days
        extra = sum(
            one.arrivals_per_week for one in model.campaigns if one.from_week <= week < one.until_week
        )
        self.arrival_rate = 0.0 if paused else f["arrivals_per_week"] + extra
        self.give_up = -math.log1p(-f["give_up_per_month"]) / (52 / 12)
        asking = self.arrival_rate + f["referrals_per_patient_month"] / (52 / 12) * self.active
        follow_ups = self.active * f["follow_ups_per_year"] / 52 * f["follow_up_hours"]
        site = self.active / model.sites
        desk = model.sites * f["front_desk_fte_at_1000"] * (site / 1000) ** f["front_desk_exponent"]
        if not model.desk_is_self_service:
            desk *= max(1, site / f["front_desk_formal_from"]) ** (1 - f["front_desk_exponent"])
        desk *= f["full_time_hours_per_week"]
        desk *= 1 + f["dispensing_share"] * (worse[1] - 1) + f["billing_share"] * (worse[2] - 1)
        self.load = [
            self.load_of(administration + follow_ups + asking * f["first_visit_hours"], hours),
            self.load_of(desk, self.productive[1] * f["full_time_hours_per_week"]),
            self.load_of(senior_needed, senior_hours),
        ]
        due = sum(1 for each in self.queue.items if each.kind == FOLLOW_UP and not each.patient.has_gone)
        self.delay_weeks = due * f["follow_up_hours"] / self.visit_hours
        self.leave_rate = (
            -math.log1p(-f["leave_per_month"])
            / (52 / 12)
            * (1 + f["strain_leaving"] * sum(self.overload) + f["damage_leaving"] * sum(self.broken))
        )
        self.places = (
            math.floor(f["panel"] * self.productive[0] + 1e-9) if model.panel_is_closed else math.inf
        )

    @staticmethod
    def load_of(needed: float, hours: float) -> float:
        return min(needed / hours, 10) if hours > 0 else (10.0 if needed > 0 else 0.0)

    def feel(self) -> None:
        strained = [min(max(self.load[role] - 1, 0), 1) for role in (0, 1)]
        strained[0] = max(strained[0], min(max((self.delay_weeks - 1) / 4, 0), 1))
        self.overload = [old + (new - old) / 4 for old, new in zip(self.overload, strained, strict=True)]

    def suffer(self) -> None:
        f = self.f
        guarded = [self.model.guards[0] and self.review_is_held, *self.model.guards[1:]]
        for row, overload in enumerate((self.overload[0], self.overload[1], self.overload[1])):
            shows = not guarded[row] and self.active * (1 + overload) >= self.breaks_at[row]
            moved = self.shown_for[row] + (1 if shows else -1)
            lead = max(self.lead[row], 1)
            self.shown_for[row] = min(max(moved, 0), math.ceil(lead))
            if self.shown_for[row] >= lead:
                self.broken[row] = 1
            elif self.shown_for[row] == 0:
                self.broken[row] = 0
        usual = f["adherence"] * max(
            1 - f["strain_adherence"] * self.overload[0] - f["damage_adherence"] * sum(self.broken), 0
        )
        self.adherence += (usual - self.adherence) / (90 / 7)

    def decide(self, week: int) -> None:
        share = self.history[-1]["panel_share"]
        for number, rule in enumerate(self.model.rules):
            role = ROLES.index(rule.role)
            asked = (
                (rule.at_patients, self.active),
                (rule.at_panel_share, share),
                (rule.at_load, self.load[role]),
                (rule.at_wait_days, self.wait_days),
            )
            met = all(least is None or value >= least for least, value in asked)
            self.met_for[number] = self.met_for[number] + 1 if met else 0
            if (
                self.met_for[number] >= rule.for_weeks
                and self.applied[number] < rule.at_most
                and self.awaited_until[role] <= week
            ):
                self.awaited_until[role] = self.recruit(role, week, rule.fte)
                self.applied[number] += 1

    def keep(self) -> None:
        panels = self.f["panel"] * self.productive[0]
        self.history.append(
            {
                "patients": self.active,
                "waiting": len(self.waiting) + self.pending_first,
                "panel_share": self.active / panels if panels else 0,
                "practitioner_load": self.load[0],
                "front_desk_load": self.load[1],
                "practitioners": self.employed[0],
                "front_desk": self.employed[1],
                "senior": self.employed[2],
                "adherence": self.adherence,
            }
        )
