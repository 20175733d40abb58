"""Capacity and people: published values, the identity, and what must never happen."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.planner.core.binomial import largest_panel, overflow_probability
from willowbark.planner.core.capacity import PREREQUISITES, ceiling, needed
from willowbark.planner.core.plan_capacity import plan_capacity
from willowbark.planner.core.queueing import line
from willowbark.planner.core.ranges import Range, point
from willowbark.planner.core.scenario import BadScenario, fields, read_scenario, usual


def plan(scenario):
    return plan_capacity(scenario)


def queue(**figures):
    return line(**figures)


def scenario(**sections):
    changes = {
        f"{section}.{name}": str(value).lower()
        for section, members in sections.items()
        for name, value in members.items()
    }
    return read_scenario("{}", fields(), changes=changes)


def near(value, places=2):
    return pytest.approx(value, abs=0.51 * 10**-places)


def test_the_published_people_of_1000_patients():
    staff = plan(usual()).staff
    assert staff.total_fte == Range(4.75, 6.5)
    assert staff.saved_fte_paired == Range(2.25, 3.5)
    assert staff.saved_fte_interval == Range(0.5, 5.25)
    assert (staff.patients_per_fte.low, staff.patients_per_fte.high) == (near(153.85), near(210.53))
    assert staff.clinical_minimum == near(3.3333, 4)


@pytest.mark.parametrize(
    ("admin_hours", "panel"),
    [(1, 350), (1.2, 308.82), (1.25, 300), (1.5, 262.5), (2, 210), (2.5, 175), (3, 150), (4, 116.67)],
)
def test_525_hours_over_admin_and_visit_hours(admin_hours, panel):
    measured = scenario(capacity={"admin_hours_per_patient_quarter": admin_hours})
    assert ceiling(measured, ()).patients == Range(near(panel), near(panel))


def test_the_identity_gives_both_published_ceilings():
    found = plan(usual()).ceilings
    assert found.with_all.patients == Range(262.5, 350)
    assert found.with_none.patients == Range(525 / 4.5, 210)
    # 120 to 180 are 3.875 to 2.417 admin hours, 250 is 1.6: all of them within, or a tenth of an hour beside.
    implied = [525 / panel - 0.5 for panel in (350, 250, 180, 120)]
    assert implied == [near(1), near(1.6), near(2.417, 3), near(3.875, 3)]


def test_the_panels_of_task_delegation():
    found = plan(usual()).delegation
    assert [round(one.panel.low) for one in found] == [983, 1947, 1523, 1387]
    assert [one.published for one in found] == [983, 1947, 1523, 1387]


def test_the_panel_of_one_own_way_to_delegate():
    found = plan(scenario(delegation={"hours_per_patient_year": 1.5, "hours_per_year": 1800}))
    assert found.delegation[0].panel == point(1200)


@pytest.mark.parametrize(
    ("patients", "chance", "slots", "probability"),
    [(2500, 0.008, 24, 0.155876), (1800, 0.01, 20, 0.268475)],
)
def test_published_overflow(patients, chance, slots, probability):
    assert overflow_probability(patients, chance, slots) == near(probability, 6)


@pytest.mark.parametrize(
    ("chance", "slots", "tolerance", "most"),
    [
        (0.008, 24, 0.05, 2176),
        (0.008, 24, 0.10, 2358),
        (0.008, 24, 0.20, 2592),
        (0.01, 20, 0.05, 1410),
        (0.01, 20, 0.10, 1540),
        (0.01, 20, 0.20, 1709),
    ],
)
def test_the_most_patients_for_a_tolerance(chance, slots, tolerance, most):
    assert largest_panel(chance, slots, tolerance) == most
    assert overflow_probability(most, chance, slots) <= tolerance
    assert overflow_probability(most + 1, chance, slots) > tolerance


@given(
    patients=st.integers(0, 60),
    chance=st.floats(0, 1, allow_subnormal=False),
    slots=st.integers(0, 60),
)
def test_overflow_is_the_binomial_tail(patients, chance, slots):
    exact = math.fsum(
        math.comb(patients, k) * chance**k * (1 - chance) ** (patients - k)
        for k in range(slots + 1, patients + 1)
    )
    assert overflow_probability(patients, chance, slots) == pytest.approx(exact, rel=1e-9, abs=1e-12)


def test_overflow_at_its_edges():
    assert overflow_probability(10, 0.5, 10) == 0
    assert overflow_probability(11, 1, 10) == 1
    assert overflow_probability(11, 0, 0) == 0
    assert overflow_probability(100_000_000, 0.5, 50_000_000) == pytest.approx(0.5, abs=1e-4)
    assert largest_panel(0, 5, 0.1) is None
    assert largest_panel(0.5, 5, 1) is None
    assert largest_panel(1, 5, 0.5) == 5


def test_one_server_waits_as_long_as_its_formula():
    # M/M/1: P(wait) is the load, and the mean wait is load / (capacity - arrivals).
    found = queue(arrivals_per_hour=8, service_hours=0.1, servers=1, longer_than_hours=0.5)
    assert found.waits == pytest.approx(0.8)
    assert found.waiting_hours == pytest.approx(0.8 / 2)
    assert found.waits_longer == pytest.approx(0.8 * math.exp(-1))
    assert found.present == pytest.approx(4)


def test_erlang_c_of_several_servers():
    # Two servers at a load of a: C = a^2 / (1 + a) for a = offered / 2, here 0.4.
    found = queue(arrivals_per_hour=8, service_hours=0.1, servers=2, longer_than_hours=0)
    assert found.waits == pytest.approx(2 * 0.4**2 / 1.4)
    assert found.waiting == pytest.approx(8 * found.waiting_hours)


def test_a_line_that_only_grows_has_no_steady_state():
    found = queue(arrivals_per_hour=20, service_hours=0.1, servers=2, longer_than_hours=0)
    assert (found.load, found.waits, found.waiting_hours) == (1, None, None)


def test_panel_times_visits_is_days_times_slots():
    found = plan(scenario(appointments={"visits_per_patient_year": 4, "slots_per_day": 6})).appointments
    assert found.panel.low * 4 == found.slots_per_year.low == 220 * 6
    assert plan(scenario(appointments={"visits_per_patient_year": 0})).appointments.panel is None


def test_the_slots_of_a_day_give_the_panel_that_the_hours_give():
    found = plan(usual())
    assert found.appointments.panel == Range(near(262.5), near(350))


def test_all_thirteen_contradictions_are_said():
    found = plan(usual()).contradictions
    assert [one.number for one in found] == list(range(1, 14))
    said = {one.number: one.but for one in found}
    for number, figure in {1: "5.08", 2: "0.5 to 5.25", 4: "233-300", 6: "520", 7: "240", 8: "48%"}.items():
        assert figure in said[number]
    for number, figure in {9: "292 to 309", 10: "0.15", 3: "about 1.5"}.items():
        assert figure in said[number]


def test_stages_stand_beside_the_model_as_they_were_published():
    found = plan(usual()).stages
    assert [one.published for one in found] == [
        Range(250, 300),
        Range(450, 550),
        Range(700, 900),
        Range(900, 1200),
    ]
    assert found[2].published_each == Range(near(233.33), 300)
    assert 1.5 in found[2].front_desk_at_ceiling
    assert 2 in found[3].front_desk_at_ceiling


def test_what_costs_hours_is_no_prerequisite():
    with pytest.raises(BadScenario, match="a prerequisite cannot cost hours"):
        plan(scenario(capacity={"admin_hours_with_none": 0.5}))


def test_parts_of_the_saving_are_one_whole():
    with pytest.raises(BadScenario, match=r"add up to 1\.25"):
        plan(scenario(capacity={"saving_share_ai_composition": 0.5}))


def test_beyond_the_evidence_it_is_said():
    assert not plan(scenario(practice={"active_patients": 1200})).scale.is_extrapolated
    assert plan(scenario(practice={"active_patients": 1201})).scale.is_extrapolated
    assert plan(scenario(scale={"sites": 2})).scale.is_extrapolated


def test_each_barrier_lifted_moves_the_plateau_and_all_lift_it():
    held = plan(scenario(practice={"active_patients": 5000})).scale
    assert held.plateau_patients == Range(1000, 10_000)
    assert held.is_held
    lifted = {"data_unified": True, "burnout_prevented": True, "payers_aligned": True, "admin_trained": True}
    fewer = plan(scenario(scale=lifted)).scale
    assert fewer.barriers == ("Uneven patient acquisition",)
    assert fewer.plateau_patients.low == pytest.approx(10**3.8)
    assert plan(scenario(scale={**lifted, "acquisition_steady": True})).scale.plateau_patients is None


def test_a_region_has_a_site():
    with pytest.raises(BadScenario, match="a region has a site"):
        plan(scenario(scale={"regions": 2}))


SCENARIOS = st.fixed_dictionaries(
    {
        "practice.active_patients": st.integers(0, 2_000_000).map(lambda n: Range(n, n)),
        "capacity.visit_hours_per_patient_quarter": st.floats(0.05, 3).map(point),
        "capacity.front_desk_exponent": st.floats(0, 1).map(point),
        "capacity.admin_hours_with_all": st.tuples(st.floats(0, 2), st.floats(0, 1)).map(
            lambda ends: Range(ends[0], ends[0] + ends[1])
        ),
        "capacity.admin_hours_with_none": st.tuples(st.floats(3, 4), st.floats(0, 1)).map(
            lambda ends: Range(ends[0], ends[0] + ends[1])
        ),
        "capacity.coach_hours_per_patient_quarter": st.floats(0, 1).map(point),
        "scale.sites": st.integers(1, 50).map(point),
        **{f"prerequisites.{name}": st.booleans() for name in PREREQUISITES},
    }
)


def without(found):
    return tuple(name for name in PREREQUISITES if not found.flag(f"prerequisites.{name}"))


@given(values=SCENARIOS, more=st.integers(1, 1_000_000))
def test_more_patients_never_need_fewer_people(values, more):
    fewer = usual().with_values(values)
    patients = values["practice.active_patients"].low + more
    larger = fewer.with_values({"practice.active_patients": point(patients)})
    before, after = needed(fewer, without(fewer)), needed(larger, without(larger))
    for role, people in before.by_role.items():
        assert after.by_role[role].low >= people.low * (1 - 1e-12), role
        assert after.by_role[role].high >= people.high * (1 - 1e-12), role
    assert after.total_fte.low >= before.total_fte.low * (1 - 1e-12)
    assert after.senior_roles >= before.senior_roles


@given(values=SCENARIOS, removed=st.sampled_from(PREREQUISITES), measured=st.none() | st.floats(0, 5))
def test_a_removed_prerequisite_never_raises_capacity_nor_lowers_what_is_needed(values, removed, measured):
    hours = None if measured is None else point(measured)
    found = usual().with_values({**values, "capacity.admin_hours_per_patient_quarter": hours})
    there, gone = without(found), {*without(found), removed}
    assert ceiling(found, gone).patients.low <= ceiling(found, there).patients.low
    assert ceiling(found, gone).patients.high <= ceiling(found, there).patients.high
    before, after = needed(found, there), needed(found, gone)
    assert after.total_fte.low >= before.total_fte.low * (1 - 1e-12)
    assert after.total_fte.high >= before.total_fte.high * (1 - 1e-12)
