"""Every fact can be asked about by its key."""

from __future__ import annotations

import re

import pytest

from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor, ActorKind, Grant, Reach
from willowbark.foundation.explaining import explain
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Forbidden, NotFound
from willowbark.knowledge.core.wording import general_text, interaction_title
from willowbark.knowledge.selectors import release
from willowbark.knowledge.selectors.why import of_fact


def actor_with(*permissions: str) -> Actor:
    grant = Grant("practitioner", frozenset(permissions), Reach.SITE, None)
    return Actor(uuid7(), None, "Somebody", ActorKind.PERSON, (grant,), "web", uuid7())


READER = actor_with("catalog.read")


def test_an_interaction_says_what_why_and_who_says_so():
    said = of_fact(READER, "vitamin_k.anticoagulant_vka")

    assert said is not None
    assert said.title == "Vitamin K and vitamin K antagonists"
    assert said.rule_text.startswith("Do not take vitamin K with vitamin K antagonists, because it is")
    assert [source.is_verified for source in said.sources] == [True]
    assert said.sources[0].url == "https://pubmed.ncbi.nlm.nih.gov/423905/"
    assert "fact:vitamin_k1" in {fact.why for fact in said.facts}


def test_a_limit_and_an_ingredient_lead_to_each_other():
    limit, ingredient = of_fact(READER, "us.magnesium.9y"), of_fact(READER, "magnesium")

    assert limit is not None
    assert ingredient is not None
    assert limit.title == "Upper limit of Magnesium, United States, 9 years and older"
    assert "At most 350 mg of Magnesium a day from supplements" in limit.rule_text
    assert "fact:magnesium" in {fact.why for fact in limit.facts}
    assert "fact:us.magnesium.9y" in {fact.why for fact in ingredient.facts}
    assert [source.is_verified for source in limit.sources] == [True]


def test_every_fact_can_be_explained_and_leads_on():
    for key, fact in release().facts.items():
        said = of_fact(READER, key)
        assert said is not None, key
        assert said.rule_text.endswith("."), key
        assert said.figure_text.startswith(f"Evidence {fact.grade}"), key
        assert len(said.sources) == len(fact.source_keys), key
        assert not any("None" in source.title for source in said.sources), key
        for lead in (one.why for one in said.facts if one.why):
            assert lead.removeprefix("fact:") in release().facts


def test_every_interaction_reads_well():
    known = release()
    for one in known.interactions:
        text = general_text(known, one)
        assert "_" not in text + interaction_title(known, one), text
        assert not re.search(r"\s\s|\.\.|, ,", text), text


def test_a_fact_is_found_by_its_key_alone(db):
    with acting_as(READER):
        assert explain(READER, "us.magnesium.9y").reference == "fact:us.magnesium.9y"
        with pytest.raises(NotFound):
            explain(READER, "us.magnesium.1000y")


def test_what_is_no_fact_is_not_explained_and_who_reads_no_catalog_is_told_nothing():
    assert of_fact(READER, "no.such.fact") is None
    with pytest.raises(Forbidden):
        of_fact(actor_with("practice.read"), "magnesium")
