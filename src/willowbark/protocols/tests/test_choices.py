from __future__ import annotations

import json
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.kernel.errors import Invalid
from willowbark.protocols.core.choices import BOUNDS, Choices, choices_of
from willowbark.protocols.core.day import MOMENT_KEYS

keys = st.sampled_from(["magnesium_100", "zinc_15", "fish_oil"])
doses = st.dictionaries(st.sampled_from(MOMENT_KEYS), st.integers(0, 30), min_size=1).filter(
    lambda units: any(units.values())
)
decisions = st.one_of(
    st.tuples(st.sampled_from(["include", "exclude", "free"]), keys, st.none()),
    st.tuples(st.just("lock"), keys, doses),
)


def decided(steps) -> Choices:
    choices = Choices()
    for verb, key, units in steps:
        choices = choices.lock(key, units) if verb == "lock" else getattr(choices, verb)(key)
    return choices


@given(st.lists(decisions, max_size=8))
def test_a_product_is_never_both_wanted_and_left_out_and_is_locked_whole_or_not(steps):
    choices = decided(steps)
    locked = {each.product for each in choices.locked}
    assert not set(choices.excluded) & (set(choices.included) | locked)
    for key in locked:
        of_key = [each for each in choices.locked if each.product == key]
        assert sorted(each.moment for each in of_key) == sorted(MOMENT_KEYS)
        assert any(each.units for each in of_key)


@given(st.lists(decisions, max_size=8))
def test_choices_are_kept_and_read_again_as_they_were(steps):
    choices = decided(steps)
    assert choices_of(json.loads(json.dumps(choices.as_document()))) == choices


def test_entries_and_states_are_kept_too():
    entry = uuid4()
    choices = Choices(replaced=(entry,), drug_moments={entry: "dinner"}, states=("pregnancy",))
    assert choices_of(json.loads(json.dumps(choices.as_document()))) == choices
    assert choices_of({}) == Choices()


@pytest.mark.parametrize("units", [{}, {"dinner": 0}, {"midnight": 1}, {"dinner": -1}, {"dinner": 31}])
def test_an_absurd_dosage_is_refused(units):
    with pytest.raises(Invalid):
        Choices().lock("zinc_15", units)


@pytest.mark.parametrize("name", BOUNDS)
def test_bounds_are_held_and_named(name):
    low, high = BOUNDS[name]
    for value in (low, high):
        assert getattr(Choices().bound(**{name: value}), name) == value
    for value in (low - 1, high + 1):
        with pytest.raises(Invalid) as refusal:
            Choices().bound(**{name: value})
        assert refusal.value.field == name


def test_the_cost_alone_may_have_no_bound():
    assert Choices(most_cost_cents=5).bound(most_cost_cents=None).most_cost_cents is None
    with pytest.raises(Invalid):
        Choices().bound(days=None)
