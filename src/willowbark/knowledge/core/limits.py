"""Which upper limits hold for a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from willowbark.knowledge.core import wording
from willowbark.knowledge.core.person import Person
from willowbark.knowledge.core.release import Limit, Part, Release
from willowbark.knowledge.core.rule import Rule

ADULT_YEARS = Decimal(19)


def caps(
    release: Release, person: Person, ingredient_key: str, *, states: frozenset[str], on: date | None
) -> Iterator[Rule]:
    """
    The limits of an ingredient as rules: one for all its forms, one for each set of forms with its own.

    A limit of several ingredients is the same rule, by its key, whichever of them is asked for.
    """
    for limit in applying(release, person, ingredient_key, states=states, on=on):
        asked = next(part for part in limit.parts if part[0] == ingredient_key)
        yield Rule(
            key=f"cap/{limit.ingredient_key}/{limit.key}",
            kind="cap",
            ingredient_key=ingredient_key,
            form_keys=asked[1],
            together=tuple(part for part in limit.parts if part != asked),
            most=limit.most,
            unit=limit.unit,
            counts=limit.counts,
            fact_key=limit.key,
            text=wording.limit_text(
                release.ingredient(limit.ingredient_key), limit, age_is_known=person.age_years is not None
            ),
            is_verified=release.is_verified(limit),
        )


def applying(
    release: Release, person: Person, ingredient_key: str, *, states: frozenset[str], on: date | None
) -> tuple[Limit, ...]:
    """
    The limits of an ingredient that hold for a person: at most one for what counts and each way of counting.

    A limit of a state (pregnancy) goes before one of everybody. Without an age, the strictest of an adult.
    """
    best: dict[tuple[tuple[Part, ...], str], Limit] = {}
    for limit in release.limits_of(ingredient_key):
        if (
            limit.jurisdiction != person.jurisdiction
            or not limit.states <= states
            or not _in_force(limit, on)
            or not _of_age(limit, person.age_years)
        ):
            continue
        place = (limit.parts, limit.counts)
        known = best.get(place)
        if known is None or _rank(limit) < _rank(known):
            best[place] = limit
    return tuple(best[place] for place in sorted(best))


def _rank(limit: Limit) -> tuple[int, Decimal, str]:
    return (-len(limit.states), limit.most, limit.key)


def _in_force(limit: Limit, on: date | None) -> bool:
    if on is None:
        return limit.valid_until is None
    begun = limit.valid_from is None or limit.valid_from <= on
    return begun and (limit.valid_until is None or on < limit.valid_until)


def _of_age(limit: Limit, age_years: int | None) -> bool:
    """Whether the limit is of that age; not knowing the age, whether it is of any adult age."""
    if age_years is None:
        return limit.to_age_years is None or limit.to_age_years > ADULT_YEARS
    # An age in whole years covers a whole year: the band must meet it.
    begins_in_time = limit.from_age_years < age_years + 1
    return begins_in_time and (limit.to_age_years is None or age_years < limit.to_age_years)
