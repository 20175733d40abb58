"""Phases, alternatives, and results that make one think of a protocol."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest

from willowbark.protocols.core.alternatives import fitted
from willowbark.protocols.core.masters import Master, UnknownPhase
from willowbark.protocols.core.reading_masters import BadLibrary, read_master
from willowbark.protocols.core.triggers import Result, reasons_for

from .people import library

NOBODY: dict[str, list[object]] = {"conditions": [], "drugs": []}
FOOD = ("magnesium", "glycine", "l_theanine", "melatonin", "valerian")


def sleep() -> Master:
    return library().master("restorative_sleep").in_phase()


def fit(*, offered=FOOD, banned=(), by_hand=None, masters=None):
    found, notices = fitted(
        masters or (sleep(),),
        by_hand=by_hand or {},
        offered=frozenset(offered),
        bans=lambda key: ("interaction/some",) if key in banned else (),
        names=str,
    )
    wanted = {target.key: target.ingredient_key for target in found[0].targets}
    return wanted, [each.text for each in notices]


def test_the_first_phase_is_composed_first_and_the_next_one_has_what_goes_on():
    whole = library().master("restorative_sleep")

    first, second = whole.in_phase(), whole.in_phase("taper")

    assert (first.phase, first.next_phase) == ("restore", whole.phases[1])
    assert second.next_phase is None
    assert {each.key for each in first.targets} - {each.key for each in second.targets} == {"melatonin"}
    with pytest.raises(UnknownPhase):
        whole.in_phase("dream")


def test_every_phase_of_every_protocol_wants_something():
    for master in library().masters.values():
        assert len(master.phases) >= 2
        assert all(master.in_phase(each.key).targets for each in master.phases)


def test_what_is_forbidden_to_somebody_is_met_by_what_may_take_its_place():
    wanted, (text,) = fit(banned={"melatonin"})

    assert wanted["melatonin"] == "valerian"
    assert "valerian in the place of melatonin (it must not be given here)" in text


def test_what_no_product_holds_is_met_by_what_one_holds():
    wanted, (text,) = fit(offered=set(FOOD) - {"melatonin"})

    assert wanted["melatonin"] == "valerian"
    assert "no product on offer holds it" in text


@pytest.mark.parametrize(
    ("offered", "banned"),
    [(FOOD, ()), ({"magnesium"}, ()), (FOOD, {"melatonin", "valerian"})],
    ids=["nothing speaks against it", "no product of the other", "the other is forbidden too"],
)
def test_otherwise_the_protocol_s_own_stays(offered, banned):
    wanted, notices = fit(offered=offered, banned=banned)

    assert wanted["melatonin"] == "melatonin"
    assert notices == []


def test_a_person_may_ask_for_the_other_or_keep_the_own_whatever_happens():
    place = "restorative_sleep.melatonin"

    assert fit(by_hand={place: "valerian"})[0]["melatonin"] == "valerian"
    assert fit(by_hand={place: ""}, banned={"melatonin"})[0]["melatonin"] == "melatonin"


def test_nothing_takes_two_places():
    first = sleep()
    other = replace(first, key="twice")

    wanted, notices = fit(banned={"melatonin"}, masters=(first, other))

    assert wanted["melatonin"] == "valerian"
    assert len(notices) == 1


def result(value: str | None, *, code: str = "4548-4", unit: str = "%", flag: str = "") -> Result:
    return Result("Hemoglobin A1c", code, None if value is None else Decimal(value), unit, flag)


@pytest.mark.parametrize(
    ("found", "fits"),
    [
        (result("5.7"), True),
        (result("5.69"), False),
        (result("39", unit="mmol/mol"), False),
        (result(None), False),
        (result("7", code="718-7"), False),
    ],
    ids=["at the bound", "below it", "another unit", "no number", "another test"],
)
def test_a_result_makes_one_think_of_a_protocol_when_it_is_of_the_pattern(found, fits):
    reasons = reasons_for(library().master("metabolic_health"), NOBODY, [found])

    assert reasons == (("HbA1c is 5.7 % or more. (Hemoglobin A1c 5.7 %)",) if fits else ())


def test_the_laboratory_s_own_flag_and_the_name_of_a_score_count():
    tsh = Result("Thyrotropin", "3016-3", Decimal(9), "mIU/L", "critical_high")
    score = Result("Insomnia Severity Index", "", Decimal(17), "", "")

    assert reasons_for(library().master("thyroid_support"), NOBODY, [tsh])
    assert reasons_for(library().master("restorative_sleep"), NOBODY, [score])


def changed(**said: object) -> Any:
    data = files("willowbark.protocols").joinpath("data/masters/restorative_sleep.json")
    document = json.loads(data.read_text(encoding="utf-8"))
    for path, value in said.items():
        at = document
        *way, last = path.split("__")
        for step in way:
            at = at[int(step)] if step.isdigit() else at[step]
        at[last] = value
    return document


@pytest.mark.parametrize(
    ("said", "words", "field"),
    [
        ({"alternatives__0__instead_of": "sheep"}, "no target sheep", "$.alternatives[0].instead_of"),
        ({"alternatives__0__most": "1"}, "aim is above most", "$.alternatives[0].most"),
        ({"targets__0__phases": ["dream"]}, "no phase dream", "$.targets[0].phases"),
        ({"phases__1__key": "restore"}, "the key restore comes twice", "$.phases"),
        ({"triggers__2__names": []}, "no code and no name", "$.triggers[2].codes"),
    ],
)
def test_a_line_that_names_what_is_not_there_is_refused_by_its_place(said, words, field):
    with pytest.raises(BadLibrary, match=words) as refusal:
        read_master(changed(**said))
    assert refusal.value.field == field
