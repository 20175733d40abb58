"""How common a value is: two rows named Nguyen say less than two rows named Featherstonehaugh."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from willowbark.patients.core.matching.profile import Profile


@dataclass(frozen=True, slots=True)
class Frequencies:
    """
    How many of `rows` rows hold a value, per field; a value not counted was not seen.

    `rows` is also the size of the population that a prior probability refers to, at least 1.
    """

    rows: int
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def share(self, name: str, value: str, *, usual: float, rarest: float, sample: float) -> float:
        """
        Return the chance that a stranger holds `value`: at least `usual * rarest`, below 1.

        The two rows being compared are left out of the count, and the rest is blended with `usual` as if that
        had been seen in `sample` further rows, so that a small file does not pretend to know. A field that
        was not counted is as common as usual.
        """
        counts = self.counts.get(name)
        if counts is None:
            return usual
        others = max(counts.get(value, 0) - 2, 0)
        blended = (others + sample * usual) / (max(self.rows - 2, 0) + sample)
        return max(usual * rarest, blended)


def counted_values(profile: Profile) -> Iterable[tuple[str, str]]:
    """
    Yield the (field, value) pairs of a profile whose commonness matters; names count in either position.
    """
    for name, values in (
        ("name", {profile.given, profile.family}),
        ("birth", {profile.birth}),
        ("line", {profile.street, profile.place}),
        ("number", {profile.number}),
        ("city", {profile.city}),
        ("postal_code", {profile.postal_code}),
        ("state", {profile.state}),
        ("phone", profile.phones),
        ("email", profile.emails),
        ("identifier", frozenset[str]().union(*profile.identifiers.values())),
    ):
        for value in values:
            if value:
                yield name, value


def frequencies_of(profiles: Iterable[Profile]) -> Frequencies:
    """Count the values of a whole file."""
    counts: dict[str, Counter[str]] = {}
    rows = 0
    for profile in profiles:
        rows += 1
        for name, value in counted_values(profile):
            counts.setdefault(name, Counter())[value] += 1
    return Frequencies(max(rows, 1), counts)
