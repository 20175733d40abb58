"""The figures of the answers: what each is made of, and what it says."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from willowbark.planner.core.answers import FIGURES, answers_of
from willowbark.planner.core.parts import BY_KEY, PARTS
from willowbark.planner.core.parts.hiring import HIRING
from willowbark.planner.core.parts.weeks import WEEKS
from willowbark.planner.core.ranges import Range, point
from willowbark.planner.core.scenario import example, fields, read_scenario
from willowbark.planner.core.simulation import simulate

# Figures that must be 1 together, each moved so that they still are.
TOGETHER = {
    "economics.self_pay_share": 0.4,
    "economics.commercial_share": 0.3,
    "economics.medicare_share": 0.2,
    "economics.medicaid_share": 0.1,
    "capacity.saving_share_master_protocols": 0.1,
    "capacity.saving_share_ai_composition": 0.2,
    "capacity.saving_share_integrated_platform": 0.3,
    "capacity.saving_share_structured_intake": 0.4,
}
# Figures that have an order among themselves, each moved so that they keep it whichever others are moved.
IN_ORDER = {"hire.due_until": 0.88, "hire.late_at": 0.97, "scale.regions": 1}
BASES = {
    "full": "practice: {active_patients: 1000, practitioners: 2}",
    "with room": "practice: {active_patients: 300}\ngrowth: {to_patients: 1300}",
    "by the month": "growth: {patients_per_month: 20}",
    "the case": example("case_study"),
    "measured": "capacity: {admin_hours_per_patient_quarter: 1.2}\nprerequisites: {structured_intake: false}",
    "large": "scale: {sites: 4, regions: 2}\npractice: {active_patients: 5000, coach_fte: 2}\n"
    "capacity: {coach_hours_per_patient_quarter: 0.1, dispensary_hours_per_patient_quarter: 0.1}\n"
    "economics: {attributed_patients: 500, savings_rate: 0.05, medicare_share: 0.3, self_pay_share: 0.7}",
}


def moved(scenario, path):
    field, value = fields().by_path[path], scenario.values[path]
    if path in TOGETHER | IN_ORDER:
        return point((TOGETHER | IN_ORDER)[path])
    if field.kind == "flag":
        return not value
    if field.kind not in ("number", "whole"):
        return value
    if value is None:
        return None if path.startswith("growth.") else point(min(field.most, field.least + 1))
    if field.kind == "whole":
        return point(value.low + 1)
    if value.high == 0:
        return point(min(field.most, 0.5))
    return Range(max(field.least, value.low * 0.9), max(field.least, value.high * 0.9))


@cache
def answered(base):
    return answers_of(read_scenario(BASES[base], fields()))


ASKED = [(base, figure) for base in BASES for figure in FIGURES] + [
    (base, figure)
    for base in ("with room", "large", "the case")
    for figure in PARTS
    if figure not in WEEKS and (base != "the case" or figure in HIRING)
]


@pytest.mark.parametrize(("base", "figure"), ASKED, ids=[f"{base}-{figure.key}" for base, figure in ASKED])
def test_a_figure_that_is_not_listed_never_changes_the_text(base, figure):
    scenario = read_scenario(BASES[base], fields())
    unlisted = [path for path in fields().by_path if path not in figure.inputs]
    others = scenario.with_values({path: moved(scenario, path) for path in unlisted})
    assert figure.text(answers_of(others)) == figure.text(answered(base))


def test_a_figure_that_is_not_listed_never_changes_the_simulated_weeks():
    scenario = read_scenario("practice: {active_patients: 900}", fields())
    unlisted = [path for path in fields().by_path if path not in WEEKS[0].inputs]
    others = scenario.with_values({path: moved(scenario, path) for path in unlisted})
    first, second = (simulate(one, seed=1, replications=20) for one in (scenario, others))
    for name, band in first.bands.items():
        assert np.array_equal(band.p50, second.bands[name].p50), name


def test_every_listed_figure_is_known():
    assert {path for figure in BY_KEY.values() for path in figure.inputs} <= set(fields().by_path)
