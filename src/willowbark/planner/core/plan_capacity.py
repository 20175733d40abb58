"""The answer of `willow plan capacity`."""

from __future__ import annotations

from dataclasses import dataclass

from willowbark.planner.core.binomial import largest_panel, overflow_probability
from willowbark.planner.core.capacity import (
    PREREQUISITES,
    Ceiling,
    Needed,
    ceiling,
    check_capacity,
    missing,
    needed,
)
from willowbark.planner.core.contradictions import Contradiction, of_article
from willowbark.planner.core.delegating import hours_of_a_patient
from willowbark.planner.core.queueing import Line, line
from willowbark.planner.core.ranges import Range, extremes, point
from willowbark.planner.core.reference import reference
from willowbark.planner.core.scale import Scale, scale
from willowbark.planner.core.scenario.scenario import Scenario

TOLERANCES = (0.05, 0.10, 0.20)
HAVE = {
    "clinical": "practice.practitioners",
    "front_desk": "practice.front_desk_fte",
    "senior_non_clinical": "practice.senior_non_clinical_fte",
    "coach": "practice.coach_fte",
    "dispensary": "practice.dispensary_fte",
}


@dataclass(frozen=True, slots=True)
class Ceilings:
    """Panels of one practitioner: as things are, with all four prerequisites, with none, without each one."""

    now: Ceiling
    with_all: Ceiling
    with_none: Ceiling
    without_each: dict[str, Ceiling]


@dataclass(frozen=True, slots=True)
class Staff:
    """
    The people there are, beside those needed.

    Attributes:
        by_role, total_fte: those there are, in FTE.
        needed: those that the patients need.
        needed_with_none: those that they would need without any prerequisite.
        short_fte: needed less there, by role; below zero: more than needed.
        clinical_minimum: patients / the largest panel that a practitioner may have.
        patients_per_fte: of all the people there are; None without people.
        baseline_fte: published for this many patients without prerequisites, in proportion to 1,000.
        saved_fte_interval: baseline less total: from the smallest possible difference to the largest.
        saved_fte_paired: the same, low end with low end and high with high, as the article does it.
    """

    by_role: dict[str, Range]
    total_fte: Range
    needed: Needed
    needed_with_none: Needed
    short_fte: dict[str, Range]
    clinical_minimum: float
    capacity_patients: Range
    utilisation: Range | None
    patients_per_fte: Range | None
    baseline_fte: Range
    saved_fte_interval: Range
    saved_fte_paired: Range


@dataclass(frozen=True, slots=True)
class Stage:
    """A published stage beside what the model gives for as many practitioners."""

    practitioners: int
    published: Range
    published_each: Range
    by_hours: Range
    by_panel: Range
    front_desk_published: float | None
    front_desk_at_ceiling: Range
    senior_published: str
    senior_at_ceiling: Range
    quote: str


@dataclass(frozen=True, slots=True)
class Overflow:
    """P(more ask than there are slots), and the most patients for each tolerance; None: any number."""

    probability: Range
    mean_demand: Range
    largest_panel: dict[str, Range | None]


@dataclass(frozen=True, slots=True)
class Queue:
    """
    The line before the people who answer, as in `Line`, from the least that comes and takes to the most.

    All but `load` is None where the most cannot be served.
    """

    load: Range
    waits: Range | None
    waits_longer: Range | None
    waiting_hours: Range | None
    waiting: Range | None
    present: Range | None


@dataclass(frozen=True, slots=True)
class Appointments:
    """Panel x visits = days x slots, of one practitioner; None where a visit is never needed."""

    slots_per_year: Range
    panel: Range | None


@dataclass(frozen=True, slots=True)
class Delegation:
    """Hours of a year / hours of a patient, for one way to delegate."""

    model: str
    hours_per_patient_year: Range
    panel: Range
    published: int | None


@dataclass(frozen=True, slots=True)
class Capacity:
    """All of it."""

    scenario: str
    patients: int
    missing_prerequisites: tuple[str, ...]
    ceilings: Ceilings
    staff: Staff
    stages: tuple[Stage, ...]
    appointments: Appointments
    overflow: Overflow
    queue: Queue
    delegation: tuple[Delegation, ...]
    scale: Scale
    contradictions: tuple[Contradiction, ...]


def plan_capacity(scenario: Scenario) -> Capacity:
    """
    Capacity and people for a scenario.

    Raises:
        BadScenario: figures that do not agree.
        TooManyRanges: more than 16 of them are ranges.
    """
    check_capacity(scenario)
    return Capacity(
        scenario=scenario.name,
        patients=scenario.whole("practice.active_patients"),
        missing_prerequisites=missing(scenario),
        ceilings=Ceilings(
            now=ceiling(scenario, missing(scenario)),
            with_all=ceiling(scenario, ()),
            with_none=ceiling(scenario, PREREQUISITES),
            without_each={name: ceiling(scenario, {*missing(scenario), name}) for name in PREREQUISITES},
        ),
        staff=staff(scenario),
        stages=stages(scenario),
        appointments=_appointments(scenario),
        overflow=_overflow(scenario),
        queue=_queue(scenario),
        delegation=_delegation(scenario),
        scale=scale(scenario),
        contradictions=of_article(),
    )


def staff(scenario: Scenario) -> Staff:
    """The people there are, beside those needed."""
    patients = scenario.whole("practice.active_patients")
    have = {role: scenario.range(path) for role, path in HAVE.items()}
    total = Range(sum(one.low for one in have.values()), sum(one.high for one in have.values()))
    now = needed(scenario, missing(scenario))
    panel = ceiling(scenario, missing(scenario)).panel
    per_1000 = scenario.range("capacity.baseline_fte_at_1000")
    baseline = Range(per_1000.low * patients / 1000, per_1000.high * patients / 1000)
    clinical = have["clinical"]
    paired = sorted((baseline.low - total.low, baseline.high - total.high))
    room = Range(clinical.low * panel.low, clinical.high * panel.high)
    return Staff(
        by_role=have,
        total_fte=total,
        needed=now,
        needed_with_none=needed(scenario, PREREQUISITES),
        short_fte={role: _less(now.by_role[role], one) for role, one in have.items()},
        clinical_minimum=patients / panel.high,
        capacity_patients=room,
        utilisation=Range(patients / room.high, patients / room.low) if room.low > 0 else None,
        patients_per_fte=Range(patients / total.high, patients / total.low) if total.low > 0 else None,
        baseline_fte=baseline,
        saved_fte_interval=_less(baseline, total),
        saved_fte_paired=Range(*paired),
    )


def _less(first: Range, second: Range) -> Range:
    """The differences of two independent ranges."""
    return Range(first.low - second.high, first.high - second.low)


def stages(scenario: Scenario) -> tuple[Stage, ...]:
    """The published stages, each beside the model; nothing is made to fit."""
    now = ceiling(scenario, missing(scenario))
    found = []
    for one in reference()["stages"]:
        many = one["practitioners"]
        low, high = (float(end) for end in one["ceiling"])
        at = [_at(scenario, patients) for patients in (low, high)]
        found.append(
            Stage(
                practitioners=many,
                published=Range(low, high),
                published_each=Range(low / many, high / many),
                by_hours=Range(now.patients.low * many, now.patients.high * many),
                by_panel=Range(now.panel.low * many, now.panel.high * many),
                front_desk_published=one["front_desk_fte"],
                front_desk_at_ceiling=Range(at[0]["front_desk"].low, at[1]["front_desk"].high),
                senior_published=one["senior"],
                senior_at_ceiling=Range(at[0]["senior_non_clinical"].low, at[1]["senior_non_clinical"].high),
                quote=one["quote"],
            )
        )
    return tuple(found)


def _at(scenario: Scenario, patients: float) -> dict[str, Range]:
    one_site = {
        "practice.active_patients": point(patients),
        "scale.sites": point(1),
        "scale.regions": point(1),
    }
    return dict(needed(scenario.with_values(one_site), missing(scenario)).by_role)


def _appointments(scenario: Scenario) -> Appointments:
    paths = ("visits_per_patient_year", "days_per_year", "slots_per_day")
    inputs = {name: scenario.range(f"appointments.{name}") for name in paths}
    slots = extremes(lambda v: {"slots": v["days_per_year"] * v["slots_per_day"]}, inputs)["slots"]
    visits = inputs["visits_per_patient_year"]
    if visits.low <= 0:
        return Appointments(slots, None)
    return Appointments(slots, Range(slots.low / visits.high, slots.high / visits.low))


def _overflow(scenario: Scenario) -> Overflow:
    chance, slots = scenario.range("overflow.daily_probability"), scenario.whole("overflow.slots")
    patients = scenario.whole("overflow.patients")
    asked = {*TOLERANCES, scenario.number("overflow.tolerance")}
    return Overflow(
        probability=Range(*(overflow_probability(patients, end, slots) for end in (chance.low, chance.high))),
        mean_demand=Range(patients * chance.low, patients * chance.high),
        largest_panel={
            f"{one:.2f}" if round(one, 2) == one else f"{one:g}": _largest(chance, slots, one)
            for one in sorted(asked)
        },
    )


def _largest(chance: Range, slots: int, tolerance: float) -> Range | None:
    """The more often each asks, the fewer they may be."""
    fewest, most = (largest_panel(end, slots, tolerance) for end in (chance.high, chance.low))
    return None if fewest is None or most is None else Range(fewest, most)


def _queue(scenario: Scenario) -> Queue:
    """Every figure of a line rises with what comes and with what each takes."""
    arrivals, minutes = scenario.range("queue.arrivals_per_hour"), scenario.range("queue.service_minutes")
    target = scenario.range("queue.target_minutes")

    def at(arrivals_per_hour: float, service_minutes: float, longer_than_minutes: float) -> Line:
        return line(
            arrivals_per_hour=arrivals_per_hour,
            service_hours=service_minutes / 60,
            servers=scenario.whole("queue.servers"),
            longer_than_hours=longer_than_minutes / 60,
        )

    least = at(arrivals.low, minutes.low, target.high)
    most = at(arrivals.high, minutes.high, target.low)
    return Queue(
        load=Range(least.load, most.load),
        waits=_from_to(least.waits, most.waits),
        waits_longer=_from_to(least.waits_longer, most.waits_longer),
        waiting_hours=_from_to(least.waiting_hours, most.waiting_hours),
        waiting=_from_to(least.waiting, most.waiting),
        present=_from_to(least.present, most.present),
    )


def _from_to(least: float | None, most: float | None) -> Range | None:
    return None if least is None or most is None else Range(least, most)


def _delegation(scenario: Scenario) -> tuple[Delegation, ...]:
    hours = scenario.range("delegation.hours_per_year")
    rows = [
        (one["model"], point(one["hours_per_patient_year"]), one["published"])
        for one in reference()["delegation"]
    ]
    own = hours_of_a_patient(scenario)
    if own is not None:
        rows.insert(0, ("As the scenario says", own, None))
    return tuple(
        Delegation(model, each, Range(hours.low / each.high, hours.high / each.low), known)
        for model, each, known in rows
    )
