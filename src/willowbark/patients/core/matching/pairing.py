"""Find the pairs of a file worth comparing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from willowbark.patients.core.matching.blocking import blocking_keys
from willowbark.patients.core.matching.profile import Profile


def blocks_of(profiles: Sequence[Profile]) -> dict[str, list[int]]:
    """Return for every key shared by two or more the positions of those who hold it, ascending."""
    blocks: dict[str, list[int]] = {}
    for position, profile in enumerate(profiles):
        for key in blocking_keys(profile):
            blocks.setdefault(key, []).append(position)
    return {key: members for key, members in blocks.items() if len(members) > 1}


def candidate_pairs(blocks: Mapping[str, Sequence[int]], *, largest: int) -> Iterator[tuple[int, int]]:
    """Yield each pair (lower, higher) that shares a block of at most `largest` members, once, in order."""
    partners: dict[int, set[int]] = {}
    for members in blocks.values():
        if len(members) <= largest:
            for place, low in enumerate(members):
                partners.setdefault(low, set()).update(members[place + 1 :])
    for low in sorted(partners):
        for high in sorted(partners[low]):
            yield low, high
