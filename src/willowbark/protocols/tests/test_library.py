from __future__ import annotations

import copy
import json
from importlib.resources import files

import pytest

from willowbark.knowledge.core.reading import release_of
from willowbark.knowledge.core.reading import shipped as shipped_knowledge
from willowbark.protocols.core.documents import BadDocument
from willowbark.protocols.core.masters import UnknownMaster
from willowbark.protocols.core.problem import Layer
from willowbark.protocols.core.reading_masters import BadLibrary, cited_by, library_of
from willowbark.protocols.core.units import converted
from willowbark.protocols.selectors.library import shipped

DATA = files("willowbark.protocols").joinpath("data")
MASTERS = {each.name: each.read_bytes() for each in DATA.joinpath("masters").iterdir()}
GUIDELINES = DATA.joinpath("guidelines.json").read_bytes()
KNOWN = release_of(shipped_knowledge())


def test_the_common_work_of_a_functional_practice_is_shipped_as_drafts_for_review():
    assert set(shipped().masters) == {
        "bone_health",
        "energy_mitochondria",
        "gut_restoration",
        "iron_repletion",
        "lipid_balance",
        "metabolic_health",
        "methylation_support",
        "migraine_prevention",
        "perimenopause_support",
        "restorative_sleep",
        "sibo_support",
        "stress_resilience",
        "thyroid_support",
        "vitamin_d_repletion",
    }
    for master in shipped().masters.values():
        assert master.status == "draft for the practice's own review"
        assert master.foundation
        assert master.targeted
        assert master.triggers
        assert master.stop_rules
        assert master.monitoring
        assert master.advice


@pytest.mark.parametrize("master", shipped().masters.values(), ids=lambda master: master.key)
def test_every_line_cites_sources_that_are_there_and_none_unseen_is_graded_strong(master):
    assert cited_by(master) <= set(KNOWN.sources) | set(shipped().guidelines)
    lines = (*master.targets, *master.ceilings, *master.advice, *master.monitoring, *master.stop_rules)
    for line in lines:
        assert line.evidence.source_keys
        seen = [
            (KNOWN.sources.get(key) or shipped().guidelines[key]).verified
            for key in line.evidence.source_keys
        ]
        assert all(seen) or line.evidence.grade != "A", line


@pytest.mark.parametrize("master", shipped().masters.values(), ids=lambda master: master.key)
def test_what_a_protocol_wants_is_known_and_counted_and_within_the_limits_of_adults(master):
    for line in (*master.targets, *master.ceilings):
        ingredient = KNOWN.ingredient(line.ingredient_key)
        assert converted(line.most or line.aim, line.unit, ingredient.unit) > 0
    limits = {
        limit.ingredient_key: limit
        for limit in KNOWN.limits
        if limit.jurisdiction == "US"
        and not limit.form_keys
        and not limit.states
        and limit.from_age_years == 19
        and limit.valid_until is None
    }
    for target in master.targets:
        limit = limits.get(target.ingredient_key)
        if limit is not None:
            assert converted(target.aim, target.unit, limit.unit) <= limit.most, target.key


@pytest.mark.parametrize("master", shipped().masters.values(), ids=lambda master: master.key)
def test_every_trigger_can_hold(master):
    conditions = {each.key for each in KNOWN.conditions}
    for trigger in master.triggers:
        match trigger.kind:
            case "condition":
                assert trigger.key in conditions
            case "drug":
                assert trigger.key in KNOWN.drug_book.drugs
            case "drug_class":
                assert trigger.key in KNOWN.drug_book.classes
            case "words":
                assert trigger.key == trigger.key.lower()


def test_the_id_of_the_library_is_that_of_all_of_it_whatever_the_order():
    forwards, backwards = list(MASTERS.values()), list(MASTERS.values())[::-1]
    assert library_of(forwards, GUIDELINES).id == library_of(backwards, GUIDELINES).id == shipped().id

    changed = [text.replace(b'"least": "55"', b'"least": "56"') for text in forwards]
    assert library_of(changed, GUIDELINES).id != shipped().id


def test_no_other_protocol_is_there():
    with pytest.raises(UnknownMaster):
        shipped().master("panacea")


def changed(**said: object) -> bytes:
    document = copy.deepcopy(json.loads(MASTERS["thyroid_support.json"]))
    for path, value in said.items():
        at = document
        *way, last = path.split("__")
        for step in way:
            at = at[int(step)] if step.isdigit() else at[step]
        at[last] = value
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"targets__0__least": "500"}, "least is above aim"),
        ({"targets__0__most": "60"}, "aim is above most"),
        ({"targets__0__least": "0"}, "not above zero"),
        ({"ceilings__0__most": "0"}, "most is not above zero"),
        ({"targets__1__key": "selenium"}, "the key selenium comes twice"),
    ],
)
def test_amounts_out_of_order_are_refused_by_the_line(said, words):
    with pytest.raises(BadLibrary, match=words):
        library_of([changed(**said)], GUIDELINES)


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"targets__0__least": 55}, "least"),
        ({"targets__0__least": "55,0"}, "least"),
        ({"targets__0__unit": "lb"}, "unit"),
        ({"targets__0__source_keys": []}, "source_keys"),
        ({"targets__0__grade": "E"}, "grade"),
        ({"status": "approved by everybody"}, "status"),
        ({"monitoring__0__after_days": 0}, "after_days"),
        ({"stop_rules": []}, "stop_rules"),
        ({"hidden": 1}, "hidden"),
    ],
)
def test_a_file_that_is_not_of_its_schema_is_refused_by_its_path(said, path):
    with pytest.raises(BadDocument) as refusal:
        library_of([changed(**said)], GUIDELINES)
    assert path in str(refusal.value)


def test_the_same_protocol_twice_is_refused():
    with pytest.raises(BadLibrary, match="two Master Protocols"):
        library_of([MASTERS["thyroid_support.json"]] * 2, GUIDELINES)


def test_layers_are_the_problem_s():
    layers = {target.layer for master in shipped().masters.values() for target in master.targets}
    assert layers == set(Layer)
