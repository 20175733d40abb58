"""
The numbers of the linkage model, read from `patients/data/matching.json`, where their sources are named.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

# The first level must count most and the last least.
FIELDS: dict[str, tuple[str, ...]] = {
    "given": ("exact", "nickname", "typo", "part", "initial", "similar", "different"),
    "family": ("exact", "typo", "part", "similar", "different"),
    "birth": ("exact", "swapped", "typo", "generation", "near", "different"),
    "birth_part": ("month", "year"),
    "sex": ("exact", "different"),
    "national": ("exact", "mixed", "typo", "different"),
    "identifier": ("exact", "different"),
    "number": ("exact", "different"),
    "street": ("exact", "typo", "different"),
    "place": ("exact", "typo", "different"),
    "city": ("exact", "typo", "different"),
    "postal_code": ("exact", "typo", "different"),
    "state": ("exact", "different"),
    "phone": ("exact", "different"),
    "email": ("exact", "different"),
}
ADDRESS_FIELDS = ("number", "street", "place", "city", "postal_code", "state")
# Fields whose exact agreement is weighed by how common the value is.
COUNTED = (
    "given",
    "family",
    "birth",
    "number",
    "street",
    "place",
    "city",
    "postal_code",
    "state",
    "phone",
    "email",
)


class BadParameters(ValueError):
    """The linkage numbers contradict themselves; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Chance:
    """
    How often a level is seen, given both values are known, in four kinds of pair; each in (0, 1].

    `same`: two rows of one person (m of Fellegi and Sunter). `relative`: two people of one household, of any
    two ages. `twin`: two people of one household born on one day. `stranger`: two people picked at random
    (u); for an exact agreement, on a value as common as usual.
    """

    same: float
    relative: float
    twin: float
    stranger: float


@dataclass(frozen=True, slots=True)
class Parameters:
    """
    The model: chances per field and level, prior rates, what an address is worth, and where the bands lie.

    `rows_per_person`, `relatives_per_person` and `twins_per_person`: how many other rows of the same person,
    of relatives in the household, and of twins one expects per row in a population. `moved_same` and
    `moved_household`: chance that the two addresses have nothing to do with each other. `names_swapped`,
    `lines_swapped`: chance that two rows of one person hold given and family name, or the address lines, the
    other way round. `neighbours`: chance that strangers who agree on another part of where they live agree on
    this one. `rarest`: how much rarer than usual a value may count as, after blending with `prior_sample`
    rows of the usual. `sure` and `review` are probabilities, `sure > review`. `largest_block` bounds how many
    rows sharing a blocking key are compared with each other. An identifier that more than
    `most_rows_of_identifier` rows hold is no identifier.
    """

    chances: Mapping[str, Mapping[str, Chance]]
    national_systems: frozenset[str]
    rows_per_person: float
    relatives_per_person: float
    twins_per_person: float
    moved_same: float
    moved_household: float
    names_swapped: float
    lines_swapped: float
    neighbours: Mapping[str, float]
    rarest: Mapping[str, float]
    prior_sample: float
    sure: float
    review: float
    largest_block: int
    most_rows_of_identifier: int
    source: str
    estimated_on: str


def parameters_from(data: Mapping[str, Any]) -> Parameters:
    """
    Build parameters from parsed JSON, checked for consistency.

    Raises:
        BadParameters: a value is missing or out of range, or an agreement would count less than a
        disagreement.
    """
    try:
        chances = {
            name: {level: Chance(*map(float, data["fields"][name][level])) for level in levels}
            for name, levels in FIELDS.items()
        }
        made = Parameters(
            chances=chances,
            national_systems=frozenset(map(str, data["national_systems"])),
            rows_per_person=float(data["rows_per_person"]),
            relatives_per_person=float(data["relatives_per_person"]),
            twins_per_person=float(data["twins_per_person"]),
            moved_same=float(data["moved_same"]),
            moved_household=float(data["moved_household"]),
            names_swapped=float(data["names_swapped"]),
            lines_swapped=float(data["lines_swapped"]),
            neighbours={name: float(share) for name, share in data["neighbours"].items()},
            rarest={name: float(data["rarest"][name]) for name in COUNTED},
            prior_sample=float(data["prior_sample"]),
            sure=float(data["sure"]),
            review=float(data["review"]),
            largest_block=int(data["largest_block"]),
            most_rows_of_identifier=int(data["most_rows_of_identifier"]),
            source=str(data["source"]),
            estimated_on=str(data["estimated_on"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadParameters(f"cannot read the linkage numbers: {error!r}") from error
    _check(made)
    return made


def _check(made: Parameters) -> None:
    """Refuse numbers under which more agreement could lower a probability."""
    if not 0 < made.review < made.sure < 1:
        raise BadParameters("the bands must satisfy 0 < review < sure < 1")
    if not 0 < made.moved_same <= made.moved_household < 1:
        raise BadParameters("a person's own address must be at least as steady as a household's")
    for name, levels in made.chances.items():
        ratios = []
        for level, chance in levels.items():
            if not all(
                0 < part <= 1 for part in (chance.same, chance.relative, chance.twin, chance.stranger)
            ):
                raise BadParameters(f"{name} {level}: every chance must be above 0 and at most 1")
            ratios.append(
                tuple(chance.same / part for part in (chance.stranger, chance.relative, chance.twin))
            )
        for side in range(3):
            one = [ratio[side] for ratio in ratios]
            if one[0] < max(one) or one[-1] > min(one):
                raise BadParameters(f"{name}: the best level must count most and the worst least, not {one}")
        best = next(iter(levels.values()))
        if best.same < max(best.relative, best.twin, best.stranger):
            raise BadParameters(f"{name}: agreement must be likeliest in rows of one person")


@cache
def default_parameters() -> Parameters:
    """Return the parameters that ship with the product."""
    text = files("willowbark.patients").joinpath("data", "matching.json").read_text(encoding="utf-8")
    return parameters_from(json.loads(text))
