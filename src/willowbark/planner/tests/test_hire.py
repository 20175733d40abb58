"""The hire signal: three signals together, early, due and late, and the case that contradicts itself."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.planner.core.plan_hire import plan_hire
from willowbark.planner.core.ranges import Range, point
from willowbark.planner.core.scenario import BadScenario, example, fields, read_scenario, usual

READY = {
    "practice.practitioners": "3",
    "hire.wait_list_days": "60",
    "hire.overtime_hours_per_week": "1",
    "hire.burnout_reported": "false",
}


def plan(scenario, **options):
    return plan_hire(scenario, **options)


def hire(patients, **changes):
    said = {**READY, "practice.active_patients": str(patients)}
    said |= {f"hire.{name}": str(value).lower() for name, value in changes.items()}
    return plan(read_scenario("", fields(), changes=said))


def case():
    return read_scenario(example("case_study"), fields())


def test_the_case_grows_as_it_says():
    found = plan(case())
    growth = found.growth
    assert growth.patients_per_month == pytest.approx(36.111, abs=0.001)
    assert growth.by_quarter == pytest.approx([400, 508.33, 616.67, 725, 833.33, 941.67, 1050], abs=0.01)
    months = {one.share: one.months for one in growth.reaches}
    assert months[0.85] == pytest.approx(8.34, abs=0.005)
    assert months[0.9] == pytest.approx(9.48, abs=0.005)


def test_the_case_by_its_own_figures():
    found = plan(case())
    at_720 = next(one for one in found.history if one.patients == 720)
    assert at_720.utilisation_before_hire == pytest.approx(0.8727, abs=0.0001)
    assert found.peer.patients_per_fte == pytest.approx(164.06, abs=0.01)
    assert found.peer.peer_patients_per_fte == pytest.approx(105.56, abs=0.01)
    assert found.peer.ratio == pytest.approx(1.554, abs=0.001)


def test_the_case_is_told_where_it_contradicts_itself():
    found = {one.number: one.but for one in plan(case()).contradictions}
    assert set(found) == {3, 7, 8, 9, 10, 11, 12, 13}
    assert "at most 240 each" in found[7]
    assert "133 each, 48% of the target of 275" in found[8]
    assert "95.5%" in found[9]
    assert "the other 0.25 are not accounted for" in found[10]


def test_another_account_is_looked_at_in_the_same_way():
    said = """
    practice: {active_patients: 300, practitioners: 2}
    hire:
      history:
        - {label: 20251, patients: 300, practitioners: 2, panel_each: 150}
        - {label: 20252, patients: 520, practitioners: 2, panel_each: 270}
    """
    found = {one.number for one in plan(read_scenario(said, fields())).contradictions}
    assert found == {7, 8}


def test_an_account_that_agrees_contradicts_nothing():
    said = """
    practice: {active_patients: 700, practitioners: 3}
    hire: {history: [{label: 20251, patients: 700, practitioners: 3, panel_each: 233}]}
    """
    assert plan(read_scenario(said, fields())).contradictions == ()


@pytest.mark.parametrize(
    ("patients", "timing", "verdict"),
    [(701, "early", "not_yet"), (702, "due", "due"), (783, "due", "due"), (784, "late", "late")],
)
def test_early_due_and_late(patients, timing, verdict):
    found = hire(patients)
    assert (found.timing, found.verdict) == (timing, verdict)


def test_not_yet_says_why():
    found = hire(702, wait_list_days=45, overtime_hours_per_week=6, burnout_reported=True)
    assert found.verdict == "not_yet"
    assert found.said == (
        "Hire: not yet, because the wait list is 45 days old; it must have been there for 60; the workload"
        " is not sustainable: overtime is 6 h a week, above 2, and practitioners report signs of burnout;"
        " relieve it first."
    )


def test_what_nobody_said_is_not_a_yes():
    found = hire(702, wait_list_days="null")
    assert (found.timing, found.verdict) == ("due", "not_yet")
    assert "no wait list is recorded" in found.said


def test_late_without_demand_is_not_yet_until_everybody_is_full():
    assert hire(800, wait_list_days=10).verdict == "not_yet"
    assert hire(825, wait_list_days=10).verdict == "late"


def test_late_is_said_although_the_workload_is_no_longer_sustainable():
    found = hire(800, burnout_reported=True)
    assert found.verdict == "late"
    assert "signs of burnout" in found.said


def test_months_become_dates_from_a_day():
    found = plan(case(), today=date(2024, 1, 1))
    assert found.growth.reaches[0].on == date(2024, 9, 11)
    assert found.growth.start_recruiting_on[0] < found.growth.start_recruiting_on[1] < date(2024, 9, 11)


def test_recruiting_starts_so_that_the_ramp_ends_before_it_is_late():
    growth = plan(case()).growth
    weeks = (growth.reaches[2].months - growth.start_recruiting_months.low) * 365.25 / 12 / 7
    assert weeks == pytest.approx(16 + 12)


def test_each_further_hire_of_a_growth():
    found = plan(case()).growth.hires
    assert [one.practitioners for one in found] == [4, 5]
    assert found[1].due_months == pytest.approx((0.85 * 4 * 275 - 400) / (650 / 18))


def test_a_practice_that_shrinks_is_never_due():
    said = "practice: {active_patients: 400, practitioners: 3}\ngrowth: {patients_per_month: -5}"
    growth = plan(read_scenario(said, fields())).growth
    assert [one.months for one in growth.reaches] == [None] * 4
    assert growth.hires == ()


def test_senior_time_that_is_eaten_is_said():
    found = hire(1000, senior_hours_per_week=6).senior
    assert found.is_eaten
    assert found.said.startswith("Senior time is being eaten: 6 h a week of the 10.0 to 20.0 h a week needed")
    assert not hire(1000, senior_hours_per_week=10).senior.is_eaten


@pytest.mark.parametrize(("patients", "roles"), [(1200, 1), (1201, 2), (2401, 3)])
def test_a_second_senior_role_beyond_1200(patients, roles):
    assert hire(patients).senior.roles_needed == roles


def test_nobody_has_no_capacity():
    with pytest.raises(BadScenario, match="nobody's capacity"):
        plan(read_scenario("practice: {practitioners: 0}", fields()))


def test_thresholds_that_do_not_rise_are_refused():
    with pytest.raises(BadScenario, match="must rise"):
        hire(700, due_at=0.96)


ORDER = ("early", "due", "late")


@given(patients=st.integers(0, 5000), more=st.integers(0, 5000), practitioners=st.floats(0.1, 20))
def test_more_patients_are_never_earlier(patients, more, practitioners):
    def timing(count):
        values = {
            "practice.active_patients": point(count),
            "practice.practitioners": Range(practitioners, practitioners + 1),
        }
        return ORDER.index(plan(usual().with_values(values)).timing)

    assert timing(patients) <= timing(patients + more)
