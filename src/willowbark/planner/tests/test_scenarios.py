"""A scenario: known words, possible numbers, a source for each default."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import yaml

import willowbark
from willowbark.planner.core.assumptions import ASSUMPTION, assumptions, page_of_assumptions
from willowbark.planner.core.money import PAYERS
from willowbark.planner.core.ranges import Range
from willowbark.planner.core.scenario import BadScenario, example, examples, fields, read_scenario, usual
from willowbark.planner.core.scenario.fields import fields_of
from willowbark.planner.core.scenario.schema import schema_of

DATA = files("willowbark.planner").joinpath("data")
SCHEMA = json.loads(DATA.joinpath("scenario.schema.json").read_text(encoding="utf-8"))


def read(text, **changes):
    return read_scenario(text, fields(), changes=changes)


def refused(text, changes=None):
    with pytest.raises(BadScenario) as refusal:
        read_scenario(text, fields(), changes=changes)
    return str(refusal.value)


def test_an_empty_scenario_is_the_defaults():
    assert read("{}").values == usual().values
    assert read("{}").given == frozenset()


def test_every_default_says_who_says_so():
    for one in fields().by_path.values():
        assert one.source is not None
        assert one.source.quote.strip(), one.path


def test_every_document_is_published_or_the_page_of_assumptions():
    for document in fields().documents.values():
        assert document.is_verified != (document.key == ASSUMPTION)
    assert fields().documents[ASSUMPTION].locator == "docs/planner-assumptions.md"


def test_the_page_of_assumptions_names_every_default_that_is_one():
    page = Path(willowbark.__file__).parents[2] / "docs/planner-assumptions.md"
    assert page.read_text(encoding="utf-8") == page_of_assumptions(fields()), (
        "write it again: willow plan assumptions > docs/planner-assumptions.md"
    )
    assert all(f"| `{one.path}` |" in page_of_assumptions(fields()) for one in assumptions(fields()))


@pytest.mark.parametrize(
    "path",
    [
        *(f"economics.{payer}_share" for payer in PAYERS),
        "staffing.dispensing_share",
        "staffing.billing_share",
        "staffing.hiring",
        "delegation.hours_per_year",
        "overflow.patients",
        "overflow.daily_probability",
        "overflow.slots",
    ],
)
def test_a_number_that_no_document_gives_is_not_credited_to_one(path):
    source = fields().by_path[path].source
    assert source is not None
    assert not source.document.is_verified


def test_a_figure_without_a_source_is_no_figure():
    said = {
        "reviewed_on": "2026-01-01",
        "documents": {},
        "fields": {"a": {"b": {"what": "B", "value": 1, "least": 0, "most": 2}}},
    }
    with pytest.raises(ValueError, match=r"a\.b does not say where it is from"):
        fields_of(said)


def test_the_schema_that_is_shipped_is_drawn_from_the_fields():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert schema_of(fields()) == SCHEMA, "write it again: willow plan schema > .../scenario.schema.json"


@pytest.mark.parametrize("name", examples())
def test_examples_are_scenarios_and_follow_the_schema(name):
    read(example(name))
    jsonschema.validate(yaml.safe_load(example(name)), SCHEMA, cls=jsonschema.Draft202012Validator)


def test_yaml_json_and_full_paths_say_the_same():
    in_yaml = read("practice:\n  active_patients: 700\n")
    assert in_yaml.values == read('{"practice": {"active_patients": 700}}').values
    assert in_yaml.values == read("practice.active_patients: 700").values
    assert in_yaml.values == read("{}", **{"practice.active_patients": "700"}).values
    assert in_yaml.given == {"practice.active_patients"}


def test_a_number_may_have_an_exponent():
    assert read("practice: {active_patients: 1e6}").whole("practice.active_patients") == 1_000_000


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("1_000", 1000), ("+7", 7), ("1.5e3", 1500), ("7.", 7), (".5e1", 5), ("1E2", 100)],
)
def test_a_number_is_decimal(text, number):
    assert read(f"practice: {{active_patients: {text}}}").whole("practice.active_patients") == number


def test_a_value_may_be_a_range():
    assert read("practice: {practitioners: [2, 2.5]}").range("practice.practitioners") == Range(2, 2.5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("practice: {active_patients: -1}", "from 0 to 100,000,000 patients, not -1"),
        ("practice: {active_patients: true}", "is a number, not True"),
        ("practice: {active_patients: 1.5}", "is a whole number, not 1.5"),
        ("practice: {active_patients: [1, 2]}", "is one whole number, not a range"),
        ("practice: {active_patients: .nan}", "a number that has an end"),
        ("practice: {active_patients: .inf}", "a number that has an end"),
        ("practice: {active_patients: 1.0e+300}", "from 0 to 100,000,000"),
        ("practice: {active_patients: %s}" % ("9" * 400), "a number that has an end"),
        ("practice: {active_patients: many}", "is a number, not 'many'"),
        ("practice: {active_patients: null}", "needs a value"),
        ("practice: {practitioners: [3, 2]}", "no number is from 3 to 2"),
        ("practice: {practitioners: []}", "a range is [low, high]"),
        ("practice: {practitioners: [1, 2, 3]}", "a range is [low, high]"),
        (
            "practice: {active_patient: 1}",
            "the nearest is practice.active_patients",
        ),
        ("practise: {active_patients: 1}", "practise is not known; the nearest is practice"),
        ("practice: 5", "figures with their names belong below it"),
        ("prerequisites: {ai_composition: 1}", "is true or false, not 1"),
        ("hire: {overtime_hours_per_week: 129}", "from 0 to 128 h"),
        ("hire: {history: [{patient: 1}]}", "number 1: patient is not known; the nearest is patients"),
        ("hire: {history: [{patients: -1}]}", "number 1: patients is from 0"),
        ("practice: {active_patients: 1, active_patients: 2}", "active_patients is given twice"),
        ('{"practice": {"active_patients": NaN}}', "NaN is not a number"),
        ('{"practice": {}, "practice": {}}', "practice is given twice"),
        (
            "practice: {active_patients: 1}\npractice.active_patients: 2",
            "practice.active_patients is given twice",
        ),
        ("practice: {active_patients: 0100}", "is a number, not '0100'"),
        ("practice: {active_patients: 1:30}", "is a number, not '1:30'"),
        ("practice: {active_patients: 0x1F}", "is a number, not '0x1F'"),
        ("practice: {practitioners: 1:30.5}", "is a number, not '1:30.5'"),
        ("practice: {active_patients: !!int 0100}", "takes no tags"),
        ("hire: {history: [{label: 20249}]}", "number 1: label ends with its quarter, 1 to 4, not as 20249"),
        ("hire: {history: [{label: 20240}]}", "1 to 4, not as 20240"),
        (r'name: "\ud800"', r"'\ud800' is half of a character"),
        (r'{"name": "\ud800"}', r"'\ud800' is half of a character"),
        (r'{"\udfff": 1}', r"'\udfff' is half of a character"),
        ("practice: &a {active_patients: 1}\ngrowth: *a", "takes no aliases"),
        ("- 1", "A scenario is a list of names"),
        ("practice: [", "neither YAML nor JSON"),
        ("name: ''", "The name must be"),
        ("[" * 5000, "neither YAML nor JSON"),
        ("? [1, 2]\n: 3", "neither YAML nor JSON"),
    ],
    ids=lambda text: text[:40],
)
def test_what_is_not_possible_is_refused_by_name(text, said):
    assert said in refused(text)


class Counted(str):
    """A key that counts how often it is compared."""

    compared = 0
    __slots__ = ()

    def __eq__(self, other):
        Counted.compared += 1
        return str(self) == str(other)

    __hash__ = str.__hash__


def test_each_key_is_looked_at_once_however_many_there_are(monkeypatch):
    plain = json.loads

    def counting(text, *, object_pairs_hook, **options):
        return plain(
            text,
            object_pairs_hook=lambda pairs: object_pairs_hook([(Counted(k), v) for k, v in pairs]),
            **options,
        )

    monkeypatch.setattr(json, "loads", counting)
    Counted.compared = 0
    refused(json.dumps({f"figure{at}": at for at in range(300)}))
    assert Counted.compared < 3000


def test_a_change_to_an_unknown_figure_is_refused():
    assert "nearest is capacity.panel_cap" in refused("{}", {"capacity.panelcap": "1"})


def test_a_change_that_is_no_value_is_refused():
    assert "cannot be read" in refused("{}", {"capacity.panel_cap": "["})
