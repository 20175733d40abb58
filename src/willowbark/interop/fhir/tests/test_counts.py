"""Counts that add up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from willowbark.interop.fhir.core.counts import UNREADABLE, Outcome, Tally, lines, summed, together

counted = st.lists(
    st.tuples(st.sampled_from(["Patient", "Claim", ""]), st.sampled_from(Outcome), st.integers(0, 50))
)


def tally_of(given_counts) -> Tally:
    tally = Tally()
    for type_, outcome, number in given_counts:
        tally.add(type_, outcome, number)
    return tally


@given(counted)
def test_every_line_and_the_total_add_up_and_survive_being_kept(given_counts):
    tally = tally_of(given_counts)

    for line in (*lines(tally), together(tally)):
        assert line.adds_up
    assert together(tally).read == sum(number for _, _, number in given_counts)
    assert lines(Tally(tally.as_json())) == lines(tally)


@given(st.lists(counted, max_size=4))
def test_tallies_add_up_in_any_grouping(many):
    assert together(summed(map(tally_of, many))) == together(tally_of([one for each in many for one in each]))


def test_what_does_not_say_its_type_is_counted_as_such():
    tally = tally_of([("", Outcome.QUARANTINED, 1)])

    assert [line.resource_type for line in lines(tally)] == [UNREADABLE]


def test_moving_keeps_the_sum():
    tally = tally_of([("Claim", Outcome.DEFERRED, 2)])

    tally.move("Claim", Outcome.DEFERRED, Outcome.KEPT)

    assert (together(tally).read, together(tally).deferred, together(tally).kept_beside) == (2, 1, 1)
