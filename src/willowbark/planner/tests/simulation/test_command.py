"""`willow plan simulate`: JSON as its schema says, and a plain refusal of what cannot be."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from willowbark.planner.cli import app
from willowbark.planner.core.scenario import example

SCHEMA = json.loads(files("willowbark.planner").joinpath("data/simulation.schema.json").read_text())


# Two people, each of whom serves ten an hour.
SIX_MINUTES = ("--set", "queue.service_minutes=6", "--set", "queue.servers=2")


def run(*arguments: str, given: str | None = None):
    return CliRunner().invoke(app, ["simulate", *arguments], input=given)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--replications", "1"),
        ("--replications", "30"),
        ("--queue", "--replications", "2"),
        ("--replications", "20", "--set", "simulation.method=events", "--set", "simulation.weeks=4"),
    ],
)
def test_what_is_printed_is_what_the_schema_says(arguments: tuple[str, ...]):
    answer = run(*arguments, "--json")
    assert answer.exit_code == 0, answer.output
    Draft202012Validator(SCHEMA).validate(json.loads(answer.stdout))


def test_the_schema_is_one_and_refuses_what_it_does_not_know():
    Draft202012Validator.check_schema(SCHEMA)
    said = json.loads(run("--replications", "2", "--json").stdout)
    assert not Draft202012Validator(SCHEMA).is_valid({**said, "more": 1})


def test_the_case_is_told_in_sentences_and_a_table():
    answer = run("-", "--replications", "200", given=example("case_growth"))
    assert answer.exit_code == 0
    assert "1,050 patients by week 78 are reached in" in answer.stdout
    assert "At the end of week" in answer.stdout


def test_a_queue_is_told_in_lines():
    answer = run("--queue", "--replications", "2")
    assert answer.exit_code == 0
    assert "Wait until served" in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--replications", "0"), "From 1 to 10,000 replications"),
        (("--seed", "-1"), "The seed is from 0"),
        (("--replications", "10000", "--set", "simulation.weeks=2600"), "are more than fit"),
        (("--set", "simulation.count_from_week=78"), "has only 78 weeks"),
        (("--set", "arrivals.per_week=-1"), "arrivals.per_week is from 0"),
        (("--set", "staffing.billing_share=0.9"), "more than the whole"),
        (("--set", "staffing.hiring=[{role: senior}]"), "needs a condition"),
        (("--set", "staffing.hiring=[{role: nurse, at_load: 1}]"), "role is one of"),
        (("--set", "arrivals.campaigns=[{from_week: 5, until_week: 5, per_week: 1}]"), "after from_week"),
        (("--set", "arrivals.campaigns=[{from_week: 5, per_week: 1}]"), "until_week is missing"),
        (("--set", "simulation.milestones=[{week: 79, patients: 1}]"), "after the last"),
        (
            ("--set", "simulation.method=events", "--set", "practice.active_patients=1000000"),
            "too many to move one by one",
        ),
        (
            (
                *("--set", "arrivals.referred_per_patient_month=10"),
                *("--set", "retention.panel_is_closed=false"),
                *("--set", "retention.first_visit_hours=0"),
            ),
            "no practice grows like that",
        ),
        (
            ("--set", "simulation.method=events", "--set", "arrivals.referred_per_patient_month=10"),
            "too many to move one by one",
        ),
        (("--queue", "--set", "queue.arrivals_per_hour=0"), "Nobody comes"),
        (("--queue", *SIX_MINUTES, "--set", "queue.arrivals_per_hour=20"), "the queue never ends"),
        (("--queue", *SIX_MINUTES, "--set", "queue.arrivals_per_hour=19.9"), "settles too slowly"),
    ],
)
def test_what_cannot_be_simulated_is_refused_in_plain_words(arguments: tuple[str, ...], why: str):
    answer = run(*arguments)
    assert answer.exit_code == 2
    assert why in answer.stderr
    assert not answer.stdout
