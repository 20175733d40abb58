"""A year's money: models, one more patient, ranges with the right dependence, draws by a seed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.planner.core import money
from willowbark.planner.core.plan_economics import plan_economics
from willowbark.planner.core.ranges import Range, point
from willowbark.planner.core.scenario import BadScenario, fields, read_scenario, usual

ZERO = """
practice: {active_patients: 100, practitioners: 1, front_desk_fte: 0, senior_non_clinical_fte: 0}
appointments: {visits_per_patient_year: 4}
capacity: {admin_hours_per_patient_quarter: 1, front_desk_fte_at_1000: 0, senior_fte_per_1000: 0}
economics:
  visit_fee_usd: 200
  collected_share: 1
  self_pay_share: 0.5
  commercial_share: 0.5
  commercial_pays: 0.6
  membership_share: 0.25
  membership_fee_usd_per_month: 100
  packages_per_patient_year: 0
  dispensary_sales_usd_per_patient_quarter: 50
  dispensary_margin: 0.4
  practitioner_usd_per_year: 21000
  supplies_usd_per_patient_quarter: 10
  processing_share: 0
  fixed_usd_per_month: 1000
  master_protocols_usd_per_year: 0
  ai_composition_usd_per_year: 0
  integrated_platform_usd_per_year: 0
  structured_intake_usd_per_year: 1000
"""


def economics(text=ZERO, samples=0, seed=0, **changes):
    said = {f"economics.{name}": str(value).lower() for name, value in changes.items()}
    return plan_economics(read_scenario(text, fields(), changes=said), samples=samples, seed=seed)


def test_a_year_by_hand():
    found = economics()
    assert found.revenue_by_model_cents == {
        "fee_for_service": point(75 * 4 * 160_00),
        "memberships": point(25 * 1200_00),
        "packages": point(0),
        "dispensary": point(100 * 80_00),
        "value_based": point(0),
    }
    assert found.revenue_cents == point(48_000_00 + 30_000_00 + 8_000_00)
    assert found.cost_cents == point(21_000_00 + 4_000_00 + 12_000_00 + 1_000_00)
    assert found.result_cents == point(48_000_00)
    assert found.payer_pays == point(0.8)


def test_one_more_patient_by_hand():
    found = economics().patient
    assert found.brings_cents == point(860_00)
    assert found.contribution_cents == point(820_00)
    # An hour of the practitioner is 21,000 / 2,100 = 10 dollars: 4 x 0.5 h of visits, 4 x 1 h besides.
    assert (found.visit_time_cents, found.admin_time_cents) == (point(20_00), point(40_00))
    assert found.cost_to_serve_cents == point(100_00)
    assert found.margin_cents == point(760_00)
    assert (found.is_full, found.verdict) == (False, "strengthens")


def test_the_next_patient_erodes_a_practice_that_is_full_and_paid_too_little():
    said = ZERO.replace("active_patients: 100", "active_patients: 400").replace("21000", "2100000")
    found = economics(said).patient
    assert (found.is_full, found.verdict) == (True, "erodes")


def test_break_even_by_hand():
    assert economics().break_even_patients == point((21_000 + 12_000 + 1_000) / 820)


def test_patients_who_bring_nothing_never_break_even():
    assert (
        economics(visit_fee_usd=0, membership_fee_usd_per_month=0, dispensary_margin=0).break_even_patients
        is None
    )


def test_cash_lasts_as_long_as_it_is_lost():
    found = economics(fixed_usd_per_month=6000, cash_usd=24_000)
    assert found.result_cents == point(-12_000_00)
    assert (found.runway_worst_months, found.runway_best_months) == (24, 24)
    assert economics().runway_worst_months is None


@pytest.mark.parametrize(
    ("rate", "first_dollar", "dollars"),
    [
        (0.03, True, 750_000),
        (0.03, False, 250_000),
        (0.02, True, 500_000),
        (0.0199, True, 0),
        (-0.01, True, 0),
    ],
)
def test_savings_are_shared_from_the_minimum_on(rate, first_dollar, dollars):
    found = economics(
        attributed_patients=5000,
        benchmark_usd_per_patient_year=10_000,
        savings_rate=rate,
        minimum_savings_rate=0.02,
        shared_part=0.5,
        first_dollar=first_dollar,
    )
    assert found.revenue_by_model_cents["value_based"].low == pytest.approx(dollars * 100)


def test_a_prerequisite_returns_the_hours_it_saves():
    found = economics().prerequisites["structured_intake"]
    # A quarter of (2 to 4) - (1 to 1.5) hours, for 100 patients and 4 quarters, at 10 dollars an hour.
    assert found.hours_recovered == Range(50, 300)
    assert found.net_cents == Range(500_00 - 1000_00, 3000_00 - 1000_00)
    assert found.ratio == Range(-0.5, 2)
    assert economics().prerequisites["ai_composition"].ratio is None


def test_the_payers_are_one_whole():
    with pytest.raises(BadScenario, match=r"add up to 1\.1"):
        economics(medicare_share=0.1)


def test_an_input_that_occurs_twice_does_not_widen_the_range_twice():
    found = economics(membership_share=[0, 1], visit_fee_usd=100)
    # All members bring 1,200, none 320: what one loses the other does not win as well.
    assert found.result_cents == Range(32_000_00 + 8_000_00 - 38_000_00, 120_000_00 + 8_000_00 - 38_000_00)


def test_the_widest_figure_leads_the_tornado():
    found = economics(visit_fee_usd=[190, 210], fixed_usd_per_month=[900, 1100])
    assert [one.path for one in found.tornado] == ["economics.visit_fee_usd", "economics.fixed_usd_per_month"]
    assert found.tornado[0].swing_cents == pytest.approx(75 * 4 * 0.8 * 20_00)


def test_the_same_seed_draws_the_same():
    assert economics("{}", samples=500, seed=7) == economics("{}", samples=500, seed=7)
    assert economics("{}", samples=500, seed=7) != economics("{}", samples=500, seed=8)


def test_draws_stay_within_the_ends():
    drawn, whole = economics("{}", samples=500, seed=1), economics("{}")
    assert (
        whole.result_cents.low <= drawn.result_cents.low <= drawn.result_cents.high <= whole.result_cents.high
    )


CHANCES = st.lists(st.floats(0, 1), min_size=40, max_size=40)


@given(chances=CHANCES)
def test_no_year_inside_the_ranges_leaves_the_range_found(chances):
    scenario = usual()
    whole = plan_economics(scenario)
    inputs = money.inputs_of(scenario)
    inside = {
        path: point(value.low + (value.high - value.low) * chance)
        for (path, value), chance in zip(sorted(inputs.items()), chances * 3, strict=False)
    }
    one = plan_economics(scenario.with_values(inside))
    assert whole.result_cents.low - 1 <= one.result_cents.low <= whole.result_cents.high + 1
    assert (
        whole.patient.margin_cents.low - 1
        <= one.patient.margin_cents.low
        <= whole.patient.margin_cents.high + 1
    )
