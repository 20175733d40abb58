from __future__ import annotations

import json
from copy import deepcopy
from importlib.resources import files

import pytest

from willowbark.patients.core.matching import BadParameters, Frequencies, default_parameters, parameters_from

SHIPPED = json.loads(files("willowbark.patients").joinpath("data/matching.json").read_text(encoding="utf-8"))


def changed(*path, to):
    data = deepcopy(SHIPPED)
    place = data
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = to
    return data


def test_what_ships_is_consistent_and_names_its_source():
    parameters = default_parameters()

    assert parameters == parameters_from(SHIPPED)
    assert parameters.source
    assert parameters.estimated_on == "2026-11-22"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({}, "fields"),
        (changed("sure", to=0.01), "bands"),
        (changed("review", to=0), "bands"),
        (changed("moved_same", to=0.5), "steady"),
        (changed("fields", "given", "exact", to=[0.69, 0.03, 0.001]), "given|stranger"),
        (changed("fields", "given", "exact", to=[0, 0.03, 0.001, 0.005]), "given exact"),
        (changed("fields", "city", "typo", to=[0.24, 0.24, 0.24, 0.0001]), "city"),
        (changed("fields", "sex", "exact", to=[0.4, 0.45, 0.66, 0.5]), "sex"),
        (changed("fields", "sex", "different", to=["often", 1, 1, 1]), "often"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_numbers_under_which_agreement_could_count_against_are_refused(data, why):
    with pytest.raises(BadParameters, match=why):
        parameters_from(data)


def test_a_common_value_is_common_and_a_small_file_does_not_pretend_to_know():
    large = Frequencies(10_000, {"name": {"smith": 502, "zog": 2}})
    small = Frequencies(4, {"name": {"smith": 4}})

    def share(frequencies, value, name="name"):
        return frequencies.share(name, value, usual=0.002, rarest=0.1, sample=500)

    assert share(large, "smith") == pytest.approx(0.0478, abs=0.0005)
    assert share(large, "zog") == share(large, "unseen") == 0.0002
    assert share(small, "smith") < 0.01
    assert share(large, "smith", name="not counted") == 0.002
