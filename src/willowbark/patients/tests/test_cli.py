from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from willowbark.patients.cli import app

FILE = (
    "id,given_name,surname,date_of_birth,ssn,address,city\n"
    "1,Anna,Featherstonehaugh,1961-07-14,321-54-9876,12 Acacia Street,Glenwood\n"
    "2,Ana,Featherstonehaugh,1961-07-14,321-54-9876,12 Acacia St,Glenwood\n"
    "3,Beatrice,Featherstonehaugh,1961-07-14,,12 Acacia St,Glenwood\n"
    "4,[red]Zoe,Nguyen,1999-01-05,,7 Elm Road,Ashfield\n"
)


@pytest.fixture
def link(tmp_path):
    def linked(content: str | bytes, *options: str):
        path = tmp_path / "people.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return CliRunner().invoke(app, ["link", str(path), *options])

    return linked


def test_json_says_what_is_sure_and_what_is_to_be_reviewed_and_why(link):
    result = link(FILE, "--json")

    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert report["records"] == 4
    assert [(pair["a"], pair["b"]) for pair in report["sure"]] == [("1", "2")]
    assert [(pair["a"], pair["b"]) for pair in report["review"]] == [("1", "3"), ("2", "3")]
    assert report["groups"] == [["1", "2"]]
    assert report["counts"] == {
        "records": 4,
        "rejected": 0,
        "warnings": 0,
        "persons": 3,
        "groups": 1,
        "sure": 1,
        "review": 2,
        "questions": 1,
        "compared": 3,
    }
    (sure,) = report["sure"]
    assert sure["probability"] > 0.99
    assert {"field": "birth", "level": "exact"}.items() <= next(
        line for line in sure["evidence"] if line["field"] == "birth"
    ).items()
    assert "given_names_differ" in {each["code"] for each in report["review"][0]["objections"]}


def test_the_same_file_gives_the_same_bytes(link):
    assert link(FILE, "--json").stdout == link(FILE, "--json").stdout


def test_a_person_can_read_it(link):
    result = link(FILE + "5,Bo\n")

    assert result.exit_code == 3
    assert "4 rows, 3 persons: 1 sure pairs in 1 groups; 2 pairs to review (1 decisions)." in result.stdout
    assert "line 6: rejected: has 2 values where the header names 7" in result.stdout


def test_rejected_rows_are_listed_and_tell_in_the_exit_code(link):
    result = link(FILE + "1,Bo,Lee,,,,\n", "--json")

    assert result.exit_code == 3
    assert json.loads(result.stdout)["rejected"] == [
        {"line": 6, "reason": "the id '1' came before, on line 2"}
    ]


@pytest.mark.parametrize("content", ["", "colour\nred\n"])
def test_a_file_that_cannot_be_read_is_refused(link, content):
    result = link(content, "--json")

    assert result.exit_code == 1
    assert result.stdout == ""
    assert "Cannot read" in result.stderr


def test_a_file_that_is_not_there(tmp_path):
    result = CliRunner().invoke(app, ["link", str(tmp_path / "none.csv")])

    assert result.exit_code == 1
    assert "Cannot read" in result.stderr


def test_standard_input():
    result = CliRunner().invoke(app, ["link", "-", "--json"], input=FILE)

    assert result.exit_code == 0
    assert json.loads(result.stdout)["records"] == 4
