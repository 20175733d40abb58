"""What can be moved on the page, and a scenario from where everything stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from willowbark.foundation.explaining import why_url
from willowbark.foundation.presentation.choices import Choice
from willowbark.planner.core.capacity import MEASURED, PREREQUISITES, ceiling, missing
from willowbark.planner.core.ranges import Range, point
from willowbark.planner.core.scenario import BadScenario, Scenario, Value, fields, read_value
from willowbark.planner.core.scenario.writing import plain
from willowbark.planner.core.words import value_text
from willowbark.planner.selectors.why import input_reference, origin_text

KNOWN_OR_NOT = (("", "Not known"), ("false", "No"), ("true", "Yes"))


@dataclass(frozen=True, slots=True)
class Scale:
    """How a slider moves. Beyond its ends a scenario's own value still holds."""

    path: str
    label: str
    low: float
    high: float
    step: float


CASH = "economics.cash_usd"
GROUPS: tuple[tuple[str, tuple[Scale, ...]], ...] = (
    (
        "The practice",
        (
            Scale("practice.active_patients", "Active patients", 0, 2000, 10),
            Scale("practice.practitioners", "Practitioners (FTE)", 0.5, 10, 0.5),
            Scale("practice.front_desk_fte", "Front desk (FTE)", 0, 6, 0.25),
            Scale("practice.senior_non_clinical_fte", "Senior time, not clinical (FTE)", 0, 2, 0.05),
        ),
    ),
    (
        "Work",
        (
            Scale(MEASURED, "Admin hours, a patient and quarter", 0.25, 5, 0.05),
            Scale(
                "capacity.visit_hours_per_patient_quarter", "Visit hours, a patient and quarter", 0.1, 3, 0.05
            ),
            Scale("hire.target_panel", "Panel of one practitioner", 100, 400, 5),
        ),
    ),
    (
        "Growth",
        (
            Scale("arrivals.per_week", "New patients who ask, a week", 0, 40, 0.5),
            Scale("growth.to_patients", "Grow to (patients)", 0, 3000, 10),
            Scale("growth.months", "In (months)", 1, 60, 1),
        ),
    ),
    (
        "Money",
        (
            Scale("economics.visit_fee_usd", "Fee of a visit ($)", 0, 800, 5),
            Scale("economics.membership_share", "Part who are members", 0, 1, 0.05),
            Scale("economics.membership_fee_usd_per_month", "Membership, a month ($)", 0, 500, 5),
            Scale(
                "economics.practitioner_usd_per_year",
                "Cost of a practitioner, a year ($)",
                50000,
                500000,
                5000,
            ),
            Scale("economics.fixed_usd_per_month", "Rent and all else, a month ($)", 0, 100000, 1000),
            Scale(CASH, "Cash at hand ($)", 0, 1000000, 10000),
        ),
    ),
)
TYPED = (
    ("hire.wait_list_days", "Days there has been a wait list", "Empty when nobody knows"),
    (
        "hire.overtime_hours_per_week",
        "Overtime, hours a week",
        "What practitioners report; empty when not asked",
    ),
    ("hire.senior_hours_per_week", "Senior hours spent on review, a week", "Empty when not counted"),
)
BURNOUT = "hire.burnout_reported"


@dataclass(frozen=True, slots=True)
class Slider:
    """One slider as it stands; `shown` is the value with its range, `origin` where it is from."""

    name: str
    label: str
    low: str
    high: str
    step: str
    value: str
    shown: str
    origin: str
    why_url: str


@dataclass(frozen=True, slots=True)
class Typed:
    """A figure that is typed, since not to know it is an answer."""

    name: str
    label: str
    hint: str
    value: str
    why_url: str


@dataclass(frozen=True, slots=True)
class Switch:
    """A prerequisite that is there or not."""

    name: str
    label: str
    is_on: bool
    why_url: str


@dataclass(frozen=True, slots=True)
class Controls:
    """All that can be moved."""

    groups: tuple[tuple[str, tuple[Slider, ...]], ...]
    typed: tuple[Typed, ...]
    switches: tuple[Switch, ...]
    burnout: tuple[Choice, ...]
    burnout_why_url: str


def moved(base: Scenario, said: Mapping[str, str]) -> Scenario:
    """
    The scenario of a base and of where the controls stand.

    A slider that stands where the base put it leaves the base's value, with its range, as it is.

    Raises:
        BadScenario: what was sent is no possible value.
    """
    changed: dict[str, Value] = {}
    for _, scales in GROUPS:
        for scale in scales:
            if scale.path in said and not _stands(base, scale, said[scale.path]):
                changed[scale.path] = read_value(scale.path, said[scale.path], fields())
    for path, _, _ in TYPED:
        if path in said:
            changed |= _unless_same(base, path, said[path].strip() or "null")
    if BURNOUT in said:
        changed |= _unless_same(base, BURNOUT, said[BURNOUT] or "null")
    if said.get("switches"):
        for name in PREREQUISITES:
            path = f"prerequisites.{name}"
            changed |= _unless_same(base, path, "true" if path in said else "false")
    return base.with_values(changed)


def places(base: Scenario, scenario: Scenario) -> dict[str, str]:
    """What to send so that `moved(base, ...)` is the scenario: what stands elsewhere than the base put it."""
    other = {path for path, value in scenario.values.items() if value != base.values[path]}
    switches = {f"prerequisites.{name}" for name in PREREQUISITES}
    sent = {path: _sent(scenario.values[path]) for path in sorted(other - switches)}
    if other & switches:
        sent |= {path: "true" for path in sorted(switches) if scenario.flag(path)} | {"switches": "1"}
    return sent


def _sent(value: Value) -> str:
    if isinstance(value, Range):
        return f"{value.low:.10g}"
    return "" if value is None else str(value).lower()


def _unless_same(base: Scenario, path: str, text: str) -> dict[str, Value]:
    value = read_value(path, text, fields())
    return {} if value == base.values[path] else {path: value}


def _stands(base: Scenario, scale: Scale, text: str) -> bool:
    try:
        sent = float(text)
    except ValueError as error:
        raise BadScenario(f"{scale.path} is a number, not {text[:40]!r}.", field=scale.path) from error
    return abs(sent - float(_place(base, scale))) <= scale.step / 2 + 1e-9


def _place(scenario: Scenario, scale: Scale) -> str:
    """Where the slider stands: at the middle of what is known, held within its ends."""
    middle = _value(scenario, scale.path).middle
    steps = round((min(scale.high, max(scale.low, middle)) - scale.low) / scale.step)
    return f"{scale.low + steps * scale.step:.10g}"


def _value(scenario: Scenario, path: str) -> Range:
    value = scenario.values[path]
    if isinstance(value, Range):
        return value
    if path == MEASURED:
        return ceiling(scenario, missing(scenario)).admin_hours
    if path == CASH:
        return point(0)
    # Without growth chosen, the practice stays as it is.
    return point(scenario.number("practice.active_patients"))


def controls(scenario: Scenario, own: Mapping[str, str]) -> Controls:
    """The controls as a scenario puts them."""
    return Controls(
        groups=tuple(
            (title, tuple(_slider(scenario, scale, own) for scale in scales)) for title, scales in GROUPS
        ),
        typed=tuple(_typed(scenario)),
        switches=tuple(
            Switch(
                f"prerequisites.{name}",
                fields().by_path[f"prerequisites.{name}"].what,
                scenario.flag(f"prerequisites.{name}"),
                why_url(input_reference(f"prerequisites.{name}")),
            )
            for name in PREREQUISITES
        ),
        burnout=tuple(Choice(value, label, value == _burnout(scenario)) for value, label in KNOWN_OR_NOT),
        burnout_why_url=why_url(input_reference(BURNOUT)),
    )


def _burnout(scenario: Scenario) -> str:
    return str(scenario.flag(BURNOUT)).lower() if scenario.has(BURNOUT) else ""


def _slider(scenario: Scenario, scale: Scale, own: Mapping[str, str]) -> Slider:
    field = fields().by_path[scale.path]
    value = scenario.values[scale.path]
    follows = value is None and scale.path != CASH
    known = _value(scenario, scale.path) if follows else value
    return Slider(
        name=scale.path,
        label=scale.label,
        low=f"{scale.low:.10g}",
        high=f"{scale.high:.10g}",
        step=f"{scale.step:.10g}",
        value=_place(scenario, scale),
        shown=value_text(field, plain(known)).removesuffix(field.unit).strip(),
        origin="follows from the others" if follows else origin_text(scale.path, scenario, dict(own)),
        why_url=why_url(input_reference(scale.path)),
    )


def _typed(scenario: Scenario) -> Iterator[Typed]:
    for path, label, hint in TYPED:
        value = f"{scenario.number(path):g}" if scenario.has(path) else ""
        yield Typed(path, label, hint, value, why_url(input_reference(path)))
