"""Columns find exactly those whom rules follow for, as looking at each by itself does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.knowledge.core.person import Known, Person, TakenAmount, TakenDrug, TakenSupplement
from willowbark.knowledge.core.release import Interaction
from willowbark.knowledge.core.rules import KIND_OF, rules_for
from willowbark.protocols.core.columns import columns_of, touched
from willowbark.protocols.tests.people import known

SUBJECTS = ("magnesium", "iron", "st_johns_wort", "vitamin_k1", "zinc", "calcium")
OTHERS = {
    "drug_classes": ("anticoagulant", "ssri", "statin"),
    "conditions": ("ckd", "ckd_severe", "pregnancy", "liver_disease"),
}
ABOUT = sorted({each.key for each in known().interactions if known().members[each.subject] & set(SUBJECTS)})

WITHIN_A_GROUP = {
    each.key
    for each in known().interactions
    if known().members[each.subject] & known().members.get(each.other_key, frozenset())
}


@st.composite
def people(draw):
    taken = draw(st.sets(st.sampled_from(SUBJECTS), max_size=2))
    classes = draw(st.sets(st.sampled_from(OTHERS["drug_classes"]), max_size=2))
    conditions = draw(st.sets(st.sampled_from(OTHERS["conditions"]), max_size=2))
    return Person(
        age_years=50,
        sex="female",
        jurisdiction="US",
        drugs=tuple(TakenDrug(None, each, (), (each,)) for each in sorted(classes)),
        supplements=tuple(
            TakenSupplement(None, each, (TakenAmount(each, "", None, known().ingredient(each).unit),))
            for each in sorted(taken)
        ),
        conditions=tuple(Known(None, each, frozenset({each})) for each in sorted(conditions)),
    )


protocols = st.tuples(st.sets(st.sampled_from(SUBJECTS), min_size=1, max_size=3), people())


@given(st.lists(protocols, min_size=1, max_size=6), st.sets(st.sampled_from(ABOUT), min_size=1, max_size=5))
def test_a_row_is_touched_when_a_rule_follows_for_what_it_holds(rows, facts):
    narrowed = known().only(facts)
    marks = touched(columns_of(rows), known(), facts)
    for (held, person), is_touched in zip(rows, marks, strict=True):
        taken = {content.ingredient_key for each in person.supplements for content in each.contents}
        follow = {
            rule.fact_key for rule in rules_for(narrowed, person, held | taken) if rule.ingredient_key in held
        }
        assert bool(follow & facts) <= bool(is_touched), "somebody is missed"
        if not taken - held and not facts & WITHIN_A_GROUP:
            assert bool(follow & facts) == bool(is_touched)


def test_facts_that_make_no_rule_or_are_gone_touch_nobody():
    columns = columns_of([(set(SUBJECTS), Person(50, "female", "US"))])
    replenish = next(each.key for each in known().interactions if each.management not in KIND_OF)
    assert not touched(columns, known(), [replenish, "gone/long_ago"]).any()
    assert not touched(columns_of([]), known(), ABOUT).any()


@pytest.mark.parametrize("wanted", [1, 30])
def test_few_and_many_are_found_alike(wanted):
    keys = [f"ingredient_{number}" for number in range(wanted)]
    columns = columns_of([({key}, Person(50, "male", "US")) for key in (*keys, "another")])
    assert list(columns.holding(keys)) == [True] * wanted + [False]
    assert columns.held.rows.dtype == np.uint32


def test_a_new_interaction_is_narrowed_to_itself():
    like = next(each for each in known().interactions if each.other_kind == "drug_class")
    assert isinstance(like, Interaction)
    new = replace(like, key="new/one", subject="magnesium", other_key="statin", management="avoid")
    release = replace(known(), interactions=(*known().interactions, new))
    person = Person(50, "male", "US", drugs=(TakenDrug(None, "Simvastatin", (), ("statin",)),))
    rows = [({"magnesium"}, person), ({"magnesium"}, Person(50, "male", "US")), ({"zinc"}, person)]
    assert list(touched(columns_of(rows), release, ["new/one"])) == [True, False, False]
