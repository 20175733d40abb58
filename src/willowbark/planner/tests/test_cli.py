"""The commands: JSON that follows what is documented, words, and exit code 2 for what is not possible."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import willowbark
from willowbark.planner.cli import app

COMMANDS = ("capacity", "hire", "economics")


def run(*arguments, text=""):
    return CliRunner().invoke(app, list(arguments), input=text)


@pytest.mark.parametrize("command", COMMANDS)
def test_json_is_json(command):
    found = run(command, "--json")
    assert found.exit_code == 0
    assert json.loads(found.stdout)["scenario"] == "All defaults"


@pytest.mark.parametrize("command", COMMANDS)
def test_words_lead_with_the_answer(command):
    found = run(command, "-", text="name: Ours")
    assert found.exit_code == 0
    assert found.stdout.startswith("Ours")


def test_a_file_and_figures_set_over_it(tmp_path):
    file = tmp_path / "ours.yaml"
    file.write_text("practice: {active_patients: 500}")
    found = json.loads(run("capacity", str(file), "--set", "practice.practitioners=2", "--json").stdout)
    assert found["patients"] == 500
    assert found["staff"]["by_role"]["clinical"] == 2


def test_a_point_is_a_number_and_a_range_two():
    found = json.loads(run("capacity", "--json").stdout)
    assert found["staff"]["total_fte"] == [4.75, 6.5]
    assert found["staff"]["clinical_minimum"] == pytest.approx(3.3333, abs=1e-4)


def test_money_is_whole_cents():
    found = json.loads(run("economics", "--json").stdout)
    assert all(isinstance(end, int) for end in found["result_cents"])


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("practice: {active_patients: -4}", "not -4"),
        ("practice: {pateints: 4}", "not known"),
        ("practice: {practitioners: [4, 3]}", "no number is from 4 to 3"),
        ("practice: {active_patients: yes}", "not True"),
        ("capacity: {hours_per_week_fte: 169}", "from 1 to 168 h"),
        ("capacity: {hours_per_quarter: .nan}", "has an end"),
        ("capacity: {hours_per_quarter: 1.0e+308}", "from 1 to 2,208 h"),
    ],
    ids=["negative", "unknown", "empty-range", "bool", "more-than-a-day", "nan", "huge"],
)
def test_what_is_not_possible_ends_with_2_and_a_plain_message(command, text, said):
    found = run(command, "-", text=text)
    assert found.exit_code == 2
    assert said in found.stderr
    assert found.stdout == ""


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["words", "json"])
@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("capacity", "appointments: {visits_per_patient_year: 5.0e-324}"),
        (
            "hire",
            "practice.active_patients: 400\ngrowth.patients_per_month: 5.0e-324\nhire.ramp_weeks: 0",
        ),
    ],
    ids=["no-visits", "no-growth"],
)
def test_a_result_without_an_end_ends_with_2(command, text, form):
    found = run(command, "-", *form, text=text)
    assert (found.exit_code, "A result has no end" in found.stderr, found.stdout) == (2, True, "")


def test_a_file_that_is_not_there_ends_with_2():
    assert run("hire", "/nowhere/at/all.yaml").exit_code == 2


def test_no_more_of_a_file_is_read_than_a_scenario_has(tmp_path):
    """A terabyte of holes: read whole, it would not fit in memory."""
    file = tmp_path / "huge.yaml"
    with file.open("wb") as target:
        target.truncate(2**40)
    found = run("capacity", str(file))
    assert (found.exit_code, "at most 1,000,000 bytes" in found.stderr) == (2, True)


def test_more_from_standard_input_than_a_scenario_has_ends_with_2():
    found = run("capacity", "-", text="#" * 1_000_001)
    assert (found.exit_code, "at most 1,000,000 bytes" in found.stderr) == (2, True)


def test_an_empty_file_ends_with_2(tmp_path):
    file = tmp_path / "ours.yaml"
    file.write_text(" \n")
    found = run("hire", str(file))
    assert (found.exit_code, "ours.yaml is empty" in found.stderr) == (2, True)


@pytest.mark.parametrize("text", ["# ours\n# later\n", "---\n", "null\n"], ids=["comments", "mark", "null"])
@pytest.mark.parametrize("command", ["capacity", "hire", "economics", "simulate"])
def test_a_file_without_a_figure_ends_with_2(command, text):
    found = run(command, "-", text=text)
    assert (found.exit_code, "No figure is in it" in found.stderr, found.stdout) == (2, True, "")


@pytest.mark.parametrize("command", ["capacity", "hire", "economics", "simulate"])
def test_growth_said_two_ways_is_refused_by_every_answer(command):
    said = "practice: {active_patients: 400}\ngrowth: {patients_per_month: 90, to_patients: 500, months: 12}"
    found = run(command, "-", text=said)
    assert (found.exit_code, "give one of them" in found.stderr, found.stdout) == (2, True, "")


def test_set_without_a_value_ends_with_2():
    found = run("hire", "--set", "practice.practitioners")
    assert (found.exit_code, "write FIGURE=VALUE" in found.stderr) == (2, True)


def test_examples_are_told_and_shown():
    assert "case_study" in run("example").stdout
    assert run("hire", "-", text=run("example", "case_study").stdout).exit_code == 0
    assert run("example", "nothing").exit_code == 2


def test_the_core_needs_no_django():
    said = (
        "import sys; from willowbark.planner.core import plan_capacity, plan_economics, plan_hire;"
        "sys.exit('django' in sys.modules)"
    )
    sources = Path(willowbark.__file__).parents[1]
    found = subprocess.run([sys.executable, "-c", said], check=False, env={"PYTHONPATH": str(sources)})
    assert found.returncode == 0
