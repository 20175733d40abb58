"""Lines that cannot hold together are said, which two, in one protocol and in several composed at once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from willowbark.protocols.core.contradictions import contradictions_between, faults_of_amounts
from willowbark.protocols.core.problem import Layer
from willowbark.protocols.core.solving import solve
from willowbark.protocols.tests.people import Case, known, library

MIGRAINE, METHYLATION = "migraine_prevention", "methylation_support"


def with_target(master, **said):
    """The protocol with one more target, like its first."""
    return replace(master, targets=(*master.targets, replace(master.targets[0], key="one_more", **said)))


def test_of_two_protocols_it_says_which_two_lines_and_what_comes_of_it():
    situated = Case(masters=(MIGRAINE, METHYLATION)).situated()
    (notice,) = [each for each in situated.notices if each.kind == "contradiction"]
    assert notice.text == (
        "Migraine prevention wants at least 100 mg of Riboflavin a day (foundation), and Homocysteine and"
        " methylation allows at most 25 mg: both cannot hold. No more than 25 mg is given, and Migraine"
        " prevention falls short."
    )
    assert str(notice.weight) == "ask"
    plan = solve(situated.problem)
    (short,) = [each for each in plan.targets if each.key == f"{MIGRAINE}.riboflavin"]
    assert short.shortfall_to_least > 0, "and so it is"


def test_one_of_them_alone_contradicts_nothing():
    for key in (MIGRAINE, METHYLATION):
        assert list(contradictions_between([library().master(key)], known())) == []
        assert not any(each.kind == "contradiction" for each in Case(masters=(key,)).situated().notices)


def test_a_ceiling_of_another_protocol_counts_in_its_own_unit():
    wants = replace(library().master(MIGRAINE), ceilings=())
    allows = library().master("thyroid_support")
    ceiling = replace(allows.ceilings[0], ingredient_key="riboflavin", most=Decimal("99000"), unit="ug")
    allows = replace(allows, targets=(), ceilings=(ceiling,))
    (found,) = contradictions_between([wants, allows], known())
    assert (found.target.key, found.bound) == ("riboflavin", ceiling)
    just = replace(allows, ceilings=(replace(ceiling, most=Decimal("100000")),))
    assert list(contradictions_between([wants, just], known())) == []


def test_what_is_shipped_contradicts_itself_nowhere():
    for master in library().masters.values():
        assert list(faults_of_amounts(master, known())) == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            {"ingredient_key": "zinc", "least": Decimal(15), "aim": Decimal("15000")},
            "that can be meant; is the unit right?",
        ),
        (
            {"ingredient_key": "vitamin_b6", "least": Decimal(200), "aim": Decimal(200)},
            "no upper limit of an adult allows more than 100 mg",
        ),
    ],
    ids=["a thousandfold", "above every upper limit"],
)
def test_a_foundation_that_cannot_be_is_said(said, words):
    master = with_target(library().master(MIGRAINE), layer=Layer.FOUNDATION, unit="mg", most=None, **said)
    assert any(words in text for text, _ in faults_of_amounts(master, known()))


def test_two_of_the_foundation_that_are_not_taken_together_are_said():
    master = library().master(MIGRAINE)
    pair = [
        replace(master.targets[0], key=key, ingredient_key=key, layer=Layer.FOUNDATION)
        for key in ("5_htp", "st_johns_wort")
    ]
    found = [text for text, _ in faults_of_amounts(replace(master, targets=tuple(pair)), known())]
    assert any("is not taken together with" in text for text in found)
    apart = [replace(pair[0], phases=("one",)), replace(pair[1], phases=("two",))]
    found = [text for text, _ in faults_of_amounts(replace(master, targets=tuple(apart)), known())]
    assert not any("is not taken together with" in text for text in found)
