"""
Weigh two profiles: Fellegi and Sunter (JASA 64, 1969, 1183-1210) with two further kinds of pair.

People of one household share a name, an address and a telephone, and twins a birth date too. A model that
knows only "same" and "stranger" takes them for one person. So every level has four chances, and the
probability is that of "same" against the three alternatives:

    P = s S / (s S + r R + t T + N)

with s, r, t the prior odds of the same person, a relative and a twin against a stranger, and S, R, T, N the
products of the chances. Weights are base-2 logarithms: a weight of 10 makes "same" 1,024 times likelier than
a stranger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log2
from typing import NamedTuple

from willowbark.patients.core.matching.frequencies import Frequencies
from willowbark.patients.core.matching.levels import (
    any_shared,
    birth_level,
    family_level,
    given_level,
    line_level,
    national_level,
    other_identifier_level,
    place_level,
    postal_level,
    same_or_not,
)
from willowbark.patients.core.matching.parameters import ADDRESS_FIELDS, Parameters
from willowbark.patients.core.matching.profile import Profile

_BITS_LIMIT = 1000.0
# In a file of a few rows, two picked at random are no likelier one person than in a small practice.
_LEAST_POPULATION = 100


class Weight(NamedTuple):
    """A field's level, and the weight in bits of "same" against a stranger, a relative and a twin."""

    level: str
    stranger: float
    relative: float
    twin: float


@dataclass(frozen=True, slots=True)
class Score:
    """
    What comparing two profiles gives.

    `weights` holds only fields known on both sides. `moved` is what the address as a whole gives back because
    people move house. `household` is what the household costs (at most 0). The weights against a stranger,
    `moved`, `household` and `prior` add up to `bits`, the base-2 logarithm of the odds, and `probability`
    follows from it.
    """

    weights: dict[str, Weight]
    names_swapped: bool
    lines_swapped: bool
    moved: float
    household: float
    prior: float
    bits: float
    probability: float

    def level(self, name: str) -> str:
        """The level of a field, '' when it is not known on both sides."""
        weight = self.weights.get(name)
        return weight.level if weight else ""


class Scorer:
    """
    Scores pairs of one population under one set of parameters; symmetric, and without any state that changes
    results.
    """

    def __init__(self, parameters: Parameters, frequencies: Frequencies) -> None:
        self.parameters = parameters
        self.frequencies = frequencies
        self._fixed = {
            name: {
                level: Weight(
                    level,
                    log2(chance.same / chance.stranger),
                    log2(chance.same / chance.relative),
                    log2(chance.same / chance.twin),
                )
                for level, chance in levels.items()
            }
            for name, levels in parameters.chances.items()
        }
        others = max(frequencies.rows, _LEAST_POPULATION) - 1
        self._prior = log2(parameters.rows_per_person / others)
        self._relative_prior = log2(parameters.relatives_per_person / others)
        self._twin_prior = log2(parameters.twins_per_person / others)
        # What agreement says about neighbours, who agree on another part of where they live anyway.
        self._beside = {
            name: max(log2(parameters.chances[name]["exact"].same / chance), 0.0)
            for name, chance in parameters.neighbours.items()
        }
        # A "number" that so many rows hold stands for "not known", whatever it looks like.
        self._no_identifiers = frozenset(
            value
            for value, rows in frequencies.counts.get("identifier", {}).items()
            if rows > parameters.most_rows_of_identifier
        )
        self._weights: dict[tuple[str, str, str, str], Weight] = {}

    def _share(self, name: str, counted: str, value: str) -> float:
        """Return the chance that a stranger holds the value."""
        return self.frequencies.share(
            counted,
            value,
            usual=self.parameters.chances[name]["exact"].stranger,
            rarest=self.parameters.rarest[name],
            sample=self.parameters.prior_sample,
        )

    def _weigh(self, name: str, level: str, counted: str, one: str, other: str) -> Weight:
        """Weigh a level of a field; agreement on a common value, in full or nearly, says less."""
        fixed = self._fixed[name][level]
        if fixed.stranger <= 0:
            return fixed
        found = self._weights.get((name, level, one, other))
        if found is None:
            exact = self.parameters.chances[name]["exact"]
            share = min(max(self._share(name, counted, one), self._share(name, counted, other)), exact.same)
            most = log2(exact.same / share)
            found = self._weights[name, level, one, other] = Weight(
                level,
                min(fixed.stranger, most) if level != "exact" else most,
                min(fixed.relative, log2(exact.same / max(exact.relative, share))),
                min(fixed.twin, log2(exact.same / max(exact.twin, share))),
            )
        return found

    def _names(self, one: Profile, other: Profile) -> tuple[dict[str, Weight], bool]:
        """Weigh the names, straight or swapped, whichever says more."""
        straight = self._name_pair(one, other.given, other.given_words, other.family, other.family_words)
        if not (one.given and other.family and one.family and other.given) or (
            self._sum(straight) > 0 and straight["given"].stranger > 0 and straight["family"].stranger > 0
        ):
            return straight, False
        swapped = self._name_pair(one, other.family, other.family_words, other.given, other.given_words)
        chance = self.parameters.names_swapped
        if self._sum(swapped) + log2(chance) <= self._sum(straight):
            return straight, False
        swapped["family"] = _shifted(swapped["family"], log2(chance))
        return swapped, True

    def _name_pair(
        self,
        one: Profile,
        given: str,
        given_words: tuple[str, ...],
        family: str,
        family_words: tuple[str, ...],
    ) -> dict[str, Weight]:
        weights = {}
        if level := given_level(one.given, one.given_words, given, given_words):
            weights["given"] = self._weigh("given", level, "name", one.given, given)
        if level := family_level(one.family, one.family_words, family, family_words):
            weights["family"] = self._weigh("family", level, "name", one.family, family)
        return weights

    @staticmethod
    def _sum(weights: dict[str, Weight]) -> float:
        return sum(weight.stranger for weight in weights.values())

    def _birth(self, one: Profile, other: Profile) -> dict[str, Weight]:
        level = birth_level(one.birth, other.birth)
        if not level:
            return {}
        if level in ("month", "year"):
            return {"birth": self._fixed["birth_part"][level]}
        return {"birth": self._weigh("birth", level, "birth", one.birth, other.birth)}

    def _lines(self, one: Profile, other: Profile) -> tuple[dict[str, Weight], bool]:
        """Weigh the address lines, straight or crossed, whichever says more."""
        straight = self._line_pair(one, other.street, other.street_full, other.place, other.place_full)
        if not ((one.place and other.street) or (one.street and other.place)):
            return straight, False
        if all(weight.stranger > 0 for weight in straight.values()) and straight:
            return straight, False
        crossed = self._line_pair(one, other.place, other.place_full, other.street, other.street_full)
        if self._sum(crossed) + log2(self.parameters.lines_swapped) <= max(self._sum(straight), 0.0):
            return straight, False
        last = max(crossed)
        crossed[last] = _shifted(crossed[last], log2(self.parameters.lines_swapped))
        return crossed, True

    def _line_pair(
        self, one: Profile, street: str, street_full: str, place: str, place_full: str
    ) -> dict[str, Weight]:
        weights = {}
        if level := line_level(one.street, one.street_full, street, street_full):
            weights["street"] = self._weigh("street", level, "line", one.street, street)
        if level := line_level(one.place, one.place_full, place, place_full):
            weights["place"] = self._weigh("place", level, "line", one.place, place)
        return weights

    def _neighbourhood(self, one: Profile, other: Profile) -> dict[str, Weight]:
        """
        Weigh city, postcode and state. Strangers who agree on one are neighbours, so the others then say
        less.
        """
        weights = {}
        if level := place_level(one.city, other.city):
            weights["city"] = self._weigh("city", level, "city", one.city, other.city)
        if level := postal_level(one.postal_code, other.postal_code):
            weights["postal_code"] = self._weigh(
                "postal_code", level, "postal_code", one.postal_code, other.postal_code
            )
        if level := same_or_not(one.state, other.state):
            weights["state"] = self._weigh("state", level, "state", one.state, other.state)
        agreeing = [name for name, weight in weights.items() if weight.stranger > 0]
        if len(agreeing) > 1:
            strongest = max(agreeing, key=lambda name: weights[name].stranger)
            for name in agreeing:
                if name != strongest and weights[name].stranger > self._beside[name]:
                    weights[name] = weights[name]._replace(stranger=self._beside[name])
        return weights

    def _others(self, one: Profile, other: Profile) -> dict[str, Weight]:
        weights = {}
        if level := same_or_not(one.sex, other.sex):
            weights["sex"] = self._fixed["sex"][level]
        national = self.parameters.national_systems
        mine, theirs = self._identifiers(one), self._identifiers(other)
        if level := national_level(mine, theirs, national):
            if level == "typo" and self._both_established(mine, theirs, national):
                level = "different"
            weights["national"] = self._fixed["national"][level]
        if level := other_identifier_level(mine, theirs, national):
            weights["identifier"] = self._fixed["identifier"][level]
        if level := any_shared(one.phones, other.phones):
            value = min(one.phones & other.phones, default="")
            weights["phone"] = self._weigh("phone", level, "phone", value, value)
        if level := any_shared(one.emails, other.emails):
            value = min(one.emails & other.emails, default="")
            weights["email"] = self._weigh("email", level, "email", value, value)
        return weights

    def _identifiers(self, profile: Profile) -> Mapping[str, frozenset[str]]:
        """Return the identifiers that tell somebody apart."""
        held = profile.identifiers
        if not self._no_identifiers or all(
            self._no_identifiers.isdisjoint(values) for values in held.values()
        ):
            return held
        return {
            system: values - self._no_identifiers
            for system, values in held.items()
            if values - self._no_identifiers
        }

    def _both_established(
        self,
        mine: Mapping[str, frozenset[str]],
        theirs: Mapping[str, frozenset[str]],
        systems: frozenset[str],
    ) -> bool:
        """Say whether both of two numbers are held by further rows: a slip is hardly made twice."""
        counts = self.frequencies.counts.get("identifier", {})
        return all(
            any(counts.get(value, 0) > 1 for system in held.keys() & systems for value in held[system])
            for held in (mine, theirs)
        )

    def score(self, one: Profile, other: Profile) -> Score:
        """Compare two profiles; which comes first makes no difference."""
        if one.key > other.key:
            one, other = other, one
        weights, names_swapped = self._names(one, other)
        weights |= self._birth(one, other) | self._others(one, other)
        lines, lines_swapped = self._lines(one, other)
        if level := same_or_not(one.number, other.number):
            weights["number"] = self._weigh("number", level, "number", one.number, other.number)
        weights |= lines | self._neighbourhood(one, other)
        return self._combine(weights, names_swapped, lines_swapped)

    def _combine(self, weights: dict[str, Weight], names_swapped: bool, lines_swapped: bool) -> Score:
        own = relative = twin = address = 0.0
        for name, weight in weights.items():
            if name in ADDRESS_FIELDS:
                address += weight.stranger
            else:
                own += weight.stranger
                relative += weight.stranger - weight.relative
                twin += weight.stranger - weight.twin
        same_address = _mixture(address, self.parameters.moved_same)
        home_address = _mixture(address, self.parameters.moved_household)
        same = own + same_address + self._prior
        # Against all three alternatives: N is 1, that is 0 bits.
        alternatives = _log2_sum(
            _log2_sum(relative + home_address + self._relative_prior, twin + home_address + self._twin_prior),
            0.0,
        )
        bits = max(-_BITS_LIMIT, min(_BITS_LIMIT, same - alternatives))
        return Score(
            weights=weights,
            names_swapped=names_swapped,
            lines_swapped=lines_swapped,
            moved=same_address - address,
            household=-alternatives,
            prior=self._prior,
            bits=bits,
            probability=1.0 / (1.0 + 2.0**-bits),
        )


def _shifted(weight: Weight, bits: float) -> Weight:
    """
    Return the weight, changed by `bits` against a stranger; a household swaps names and lines no more rarely.
    """
    return weight._replace(stranger=weight.stranger + bits)


def _log2_sum(one: float, other: float) -> float:
    """Return log2(2**one + 2**other) without overflow."""
    high, low = max(one, other), min(one, other)
    return high + log2(1.0 + 2.0 ** (low - high))


def _mixture(bits: float, moved: float) -> float:
    """Return the weight of an address whose parts sum to `bits`, when it may have changed altogether."""
    return _log2_sum(bits + log2(1.0 - moved), log2(moved))
