from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from willowbark.patients.core.matching.groups import components, withdraw_contradicted

nodes = st.integers(0, 9)
edge_sets = st.sets(st.tuples(nodes, nodes).filter(lambda pair: pair[0] < pair[1]), max_size=20)


def contradiction_of(pairs):
    return lambda low, high: (min(low, high), max(low, high)) in pairs


def test_components_are_ordered():
    assert components([(4, 7), (1, 2), (2, 9)]) == [[1, 2, 9], [4, 7]]


def test_a_row_between_two_who_contradict_each_other_joins_neither():
    groups, withdrawn = withdraw_contradicted({(0, 1), (1, 2), (3, 4)}, contradiction_of({(0, 2)}))

    assert groups == [[3, 4]]
    assert withdrawn == {(0, 1), (1, 2)}


def test_a_longer_chain_between_two_who_contradict_each_other_falls_apart():
    groups, withdrawn = withdraw_contradicted({(0, 1), (1, 2), (2, 3)}, contradiction_of({(0, 3)}))

    assert groups == []
    assert withdrawn == {(0, 1), (1, 2), (2, 3)}


def test_others_of_the_group_stay_together():
    edges = {(0, 1), (0, 2), (1, 2), (2, 3)}

    groups, withdrawn = withdraw_contradicted(edges, contradiction_of({(0, 3), (1, 3)}))

    assert groups == [[0, 1]]
    assert withdrawn == {(0, 2), (1, 2), (2, 3)}


@given(edge_sets, edge_sets)
def test_no_group_holds_two_who_contradict_each_other_and_no_edge_is_lost(edges, contradictions):
    contradictions = contradictions - edges
    groups, withdrawn = withdraw_contradicted(edges, contradiction_of(contradictions))

    members = [set(group) for group in groups]
    assert not any({low, high} <= group for group in members for low, high in contradictions)
    assert withdrawn <= edges
    assert all(any(set(edge) <= group for group in members) for edge in edges - withdrawn)


@given(edge_sets)
def test_without_contradictions_nothing_is_withdrawn(edges):
    assert withdraw_contradicted(edges, lambda low, high: False) == (components(edges), set())
