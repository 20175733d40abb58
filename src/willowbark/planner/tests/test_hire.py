"""The hire signal: three signals together, early, due and late, and the case that contradicts itself."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.planner.core.answers import answers_of
from willowbark.planner.core.parts import BY_KEY
from willowbark.planner.core.plan_hire import plan_hire
from willowbark.planner.core.ranges import Range, point
from willowbark.planner.core.scale import scale
from willowbark.planner.core.scenario import BadScenario, example, fields, read_scenario, usual
from willowbark.planner.core.simulation.of_scenario import milestones_of
from willowbark.planner.core.words import hire_lines

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
    return plan(read_scenario("{}", fields(), changes=said))


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
    assert set(found) == {3, 5, 7, 8, 9, 10, 11, 12, 13}
    assert "at most 240 each" in found[7]
    assert "133 each, 48% of the target of 275" in found[8]
    assert "95.5%" in found[9]
    assert "the other 0.25 are not accounted for" in found[10]


ENDS = "hire.history: [{patients: 400, practitioners: %s}, {patients: 1050, practitioners: 4}]"


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("practice: {active_patients: 400, practitioners: 3}\ngrowth: {to_patients: 1050}", {3, 7, 8}),
        (
            "practice: {active_patients: 400, practitioners: 3}\ngrowth: {patients_per_month: 36.111}",
            {3, 7, 8},
        ),
        ("practice: {active_patients: 400, practitioners: 2}\ngrowth: {to_patients: 1050}", set()),
        ("practice.active_patients: 1050\n" + ENDS % 3, {3, 7, 8}),
        (ENDS % 4, {8}),
    ],
    ids=["to", "a-month", "two-practitioners", "account", "account-of-four"],
)
def test_the_case_is_known_by_its_growth_and_by_its_account(said, numbers):
    found = {one.number for one in plan(read_scenario(said, fields())).contradictions}
    assert found == {5, 9, 10, 11, 12, 13} | numbers


@pytest.mark.parametrize(
    "said",
    [
        "practice.active_patients: 400\ngrowth: {patients_per_month: 20}",
        "hire.history: [{patients: 400, practitioners: 2}, {patients: 500, practitioners: 2}]",
    ],
    ids=["slower", "another-end"],
)
def test_another_growth_is_not_the_case(said):
    found = {one.number for one in plan(read_scenario(said, fields())).contradictions}
    assert not found & {5, 11, 12, 13}


def said_of(history, number, **changes):
    scenario = read_scenario("{}", fields(), changes={"hire.history": history, **changes})
    return [f"{one.says} {one.but}" for one in plan(scenario).contradictions if one.number == number]


@pytest.mark.parametrize(("second", "is_part"), [(2, True), (2.5, False)])
def test_a_whole_desk_that_was_added_is_not_called_a_part(second, is_part):
    found = said_of(
        f"[{{front_desk_fte: 1.5, practitioners: 3}}, {{front_desk_fte: {second}, practitioners: 3}}]", 3
    )
    assert ["not a whole one" in one for one in found] == [is_part]


def test_one_practitioner_and_a_start_that_is_due_are_not_overstaffed():
    assert said_of("[{patients: 100, practitioners: 1}]", 8) == []
    start = "[{patients: 340, practitioners: 2}]"
    assert len(said_of(start, 8)) == 1
    assert said_of(start, 8, **{"hire.target_panel": "180"}) == []


@pytest.mark.parametrize(("first", "hired_nobody"), [(3, False), (4, True)])
def test_no_hire_is_said_where_there_was_none(first, hired_nobody):
    found = said_of(f"[{{patients: 500, practitioners: {first}}}, {{patients: 1080, practitioners: 4}}]", 9)
    assert [", and no hire." in one for one in found] == [hired_nobody]


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


@pytest.mark.parametrize(
    ("known", "is_met", "because"),
    [
        ({"burnout_reported": "null"}, None, "nobody has asked the practitioners about signs of burnout"),
        (
            {"overtime_hours_per_week": "null"},
            None,
            "nobody has asked the practitioners about hours of overtime",
        ),
        (
            {"burnout_reported": "null", "overtime_hours_per_week": 6},
            False,
            "the workload is not sustainable: overtime is 6 h a week, above 2; relieve it first",
        ),
        (
            {"burnout_reported": True, "overtime_hours_per_week": "null"},
            False,
            "the workload is not sustainable: practitioners report signs of burnout; relieve it first",
        ),
    ],
    ids=["overtime is fine", "no burnout", "too much overtime", "burnout"],
)
def test_half_a_workload_is_enough_to_wait_and_not_to_hire(known, is_met, because):
    found = hire(702, **known)
    workload = found.conditions[2]
    assert (workload.is_met, workload.because) == (is_met, because)
    assert found.verdict == "not_yet"
    assert because in found.said


def test_a_target_beyond_the_hours_is_said():
    found = plan(read_scenario("{}", fields(), changes={**READY, "capacity.hours_per_quarter": "400"}))
    assert found.note.startswith("A practitioner's hours allow 267 patients at most, and the target is 275")
    assert found.said.endswith(found.note)
    assert hire(702).note == ""


def test_figures_of_capacity_that_do_not_agree_are_refused():
    with pytest.raises(BadScenario, match="a prerequisite cannot cost hours"):
        plan(read_scenario("capacity: {admin_hours_with_none: 0.5}", fields()))


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


def test_a_day_that_no_calendar_has_is_none():
    assert plan(case(), today=date.max).growth.reaches[0].on is None
    full = read_scenario("growth: {patients_per_month: 50}", fields())
    assert plan(full, today=date.min).growth.start_recruiting_on is None


def test_recruiting_starts_so_that_the_ramp_ends_before_it_is_late():
    growth = plan(case()).growth
    weeks = (growth.reaches[2].months - growth.start_recruiting_months.low) * 365.25 / 12 / 7
    assert weeks == pytest.approx(30 + 12)


def test_each_further_hire_of_a_growth():
    found = plan(case()).growth.hires
    assert [one.practitioners for one in found] == [4, 5]
    assert found[1].due_months == pytest.approx((0.85 * 4 * 275 - 400) / (650 / 18))


def test_a_hire_that_growth_ends_before_it_is_late_is_not_late():
    found = plan(growing("{to_patients: 770, months: 10}"))
    [step] = found.growth.hires
    assert (step.late_months, step.late_on) == (None, None)
    assert step.due_months == pytest.approx(10 * (0.85 * 3 * 275 - 700) / 70)
    assert "  practitioner 4: due in 0.2 months, not late" in list(hire_lines(found))


def test_a_practice_that_shrinks_is_never_due():
    said = "practice: {active_patients: 400, practitioners: 3}\ngrowth: {patients_per_month: -5}"
    growth = plan(read_scenario(said, fields())).growth
    assert [one.months for one in growth.reaches] == [None] * 4
    assert growth.hires == ()


def growing(growth, patients=700, practitioners=3):
    said = f"practice: {{active_patients: {patients}, practitioners: {practitioners}}}\ngrowth: {growth}"
    return read_scenario(said, fields())


def test_patients_a_month_lead_to_an_end_for_everything_that_asks():
    monthly = growing("{patients_per_month: 100, months: 18}")
    assert plan(monthly).senior.roles_needed_after_growth == 3
    assert scale(monthly).patients_per_site == 2500
    longer = monthly.with_values({"simulation.weeks": point(80)})
    assert [one.patients for one in milestones_of(longer)] == [2500]


def test_a_growth_given_twice_must_agree():
    agreed = plan(growing("{patients_per_month: 100, to_patients: 2500, months: 18}")).growth
    assert (agreed.patients_per_month, agreed.to_patients) == (100, 2500)
    with pytest.raises(BadScenario, match=r"leads to 2,500 patients in 18 months, and .* is 2,000"):
        plan(growing("{patients_per_month: 100, to_patients: 2000, months: 18}"))


def test_nobody_is_below_no_patients():
    assert plan(growing("{patients_per_month: -100, months: 9}", 500)).growth.by_quarter == (500, 200, 0, 0)


def test_what_is_beyond_the_growth_chosen_is_never_reached():
    growth = plan(growing("{to_patients: 745}")).growth
    assert [one.months is None for one in growth.reaches] == [False, False, True, True]
    assert growth.start_recruiting_months is None
    assert BY_KEY["recruiting"].text(answers_of(growing("{to_patients: 745}"))) == "Not within this growth"


def test_who_is_late_and_does_not_grow_should_have_recruited():
    assert BY_KEY["recruiting"].text(answers_of(growing("{to_patients: 800}", 800))) == "Now: it is past"


def test_weeks_to_late_are_from_the_fewest_to_the_most():
    low, high = plan(case()).growth.weeks_to_late
    assert (low, high) == (pytest.approx(4.97, abs=0.01), pytest.approx(9.93, abs=0.01))


def test_hires_beyond_those_listed_are_counted():
    found = plan(growing("{to_patients: 20000}")).growth
    assert (len(found.hires), found.hires_in_all) == (40, 83)
    assert "  83 hires in all" in list(hire_lines(plan(growing("{to_patients: 20000}"))))


@pytest.mark.parametrize(("end", "many"), [(700, 0), (701, 0), (702, 1), (1000, 2), (9936, 40), (9935, 40)])
def test_few_hires_are_all_listed(end, many):
    found = plan(growing(f"{{to_patients: {end}}}", 600)).growth
    assert (len(found.hires), found.hires_in_all) == (many, many)


def test_senior_time_that_is_eaten_is_said():
    found = hire(1000, senior_hours_per_week=6).senior
    assert found.is_eaten
    assert found.said.startswith("Senior time is being eaten: 6 h a week of the 10.0 to 20.0 h a week needed")
    assert not hire(1000, senior_hours_per_week=10).senior.is_eaten


@pytest.mark.parametrize(("patients", "roles"), [(1200, 1), (1201, 2), (2401, 3)])
def test_a_second_senior_role_beyond_1200(patients, roles):
    assert hire(patients).senior.roles_needed == roles


def test_senior_roles_are_said_by_the_scenarios_own_figure():
    said = {**READY, "practice.active_patients": "1000", "capacity.patients_per_senior_role": "800"}
    found = plan(read_scenario("{}", fields(), changes=said)).senior.said
    assert "2 senior roles are needed, one more beyond each 800 patients." in found


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
