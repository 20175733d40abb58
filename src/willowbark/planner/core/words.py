"""Answers in words: one line each, for a terminal and for paper."""

from __future__ import annotations

from collections.abc import Iterator

from willowbark.planner.core.contradictions import Contradiction
from willowbark.planner.core.plan_capacity import Capacity
from willowbark.planner.core.plan_economics import Economics
from willowbark.planner.core.plan_hire import Hire
from willowbark.planner.core.ranges import Range
from willowbark.planner.core.scenario.fields import Field, Fields

ROLE_NAMES = {
    "clinical": "Clinical practitioners",
    "front_desk": "Front desk",
    "senior_non_clinical": "Senior time, not clinical",
    "coach": "Health coaches",
    "dispensary": "Dispensary",
    "management": "Site and region managers",
}
PREREQUISITE_NAMES = {
    "master_protocols": "Master Protocols",
    "ai_composition": "assisted composition",
    "integrated_platform": "an integrated platform",
    "structured_intake": "structured intake",
}


def number_text(value: float, places: int = 2) -> str:
    """A number with at most so many places, thousands apart."""
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def range_text(value: Range | None, places: int = 2, unit: str = "") -> str:
    """A range as "3.33 to 4 FTE"; a single value as itself."""
    if value is None:
        return "none"
    low, high = number_text(value.low, places), number_text(value.high, places)
    return f"{low if low == high else f'{low} to {high}'}{f' {unit}' if unit else ''}"


def dollars_text(cents: float) -> str:
    """Cents as whole dollars: "-$1,204"."""
    dollars = round(cents / 100)
    return f"{'-' if dollars < 0 else ''}${abs(dollars):,}"


def money_text(cents: Range | None) -> str:
    """A range of cents as whole dollars."""
    if cents is None:
        return "none"
    low, high = dollars_text(cents.low), dollars_text(cents.high)
    return low if low == high else f"{low} to {high}"


def value_text(field: Field, value: object) -> str:
    """A value as people read it."""
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        text = (
            f"{value[0]:,} to {value[1]:,}"
            if value and not isinstance(value[0], dict)
            else f"{len(value)} entries"
        )
    else:
        text = f"{value:,}" if isinstance(value, int | float) else str(value)
    return f"{text} {field.unit}".strip() if field.unit not in ("share", "exponent") else text


def figure_lines(known: Fields, section: str = "") -> Iterator[str]:
    """Each figure of a section, or of all of them: name, default and what it is."""
    for path, field in known.by_path.items():
        if section in ("", path.partition(".")[0]):
            yield f"{path}  {value_text(field, field.value)}  {field.what}"


def capacity_lines(found: Capacity) -> Iterator[str]:
    """Capacity, most important first."""
    staff, ceilings = found.staff, found.ceilings
    yield f"{found.scenario}: {found.patients:,} patients"
    yield f"One practitioner's hours allow {range_text(ceilings.now.patients, 1)} patients" + (
        f" (without {', '.join(PREREQUISITE_NAMES[one] for one in found.missing_prerequisites)})"
        if found.missing_prerequisites
        else ""
    )
    yield (
        f"  with all four prerequisites {range_text(ceilings.with_all.patients, 1)}, with none"
        f" {range_text(ceilings.with_none.patients, 1)}"
    )
    for name, one in ceilings.without_each.items():
        yield f"  without {PREREQUISITE_NAMES[name]} {range_text(one.patients, 1)}"
    yield f"People there: {range_text(staff.total_fte)} FTE; needed: {range_text(staff.needed.total_fte)} FTE"
    for role, needed in staff.needed.by_role.items():
        if needed.high or role in staff.by_role:
            there = range_text(staff.by_role.get(role), 2) if role in staff.by_role else "not counted"
            yield f"  {ROLE_NAMES[role]}: needed {range_text(needed)}, there {there}"
    yield f"Patients of one FTE: {range_text(staff.patients_per_fte)}"
    yield (
        f"Saved against the published baseline of {range_text(staff.baseline_fte)} FTE:"
        f" {range_text(staff.saved_fte_interval)} (ends paired {range_text(staff.saved_fte_paired)})"
    )
    yield from _slots_lines(found)
    for way in found.delegation:
        yield f"Panel by delegation, {way.model}: {range_text(way.panel, 0, 'patients')}"
    if found.scale.is_extrapolated:
        yield f"Extrapolated: there is evidence up to {found.scale.evidence_patients:,} patients at a site."
    if found.scale.is_held and found.scale.plateau_patients:
        yield (
            f"Growth plateaus at {range_text(found.scale.plateau_patients, 0)} patients while these stand:"
            f" {', '.join(found.scale.barriers).lower()}"
        )
    yield from _contradictions("The article contradicts itself:", found.contradictions)


def _slots_lines(found: Capacity) -> Iterator[str]:
    """Appointments, days that overflow, and the queue."""
    slots, overflow, queue = found.appointments, found.overflow, found.queue
    panel = "any number of" if slots.panel is None else range_text(slots.panel, 0)
    yield f"{range_text(slots.slots_per_year, 0)} appointments of a practitioner are for {panel} patients"
    most = ", ".join(
        f"{share}: {'any number' if panel is None else range_text(panel, 0)}"
        for share, panel in overflow.largest_panel.items()
    )
    yield f"A day overflows with probability {range_text(overflow.probability, 4)}; most patients for {most}"
    taken = f"Queue: {range_text(queue.load, 4)} of the time of those who answer is taken"
    if queue.waits is None or queue.waiting_hours is None:
        yield f"{taken}; the most that comes cannot be served"
    else:
        yield f"{taken}; people wait with probability {range_text(queue.waits, 4)}"
        yield f"  and {_minutes(queue.waiting_hours)} minutes on average"


def _minutes(hours: Range) -> str:
    return range_text(Range(hours.low * 60, hours.high * 60), 4)


def hire_lines(found: Hire) -> Iterator[str]:
    """The hire signal, the verdict first."""
    yield f"{found.scenario}: {found.patients:,} patients"
    yield found.said
    for one in found.conditions:
        mark = {True: "yes", False: "no", None: "not known"}[one.is_met]
        yield f"  {mark}: {one.evidence}{f' ({one.trend})' if one.trend else ''}"
    if found.growth:
        growth = found.growth
        yield (
            f"Growing by {number_text(growth.patients_per_month)} patients a month to"
            f" {number_text(growth.to_patients)} in {number_text(growth.months)} months"
        )
        for at in growth.reaches:
            when = "never" if at.months is None else f"in {number_text(at.months)} months"
            yield f"  {at.share:.0%} ({number_text(at.patients)} patients): {when}"
        if growth.start_recruiting_months:
            yield f"  start recruiting in {range_text(growth.start_recruiting_months, 1)} months"
        for step in growth.hires:
            late = "not late" if step.late_months is None else f"late in {number_text(step.late_months, 1)}"
            yield (
                f"  practitioner {number_text(step.practitioners)}: due in"
                f" {number_text(step.due_months, 1)} months, {late}"
            )
        if growth.hires_in_all != len(growth.hires):
            many = growth.hires_in_all
            yield f"  {number_text(many)} hires in all" if many is not None else "  and so on without an end"
    yield found.senior.said
    if found.peer:
        yield (
            f"{number_text(found.peer.patients_per_fte)} patients of one FTE, {number_text(found.peer.ratio)}"
            f" times the peer clinic's {number_text(found.peer.peer_patients_per_fte)}"
        )
    yield from _contradictions("These figures contradict themselves:", found.contradictions)


def economics_lines(found: Economics) -> Iterator[str]:
    """A year's money, the result first."""
    yield f"{found.scenario}, a year"
    yield (
        f"Result {money_text(found.result_cents)}: revenue {money_text(found.revenue_cents)}, cost"
        f" {money_text(found.cost_cents)}"
    )
    for name, cents in found.revenue_by_model_cents.items():
        yield f"  {name.replace('_', ' ')}: {money_text(cents)}"
    for name, cents in found.cost_by_kind_cents.items():
        yield f"  cost of {name.replace('_', ' ')}: {money_text(cents)}"
    patient = found.patient
    yield patient.said
    yield (
        f"  brings {money_text(patient.brings_cents)}, costs"
        f" {money_text(patient.cost_to_serve_cents)} to serve,"
        f" of it administration {money_text(patient.admin_time_cents)}"
    )
    yield f"Breaks even at {range_text(found.break_even_patients, 0, 'patients')}"
    if found.runway_worst_months is not None:
        best = found.runway_best_months
        yield f"Cash lasts {number_text(found.runway_worst_months, 1)} months at worst" + (
            f", {number_text(best, 1)} at best" if best is not None else "; at best it does not run out"
        )
    for name, one in found.prerequisites.items():
        yield (
            f"  {PREREQUISITE_NAMES[name]}: {range_text(one.hours_recovered, 0)} hours,"
            f" {money_text(one.net_cents)} after its cost"
        )


def _contradictions(title: str, found: tuple[Contradiction, ...]) -> Iterator[str]:
    if found:
        yield title
    for one in found:
        yield f"  {f'{one.number}. ' if one.number else ''}{one.says} But: {one.but}"
