"""A scenario: known words, possible numbers, a source for each default."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import yaml

import willowbark
from willowbark.planner.core.assumptions import page_of_assumptions
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


EVEN = {"capacity": 4, "staffing": 3}
POLICIES = {"hire.overtime_hours_sustainable", "staffing.leavers_are_replaced", "staffing.hiring"}
EXAMPLES = {"overflow.patients", "overflow.daily_probability", "overflow.slots", "delegation.hours_per_year"}
METHODS = {
    "overflow.tolerance",
    "simulation.method",
    "simulation.step_days",
    "simulation.milestone_tolerance",
    "guards.gap_to_next_share",
    "economics.self_pay_pays",
}
# What a default may be that no document gives, by the kind of choice it is. `policy`, `example` and `method`
# say nothing of how practices are: a further one of these has to be added here, with its reason in the file.
CLAIMS_NOTHING = {
    "not_known": lambda path, value: value is None,
    "none": lambda path, value: value in (0, []),
    "even": lambda path, value: value == pytest.approx(1 / EVEN[path.partition(".")[0]], abs=0.005),
    "policy": lambda path, value: path in POLICIES,
    "example": lambda path, value: path in EXAMPLES,
    "method": lambda path, value: path in METHODS,
}
PATHS = tuple(fields().by_path)


def source_of(path):
    source = fields().by_path[path].source
    assert source is not None
    return source


@pytest.mark.parametrize("path", PATHS)
def test_every_default_names_its_document_and_what_it_says_or_claims_nothing(path):
    source = source_of(path)
    assert all(said.quote.strip() for said in source.quotes)
    if source.choice:
        assert CLAIMS_NOTHING[source.choice](path, fields().by_path[path].value)
    else:
        assert all(said.document.is_verified for said in source.quotes)


def test_every_document_has_a_title_a_publisher_a_place_and_a_day_on_which_it_was_seen():
    documents = fields().documents
    for key, document in documents.items():
        assert document.is_verified == (key != "chosen")
        assert document.title
        assert document.locator.startswith(("https://", "http://", "docs/"))
        if document.is_verified:
            assert document.publisher, key
            assert date.fromisoformat(document.seen_on) <= date.fromisoformat(fields().reviewed_on)


def test_no_document_is_listed_that_no_default_takes():
    taken = {said.document.key for path in PATHS for said in source_of(path).quotes}
    assert taken == set(fields().documents)


def test_money_is_of_a_country():
    for path, field in fields().by_path.items():
        source = source_of(path)
        if field.unit == "USD" and not source.choice:
            assert source.document.jurisdiction == "United States", path


def test_the_page_of_assumptions_says_where_every_default_is_from():
    page = Path(willowbark.__file__).parents[2] / "docs/planner-assumptions.md"
    assert page.read_text(encoding="utf-8") == page_of_assumptions(fields()), (
        "write it again: willow plan assumptions > docs/planner-assumptions.md"
    )
    for path in PATHS:
        assert page_of_assumptions(fields()).count(f"| `{path}` |") == 1


def figure(**source):
    return {
        "reviewed_on": "2026-01-01",
        "documents": {
            "paper": {"title": "A paper", "locator": "https://example.org", "is_verified": True},
            "chosen": {"title": "Chosen", "locator": "docs/a.md", "is_verified": False},
        },
        "fields": {"a": {"b": {"what": "B", "value": 1, "least": 0, "most": 2, **source}}},
    }


def test_a_figure_without_a_source_is_no_figure():
    with pytest.raises(ValueError, match=r"a\.b does not say where it is from"):
        fields_of(figure())


@pytest.mark.parametrize(
    "source",
    [
        {"document": "chosen", "quote": "We like it."},
        {"document": "chosen", "choice": "guess", "quote": "We like it."},
        {"document": "paper", "choice": "policy", "quote": "We like it."},
    ],
    ids=["no-kind", "unknown-kind", "both"],
)
def test_a_source_is_a_document_or_a_choice_of_a_known_kind(source):
    with pytest.raises(ValueError, match=r"a\.b is neither from a document nor one of not_known"):
        fields_of(figure(source=source))


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
