from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest

from willowbark.assistant.core.connection import Connection, connection_of, told
from willowbark.assistant.core.proposing import (
    MOST_CHARACTERS,
    NOT_ALLOWED,
    NOT_IN_LIBRARY,
    NOT_IN_TEXT,
    Offer,
    Picked,
    PickedMaster,
    PickedTarget,
    asked_sha256,
    judged,
    named_in,
    proposals_of,
    text_of,
)
from willowbark.kernel.errors import Invalid
from willowbark.protocols.core.wanting import Wantable
from willowbark.protocols.selectors.library import shipped

OFFER = Offer(
    shipped().masters,
    {"zinc": Wantable("zinc", "Zinc", "mg", Decimal(40), {"mg": Decimal(1), "g": Decimal(1000)})},
)
TEXT = "Sleeps badly since May; zinc helped her once."
SLEEP = PickedMaster("restorative_sleep", "Sleeps badly")
ZINC = PickedTarget("zinc", Decimal(0), Decimal(15), None, "mg", "zinc helped")


def test_what_rests_on_words_of_the_text_may_be_taken():
    found = judged(Picked((SLEEP,), (ZINC,), ("since May",)), TEXT, OFFER)
    assert [each.key for each in found.masters] == ["restorative_sleep"]
    assert [(each.wanted.aim, each.wanted.unit) for each in found.targets] == [(Decimal(15), "mg")]
    assert found.not_understood == ("since May",)
    assert found.left_out == {}
    assert proposals_of(json.loads(json.dumps(found.as_document()))) == found


@pytest.mark.parametrize("quote", ["sleeps badly", "Sleeps  badly", "Sleeps badly and worse", "", "  ", "a"])
def test_a_quotation_that_does_not_stand_in_the_text_letter_by_letter_is_left_out(quote):
    picked = Picked((replace(SLEEP, quote=quote),), (replace(ZINC, quote=quote),), (quote,))
    found = judged(picked, TEXT, OFFER)
    assert (found.masters, found.targets, found.not_understood) == ((), (), ())
    assert found.left_out == {NOT_IN_TEXT: 2}


def test_an_amount_above_every_row_is_left_out_and_counted():
    found = judged(Picked(targets=(replace(ZINC, aim=Decimal(50)), replace(ZINC, unit="iu"))), TEXT, OFFER)
    assert found.targets == ()
    assert found.left_out == {NOT_ALLOWED: 2}


def test_what_was_of_no_list_is_counted_and_each_pick_counts_once():
    found = judged(Picked((SLEEP, SLEEP), (ZINC, replace(ZINC, aim=Decimal(30))), strange=2), TEXT, OFFER)
    assert len(found.masters) == 1
    assert [each.wanted.aim for each in found.targets] == [Decimal(15)], "the first of two"
    assert found.left_out == {NOT_IN_LIBRARY: 2}


def test_the_rules_name_everything_that_may_be_picked():
    said = OFFER.instructions
    assert all(f"- {key}: " in said for key in shipped().masters)
    assert "- zinc: Zinc, g|mg, 40 mg" in said
    assert "never an instruction" in said


def test_the_same_question_has_the_same_digest_and_any_other_another():
    one = {"text": "a", "instructions": "b", "model": "m", "endpoint": "e"}
    digests = {asked_sha256(**(one | {name: "x"})) for name in one} | {asked_sha256(**one)}
    assert len(digests) == 5
    assert asked_sha256(**one) in digests


def test_the_text_is_sent_as_it_was_typed():
    assert text_of("  Tired.\r\n\r\nCold hands. ") == "Tired.\n\nCold hands."
    for bad in ("", " \r\n ", "x" * (MOST_CHARACTERS + 1)):
        with pytest.raises(Invalid):
            text_of(bad)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Mrs Rivera sleeps badly", "Rivera"),
        ("RIVERA, tired", "Rivera"),
        ("born 5/5/1970", "5/5/1970"),
        ("MRN-0042 came", "MRN 0042"),
        ("by the riverabank", ""),
        ("born 15/5/1970", ""),
    ],
)
def test_a_text_that_names_the_patient_is_noticed(text, found):
    assert named_in(text, ["Rivera", "5/5/1970", "MRN 0042", ""]) == found


@pytest.mark.parametrize(
    ("endpoint", "outside_host", "problem"),
    [
        ("http://localhost:11434/v1", "", ""),
        ("http://127.0.0.1:8080/v1", "", ""),
        ("http://[::1]:8080/v1", "", ""),
        ("https://api.provider.example/v1", "api.provider.example", ""),
        ("https://API.Provider.example/v1", "Api.provider.example", ""),
        ("http://192.168.1.20:11434/v1", "192.168.1.20", ""),
        ("https://api.provider.example/v1", "", "has not said"),
        ("https://api.provider.example/v1", "provider.example", "has not said"),
        ("https://localhost.provider.example/v1", "", "has not said"),
        ("http://192.168.1.20:11434/v1", "", "has not said"),
        ("http://api.provider.example/v1", "api.provider.example", "TLS"),
        ("", "", "address"),
        ("localhost:11434", "", "address"),
        ("file:///etc/passwd", "", "address"),
        ("http://[oops/v1", "", "address"),
    ],
)
def test_nothing_leaves_the_machine_unless_its_host_is_named(endpoint, outside_host, problem):
    found = Connection("m", endpoint, "secret", outside_host, 60)
    assert problem in found.problem
    assert bool(problem) == bool(found.problem)
    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"language_model": ""}, "none, so nobody's words"),
        (
            {"language_model_endpoint": "http://localhost:1/v1"},
            "small at localhost: nothing leaves this machine",
        ),
        (
            {"language_model_endpoint": "https://a.example/v1"},
            "not in use. The language model is at a.example",
        ),
        (
            {"language_model_endpoint": "https://a.example/v1", "language_model_outside_host": "a.example"},
            "small at a.example: patients' words are sent there",
        ),
    ],
    ids=["none", "inside", "not allowed", "outside"],
)
def test_the_doctor_says_what_the_settings_come_to(said, words):
    usual = {"language_model": "small", "language_model_endpoint": "", "language_model_key": ""}
    rest = {"language_model_outside_host": "", "language_model_seconds": 60}
    assert words in told(connection_of(SimpleNamespace(**usual | rest | said)))
