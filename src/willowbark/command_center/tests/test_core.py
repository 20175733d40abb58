from __future__ import annotations

import json
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.command_center.core.alerts import (
    Finding,
    Last,
    cover_finding,
    override_finding,
    step,
    time_finding,
)
from willowbark.command_center.core.cover import Demand, needed
from willowbark.command_center.core.thresholds import thresholds_of
from willowbark.command_center.selectors import thresholds
from willowbark.protocols.core.overrides import FEWEST_SIGNED, HEALTHY

TODAY = date(2026, 3, 2)
BEYOND, WITHIN = Finding(1, 2, True), Finding(2, 2, False)
DATA = files("willowbark.command_center").joinpath("data")
READ = json.loads(DATA.joinpath("thresholds.json").read_text())
SCHEMA = json.loads(DATA.joinpath("schema/thresholds.schema.json").read_text())


def last(state, *, due=0, has_cleared=False) -> Last:
    return Last(state, TODAY + timedelta(days=due), has_cleared)


@pytest.mark.parametrize(
    ("finding", "known", "expected"),
    [
        (BEYOND, None, "raise"),
        (WITHIN, None, "nothing"),
        (BEYOND, last("open"), "refresh"),
        (WITHIN, last("open"), "clear"),
        (BEYOND, last("cleared", has_cleared=True), "raise"),
        (WITHIN, last("cleared", has_cleared=True), "nothing"),
        # Acted on: rests until it was due, and is raised at once after it has cleared.
        (BEYOND, last("acted", due=0), "nothing"),
        (BEYOND, last("acted", due=-1), "raise"),
        (WITHIN, last("acted"), "note_cleared"),
        (BEYOND, last("acted", due=5, has_cleared=True), "raise"),
        # Dismissed: rests until it has cleared, however long that takes.
        (BEYOND, last("dismissed", due=-100), "nothing"),
        (WITHIN, last("dismissed"), "note_cleared"),
        (WITHIN, last("dismissed", has_cleared=True), "nothing"),
        (BEYOND, last("dismissed", has_cleared=True), "raise"),
    ],
)
def test_what_becomes_of_a_finding(finding, known, expected):
    assert step(finding, known, today=TODAY) == expected


def demand(**said: Any) -> Demand:
    known: dict[str, Any] = {
        "units_a_day": 2,
        "units_per_container": 60,
        "signed_containers": 3,
        "dispensed_containers": 0,
        "starts_on": TODAY,
        "days": 90,
    }
    return Demand(**known | said)


@pytest.mark.parametrize(
    ("said", "days", "containers"),
    [
        ({}, 14, 1),  # 28 of 60
        ({"units_a_day": 6}, 14, 2),  # 84 of 60
        ({"units_a_day": 60}, 14, 3),  # no more than were signed
        ({"dispensed_containers": 1}, 14, 0),
        ({"dispensed_containers": 1}, 30, 0),  # exactly 60
        ({"dispensed_containers": 1}, 31, 1),
        ({"dispensed_containers": 3}, 90, 0),
        ({"starts_on": TODAY + timedelta(days=14)}, 14, 0),
        ({"starts_on": TODAY + timedelta(days=13)}, 14, 1),
        ({"days": 5, "units_a_day": 12}, 14, 1),  # taken for five days alone
    ],
)
def test_containers_that_a_line_needs_in_the_coming_days(said, days, containers):
    assert demand(**said).needed_containers(TODAY + timedelta(days=days - 1)) == containers


def test_a_line_whose_days_have_passed_needs_nothing():
    over = demand(starts_on=TODAY - timedelta(days=90))
    still = demand(starts_on=TODAY - timedelta(days=89))
    found = needed([over, still], today=TODAY, through_on=TODAY)

    assert (found.protocols, found.outstanding_containers) == (1, 3)
    assert found.needed_containers == 3


demands = st.builds(
    Demand,
    units_a_day=st.integers(1, 20),
    units_per_container=st.integers(1, 240),
    signed_containers=st.integers(1, 20),
    dispensed_containers=st.integers(0, 25),
    starts_on=st.dates(TODAY - timedelta(days=200), TODAY + timedelta(days=60)),
    days=st.integers(1, 180),
)


@given(st.lists(demands, max_size=6), st.integers(0, 60))
def test_what_is_needed_lies_between_nothing_and_what_is_outstanding(lines, horizon):
    through_on = TODAY + timedelta(days=horizon)
    found = needed(lines, today=TODAY, through_on=through_on)
    longer = needed(lines, today=TODAY, through_on=through_on + timedelta(days=1))

    assert 0 <= found.needed_containers <= found.outstanding_containers
    assert found.needed_containers <= longer.needed_containers
    assert found.protocols <= found.outstanding_containers


@given(demands, st.integers(0, 60))
def test_what_is_handed_out_and_what_is_needed_lasts_for_the_days(line, horizon):
    """By then no unit is missing, unless all that was signed is out; one container less would not do."""
    through_on = TODAY + timedelta(days=horizon)
    days = min(line.days, max(0, (through_on - line.starts_on).days + 1))
    there = line.dispensed_containers + line.needed_containers(through_on)
    if line.needed_containers(through_on):
        assert (there - 1) * line.units_per_container < days * line.units_a_day
    if there < line.signed_containers:
        assert there * line.units_per_container >= days * line.units_a_day


def test_what_is_beyond():
    assert cover_finding(2, 3).is_beyond
    assert not cover_finding(3, 3).is_beyond
    assert not cover_finding(0, 0).is_beyond

    limits = {"most_seconds": 900, "least_protocols": 3}
    assert time_finding(3 * 901, 3, **limits) == Finding(901, 900, True)
    assert not time_finding(3 * 900, 3, **limits).is_beyond
    assert not time_finding(2 * 5000, 2, **limits).is_beyond
    assert time_finding(0, 0, **limits) == Finding(0, 900, False)


def test_the_thresholds_are_as_their_schema_says_and_name_a_source():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(READ, SCHEMA)
    found = thresholds()

    assert found.protocol_time.benchmark_seconds == (720, 900)
    assert found.protocol_time.most_seconds == 900
    assert found.stock_cover.horizon_days == 14
    # A vendor's own figure is not one that somebody has seen proven.
    assert not any(source.is_verified for source in found.protocol_time.sources)
    for one in (found.stock_cover, found.protocol_time):
        assert one.sources
        assert one.next_action
        assert one.rule


@pytest.mark.parametrize(
    "wrong",
    [
        lambda read: read["protocol_time"].pop("sources"),
        lambda read: read["stock_cover"].update(horizon_days=0),
        lambda read: read["stock_cover"].update(next_action=""),
        lambda read: read["protocol_time"].update(benchmark_seconds=[720]),
    ],
)
def test_the_schema_refuses_what_says_too_little(wrong):
    read = json.loads(json.dumps(READ))
    wrong(read)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(read, SCHEMA)


def test_a_benchmark_beyond_its_threshold_is_refused():
    read = json.loads(json.dumps(READ))
    read["protocol_time"]["most_seconds"] = 800
    with pytest.raises(ValueError):
        thresholds_of(read)


@pytest.mark.parametrize(
    ("changed", "signed", "found"),
    [
        (0, 0, Finding(0, 40, False)),
        (0, 9, Finding(0, 40, False)),
        (0, 10, Finding(0, 40, True)),
        (39, 100, Finding(39, 40, True)),
        (40, 100, Finding(40, 40, False)),
        (50, 100, Finding(50, 60, False)),
        (60, 100, Finding(60, 60, False)),
        (61, 100, Finding(61, 60, True)),
        (10, 10, Finding(100, 60, True)),
    ],
)
def test_overrides_are_beyond_on_both_sides_of_the_band_and_few_say_nothing(changed, signed, found):
    assert override_finding(changed, signed, healthy_per_cent=(40, 60), least_protocols=10) == found


def test_the_rule_of_the_alert_names_the_band_that_is_used():
    rule = thresholds().override_rate.rule
    assert f"fewer than {HEALTHY[0]} % or more than {HEALTHY[1]} %" in rule
    assert f"at least {FEWEST_SIGNED}" in rule
