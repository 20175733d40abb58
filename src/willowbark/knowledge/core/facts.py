"""A fact with everything that stands behind it."""

from __future__ import annotations

from dataclasses import dataclass

from willowbark.knowledge.core.release import Fact, Release, Source, UnknownFact

__all__ = ["Backed", "Fact", "fact"]


@dataclass(frozen=True, slots=True)
class Backed:
    """A fact of a release and its sources, in the order in which it cites them."""

    fact: Fact
    sources: tuple[Source, ...]
    is_verified: bool


def fact(release: Release, key: str) -> Backed:
    """
    The ingredient, limit or interaction of that key with its sources.

    Raises:
        UnknownFact: this release has none.
    """
    found = release.facts.get(key)
    if found is None:
        raise UnknownFact(f"no fact {key!r} in this release")
    sources = tuple(release.sources[one] for one in found.source_keys)
    return Backed(found, sources, release.is_verified(found))
