"""Put sure pairs together into people, without letting a third row join two who contradict each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations

Pair = tuple[int, int]


def components(edges: Iterable[Pair]) -> list[list[int]]:
    """Return the groups that the edges connect, each ascending, ordered by their first member."""
    parent: dict[int, int] = {}

    def root(node: int) -> int:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for low, high in edges:
        first, second = sorted((root(low), root(high)))
        parent[second] = first
    groups: dict[int, list[int]] = {}
    for node in sorted(parent):
        groups.setdefault(root(node), []).append(node)
    return list(groups.values())


def withdraw_contradicted(
    edges: set[Pair], contradicts: Callable[[int, int], bool]
) -> tuple[list[list[int]], set[Pair]]:
    """
    Return the groups that may stand, and the edges withdrawn because they would join rows that contradict
    each other.

    A row that is sure with two people who are not each other says nothing about which of them it is: both
    edges go. Where a contradiction still remains in a group (a longer chain), all its edges go. Edges are
    pairs (lower, higher).
    """
    neighbours: dict[int, set[int]] = {}
    for low, high in edges:
        neighbours.setdefault(low, set()).add(high)
        neighbours.setdefault(high, set()).add(low)
    withdrawn: set[Pair] = set()
    for group in components(edges):
        for low, high in combinations(group, 2):
            if len(group) > 2 and contradicts(low, high):
                for between in neighbours[low] & neighbours[high]:
                    withdrawn |= {ordered(low, between), ordered(between, high)}
    standing = edges - withdrawn
    groups = []
    for group in components(standing):
        if len(group) > 2 and any(contradicts(low, high) for low, high in combinations(group, 2)):
            withdrawn |= {ordered(node, other) for node in group for other in neighbours[node]}
        else:
            groups.append(group)
    return groups, withdrawn


def ordered(one: int, other: int) -> Pair:
    """Return the pair, lower first."""
    return (one, other) if one < other else (other, one)
