from __future__ import annotations

import gzip
import json

from typer.testing import CliRunner

from willowbark.knowledge import cli
from willowbark.knowledge.core import reading
from willowbark.knowledge.selectors import release


def test_check_says_that_all_is_whole():
    result = CliRunner().invoke(cli.app, ["check"])

    assert result.exit_code == 0
    assert release().id in result.stdout


def test_check_says_what_is_wrong_and_where(monkeypatch):
    contents = reading.shipped()
    rows = json.loads(contents["interactions.json"])
    rows["interactions"][0]["severity"] = "dreadful"
    rows["interactions"].append(rows["interactions"][1])
    broken = {**contents, "interactions.json": json.dumps(rows).encode()}
    monkeypatch.setattr(reading, "shipped", lambda: broken)

    result = CliRunner().invoke(cli.app, ["check"])

    assert result.exit_code == 1
    assert "interactions.json: $.interactions[0].severity" in result.stdout
    assert f"{rows['interactions'][1]['key']} is there 2 times" in result.stdout


def test_check_reads_what_is_there_only_when_its_shape_is_right(monkeypatch):
    contents = reading.shipped()
    rows = json.loads(contents["limits_eu.json"])
    rows["limits"][0]["unit"] = "g"
    monkeypatch.setattr(reading, "shipped", lambda: {**contents, "limits_eu.json": json.dumps(rows).encode()})

    result = CliRunner().invoke(cli.app, ["check"])

    assert result.exit_code == 1
    assert "in g, and its ingredient is in ug" in result.stdout


def test_the_report_counts():
    shown = CliRunner().invoke(cli.app, ["report"])
    result = CliRunner().invoke(cli.app, ["report", "--json"])

    assert shown.exit_code == 0
    assert "ingredients" in shown.stdout
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert report["release"] == release().id
    assert sum(row["facts"] for row in report["facts"]) == len(release().facts)
    assert report["drugs_named"] > report["drugs_reviewed"] > 400


def test_the_drugs_of_a_folder_are_counted_once_and_the_rest_is_listed(tmp_path):
    def prescription(text: str, status: str = "active") -> dict[str, object]:
        return {
            "resourceType": "MedicationRequest",
            "status": status,
            "medicationCodeableConcept": {"coding": [{"display": text}]},
        }

    texts = ("Simvistatin 10 MG Oral Tablet", "Zzyzxomab", "Simvistatin 10 MG Oral Tablet")
    entries = [*map(prescription, texts), prescription("Moondust", "stopped")]
    bundle = {"resourceType": "Bundle", "entry": [{"resource": one} for one in entries]}
    (tmp_path / "one.json.gz").write_bytes(gzip.compress(json.dumps(bundle).encode()))
    (tmp_path / "two.txt").write_text("Warfarin 5 MG\n\n")

    said = json.loads(CliRunner().invoke(cli.app, ["drugs", str(tmp_path), "--json"]).stdout)
    words = CliRunner().invoke(cli.app, ["drugs", str(tmp_path)])

    assert (said["texts"], said["missed"]) == (3, ["Zzyzxomab"])
    assert said["read_as"]["Simvistatin 10 MG Oral Tablet"] == "simvastatin"
    assert "not recognised: not checked: Zzyzxomab" in words.stdout
    assert "2 of 3 distinct drugs are recognised (66.7%)." in words.stdout


def test_a_file_that_is_no_json_is_named(tmp_path):
    (tmp_path / "broken.json").write_text("{")

    result = CliRunner().invoke(cli.app, ["drugs", str(tmp_path)])

    assert result.exit_code == 1
    assert "broken.json" in result.output
