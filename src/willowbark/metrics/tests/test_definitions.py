from __future__ import annotations

import json
from importlib.resources import files

import jsonschema
import pytest

from willowbark.metrics.core.definitions import definitions_of
from willowbark.metrics.selectors import definitions
from willowbark.protocols.core.overrides import HEALTHY

DATA = files("willowbark.metrics").joinpath("data")
READ = json.loads(DATA.joinpath("metrics.json").read_text())
SCHEMA = json.loads(DATA.joinpath("schema/metrics.schema.json").read_text())


def test_the_definitions_are_as_their_schema_says():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(READ)


def test_the_five_figures_of_the_mission_are_measured_or_say_what_is_missing():
    mission = definitions().mission

    assert [one.key for one in mission] == [
        "protocol_time",
        "adherence",
        "variance",
        "inventory",
        "satisfaction",
    ]
    for one in mission:
        assert bool(one.measured_by) is not bool(one.missing), one.key
        assert bool(one.missing) is bool(one.needs), one.key


def test_every_metric_names_its_unit_its_rule_and_a_source():
    for metric in definitions().metrics:
        assert metric.rule
        assert metric.facts
        assert metric.sources
    assert definitions().metric("protocol_time").task_kind == "protocol_composition"
    with pytest.raises(KeyError):
        definitions().metric("happiness")


def test_the_override_rate_is_good_within_the_band_that_the_library_judges_by():
    metric = definitions().metric("override_rate")
    assert (metric.good, metric.healthy) == ("within", HEALTHY)
    assert any("override variance" in one.title and one.is_verified for one in metric.sources)


@pytest.mark.parametrize(
    "wrong",
    [
        {"metrics": [{**READ["metrics"][-1], "healthy": [60, 40]}]},
        {"metrics": [{**READ["metrics"][-1], "healthy": None}]},
        {"metrics": [{**READ["metrics"][0], "healthy": [40, 60]}]},
        {"metrics": READ["metrics"] * 2},
        {"mission": [READ["mission"][0]] * 5},
        {"mission": [{**READ["mission"][0], "measured_by": "happiness"}, *READ["mission"][1:]]},
    ],
)
def test_what_contradicts_itself_is_refused(wrong):
    with pytest.raises(ValueError):
        definitions_of({**READ, **wrong})


@pytest.mark.parametrize(
    "wrong",
    [
        lambda read: read["metrics"][0].pop("rule"),
        lambda read: read["metrics"][0].update(unit="hours"),
        lambda read: read["mission"][1].update(missing=""),
        lambda read: read["mission"][0].update(missing="Something"),
        lambda read: read["mission"].pop(),
        lambda read: read["metrics"][0].update(sources=[]),
    ],
)
def test_the_schema_refuses_what_says_too_little(wrong):
    read = json.loads(json.dumps(READ))
    wrong(read)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(read, SCHEMA)
