"""What the practice earns: the answer of `willow plan economics`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from willowbark.planner.core import money
from willowbark.planner.core.capacity import PREREQUISITES, check_capacity, missing
from willowbark.planner.core.plan_capacity import staff
from willowbark.planner.core.ranges import (
    Draws,
    Formula,
    Numbers,
    Range,
    Term,
    Values,
    added,
    extremes,
    extremes_of_sum,
    likely,
)
from willowbark.planner.core.scenario.reading import BadScenario
from willowbark.planner.core.scenario.scenario import Scenario

MONTHS = 12
# What costs less than a cent a year costs nothing.
LEAST_USD = 0.01


@dataclass(frozen=True, slots=True)
class Drawn:
    """How ranges were found: at all their ends, or by so many draws from one seed (5th to 95th per cent)."""

    samples: int
    seed: int


@dataclass(frozen=True, slots=True)
class Patient:
    """
    One more patient for a year, in cents.

    Attributes:
        is_full: the people there have no room, so that the time of one more must be hired.
        verdict: 'strengthens', 'erodes', or 'depends' where the range has both.
    """

    brings_cents: Range
    takes_cents: Range
    contribution_cents: Range
    visit_time_cents: Range
    admin_time_cents: Range
    other_people_cents: Range
    cost_to_serve_cents: Range
    margin_cents: Range
    is_full: bool
    verdict: str
    said: str


@dataclass(frozen=True, slots=True)
class Return:
    """
    What a prerequisite is worth in a year; `ratio` is (worth - cost) / cost, None where it may cost nothing.

    `is_there` says that the scenario has it: the hours are saved already, and would be lost without it.
    """

    is_there: bool
    hours_recovered: Range
    worth_cents: Range
    cost_cents: Range
    net_cents: Range
    ratio: Range | None


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """How far the result of a year moves while one figure moves through its range, the others in"
    " their middle."""

    path: str
    low: float
    high: float
    result_at_low_cents: float
    result_at_high_cents: float
    swing_cents: float


@dataclass(frozen=True, slots=True)
class Economics:
    """
    A year.

    Attributes:
        break_even_patients: fixed cost and people / contribution of one patient; None where no number of
            patients can, or where it is not sure that any can.
        runway_worst_months, runway_best_months: how long the cash lasts; None where that end loses no money,
            and for both where nobody has said how much cash there is.
        tornado: the widest first.
    """

    scenario: str
    drawn: Drawn | None
    revenue_by_model_cents: dict[str, Range]
    cost_by_kind_cents: dict[str, Range]
    revenue_cents: Range
    cost_cents: Range
    result_cents: Range
    payer_mix: dict[str, float]
    payer_pays: Range
    patient: Patient
    break_even_patients: Range | None
    runway_worst_months: float | None
    runway_best_months: float | None
    prerequisites: dict[str, Return]
    tornado: tuple[Sensitivity, ...]


def plan_economics(scenario: Scenario, *, samples: int = 0, seed: int = 0) -> Economics:
    """
    Economics of a year. `samples` above 0 draws each range evenly, by `seed`, in place of trying all ends.

    Raises:
        BadScenario: figures that do not agree, or none of the patients' money to count.
        TooManyRanges: more than 16 of them are ranges, and no samples were asked for.
    """
    check_capacity(scenario)
    _check_payers(scenario)
    inputs = money.inputs_of(scenario)
    finding = _Finding(inputs, Draws(inputs, samples=samples, seed=seed) if samples else None)
    brought, standing = money.revenue(scenario), money.standing_costs(scenario)
    costs = {**standing, **money.moving_costs()}
    result = finding.whole([*brought.values(), *(money.minus(one) for one in costs.values())])
    worst, best = _runway(scenario, result)
    return Economics(
        scenario=scenario.name,
        drawn=Drawn(samples, seed) if samples else None,
        revenue_by_model_cents=finding.each(brought),
        cost_by_kind_cents=finding.each(costs),
        revenue_cents=finding.whole(brought.values()),
        cost_cents=finding.whole(costs.values()),
        result_cents=result,
        payer_mix={payer: scenario.number(f"economics.{payer}_share") for payer in money.PAYERS},
        payer_pays=finding.whole([money.payer_pays]),
        patient=_patient(scenario, finding),
        break_even_patients=_break_even(scenario, finding),
        runway_worst_months=worst,
        runway_best_months=best,
        prerequisites={name: _return(name, scenario, finding) for name in PREREQUISITES},
        tornado=_tornado(scenario, inputs),
    )


@dataclass(frozen=True, slots=True)
class _Finding:
    """How the ranges of results are found: at the ends of the inputs', or by draws."""

    inputs: Mapping[str, Range]
    draws: Draws | None

    def formula(self, formula: Formula) -> dict[str, Range]:
        return likely(formula, self.draws) if self.draws else extremes(formula, self.inputs)

    def each(self, terms: Mapping[str, Term]) -> dict[str, Range]:
        return {name: self.whole([term]) for name, term in terms.items()}

    def whole(self, terms: Iterable[Term]) -> Range:
        if self.draws:
            members = list(terms)
            return self.formula(lambda v: {"sum": added(term(v) for term in members)})["sum"]
        return extremes_of_sum(terms, self.inputs)


def _check_payers(scenario: Scenario) -> None:
    whole = sum(scenario.number(f"economics.{payer}_share") for payer in money.PAYERS)
    if not math.isclose(whole, 1, abs_tol=1e-6):
        raise BadScenario(
            f"The payers' shares add up to {whole:g}; they must be 1 together.",
            field="economics.self_pay_share",
        )


def _patient(scenario: Scenario, finding: _Finding) -> Patient:
    brings, takes, time = money.PER_PATIENT, money.takes(), money.time(scenario)
    contribution = finding.whole(money.contribution().values())
    margin = finding.whole([*money.contribution().values(), *(money.minus(one) for one in time.values())])
    there = staff(scenario)
    is_full = there.utilisation is None or there.utilisation.middle >= 1
    counts = margin if is_full else contribution
    verdict = "strengthens" if counts.low > 0 else "erodes" if counts.high < 0 else "depends"
    does = "may strengthen or erode" if verdict == "depends" else verdict
    room = "are full, so the time is hired" if is_full else "have room"
    return Patient(
        brings_cents=finding.whole(brings.values()),
        takes_cents=finding.whole(takes.values()),
        contribution_cents=contribution,
        visit_time_cents=finding.whole([time["visits"]]),
        admin_time_cents=finding.whole([time["administration"]]),
        other_people_cents=finding.whole([time[role] for role in money.OTHERS]),
        cost_to_serve_cents=finding.whole([*takes.values(), *time.values()]),
        margin_cents=margin,
        is_full=is_full,
        verdict=verdict,
        said=f"The next patient {does} the practice: the people there {room}.",
    )


def _break_even(scenario: Scenario, finding: _Finding) -> Range | None:
    """
    Patients at which their contributions pay for the people there are and for all else that stands.

    The two have no ranged figure in common, so the ends of one are divided by those of the other.
    """
    standing = finding.whole(
        [*money.standing_costs(scenario).values(), money.minus(money.revenue(scenario)["value_based"])]
    )
    each = finding.whole(money.contribution().values())
    if each.low <= 0:
        return None
    return Range(max(0.0, standing.low) / each.high, max(0.0, standing.high) / each.low)


def _runway(scenario: Scenario, result: Range) -> tuple[float | None, float | None]:
    if not scenario.has("economics.cash_usd"):
        return None, None
    cash = scenario.range("economics.cash_usd")

    def months(left: float, year: float) -> float | None:
        return left * 100 / (-year / MONTHS) if year < 0 else None

    return months(cash.low, result.low), months(cash.high, result.high)


def _return(name: str, scenario: Scenario, finding: _Finding) -> Return:
    costs_always = finding.inputs[f"economics.{name}_usd_per_year"].low >= LEAST_USD

    def formula(v: Values) -> dict[str, Numbers]:
        found = money.prerequisite(name, scenario, v)
        return {**found, "ratio": found["net"] / found["cost"]} if costs_always else found

    found = finding.formula(formula)
    return Return(
        is_there=name not in missing(scenario),
        hours_recovered=found["hours"],
        worth_cents=found["worth"],
        cost_cents=found["cost"],
        net_cents=found["net"],
        ratio=found.get("ratio"),
    )


def _tornado(scenario: Scenario, inputs: Mapping[str, Range]) -> tuple[Sensitivity, ...]:
    """Each ranged figure through its range, the others in their middle; all of them in one go."""
    ranged = [path for path, value in inputs.items() if not value.is_point]
    if not ranged:
        return ()
    values = {path: np.full(2 * len(ranged), value.middle) for path, value in inputs.items()}
    for at, path in enumerate(ranged):
        values[path][2 * at : 2 * at + 2] = inputs[path].low, inputs[path].high
    brought = money.revenue(scenario).values()
    costs = [*money.standing_costs(scenario).values(), *money.moving_costs().values()]
    found = added(term(values) for term in brought) - added(term(values) for term in costs)
    rows = [
        Sensitivity(
            path,
            inputs[path].low,
            inputs[path].high,
            float(found[2 * at]),
            float(found[2 * at + 1]),
            abs(float(found[2 * at + 1] - found[2 * at])),
        )
        for at, path in enumerate(ranged)
    ]
    return tuple(
        sorted((row for row in rows if row.swing_cents), key=lambda row: (-row.swing_cents, row.path))
    )
