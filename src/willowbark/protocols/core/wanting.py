"""
Targets by hand: an amount of an ingredient for one patient, beside what Master Protocols want.

What can be wanted is a closed list: ingredients that a product on offer holds and whose amount the knowledge
or the library bounds. The composer holds whatever is wanted against every rule, as it does with all targets.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from willowbark.kernel.errors import Invalid
from willowbark.knowledge.core.limits import ADULT_YEARS
from willowbark.knowledge.core.release import Ingredient, Limit, Release
from willowbark.protocols.core.masters import Alternative, Evidence, Library, Master, MasterTarget
from willowbark.protocols.core.problem import Layer
from willowbark.protocols.core.units import OtherUnit, converted, scale_for
from willowbark.protocols.core.wording import labelled_text

BY_HAND: Final = "by_hand"
MOST_WANTED: Final = 20
UNITS: Final = ("g", "mg", "ug", "billion_cfu", "million_cfu", "unit")
IU: Final = "iu"


class NotWanted(Invalid):
    """An amount that cannot be wanted: not of the closed list, or not within its bounds."""

    code = "not_wanted"


@dataclass(frozen=True, slots=True, order=True)
class Wanted:
    """An amount of an ingredient a day, in its own `unit`: `least` <= `aim` <= `most` (None: no bound)."""

    ingredient_key: str
    least: Decimal
    aim: Decimal
    most: Decimal | None
    unit: str

    @property
    def text(self) -> str:
        """What is wanted in words: aim 25 mcg, at least 10 mcg, at most 50 mcg."""
        amounts = (("aim", self.aim), ("at least", self.least or None), ("at most", self.most))
        said = (f"{word} {labelled_text(each, self.unit)}" for word, each in amounts if each is not None)
        return ", ".join(said)

    def as_document(self) -> dict[str, str | None]:
        """As plain JSON values."""
        return {
            "ingredient_key": self.ingredient_key,
            "least": f"{self.least:f}",
            "aim": f"{self.aim:f}",
            "most": None if self.most is None else f"{self.most:f}",
            "unit": self.unit,
        }


def wanted_of(document: Mapping[str, str | None]) -> Wanted:
    """A target as `Wanted.as_document` wrote it."""
    most = document["most"]
    return Wanted(
        ingredient_key=document["ingredient_key"] or "",
        least=Decimal(document["least"] or 0),
        aim=Decimal(document["aim"] or 0),
        most=None if most is None else Decimal(most),
        unit=document["unit"] or "",
    )


@dataclass(frozen=True, slots=True)
class Wantable:
    """
    An ingredient of the closed list: `most` is what may be wanted of it a day, in its own `unit`.

    `factors` gives how many of its own unit one of each unit is, in which an amount may be said.
    """

    key: str
    name: str
    unit: str
    most: Decimal
    factors: Mapping[str, Decimal]

    @property
    def most_text(self) -> str:
        """The bound in words: 100 mcg."""
        return labelled_text(self.most, self.unit)

    def wanted(self, least: Decimal, aim: Decimal, most: Decimal | None, unit: str) -> Wanted:
        """
        A target of it, said in `unit`.

        Raises:
            NotWanted: another unit, an amount that is nothing, out of order, or above what may be wanted.
            NotWhole: an amount of so many digits that it cannot be counted.
        """
        if unit not in self.factors:
            raise NotWanted(f"{self.name} is not measured in {unit[:20]}.", field="unit")
        amounts = [each for each in (least, aim, most) if each is not None]
        if not all(each.is_finite() and 0 <= each <= Decimal(10) ** 9 for each in amounts) or aim <= 0:
            raise NotWanted(f"{self.name}: an amount above nothing.", field="aim")
        if amounts != sorted(amounts):
            raise NotWanted(f"{self.name}: the least, then the aim, then the most.", field="aim")
        own = [each * self.factors[unit] for each in amounts]
        if max(own) > self.most:
            raise NotWanted(
                f"{self.name}: more than {self.most_text} a day is allowed by no row of the knowledge"
                " or of your library.",
                field="most",
            )
        scale_for(self.unit, own)
        return Wanted(self.key, own[0], own[1], own[2] if most is not None else None, self.unit)


def wantables(
    release: Release, library: Library, offered: Collection[str], *, jurisdiction: str, on: date
) -> dict[str, Wantable]:
    """
    The closed list by key: of what is `offered`, whatever a limit of an adult, or else the library, bounds.

    The bound is the largest that any such row allows; which of them holds for a person, the composer knows.
    """
    by_library = _by_library(release, library)
    found = {}
    for key in sorted(set(offered) & set(release.ingredients)):
        one = release.ingredients[key]
        limits = [each for each in release.limits_of(key) if _of_adults(each, key, one, jurisdiction, on)]
        most = max(
            (converted(each.most, each.unit, one.unit) for each in limits), default=by_library.get(key)
        )
        if most:
            found[key] = Wantable(key, one.name, one.unit, most, _factors(one))
    return found


def _of_adults(limit: Limit, key: str, one: Ingredient, jurisdiction: str, on: date) -> bool:
    return (
        limit.ingredient_key == key
        and limit.jurisdiction == jurisdiction
        and not limit.states
        and (limit.to_age_years is None or limit.to_age_years > ADULT_YEARS)
        and (limit.valid_from is None or limit.valid_from <= on)
        and (limit.valid_until is None or on <= limit.valid_until)
        and _factor(limit.unit, one.unit) is not None
    )


def _by_library(release: Release, library: Library) -> dict[str, Decimal]:
    """The largest amount of each ingredient that the library wants, in the ingredient's own unit."""
    found: dict[str, Decimal] = {}
    for master in library.masters.values():
        lines: tuple[MasterTarget | Alternative, ...] = (*master.targets, *master.alternatives)
        for line in lines:
            one = release.ingredients.get(line.ingredient_key)
            if one is not None:
                own = converted(line.aim if line.most is None else line.most, line.unit, one.unit)
                found[one.key] = max(found.get(one.key, own), own)
    return found


def _factors(one: Ingredient) -> dict[str, Decimal]:
    """What amounts may be said in; IU only where every form of it makes the same of one."""
    found = {unit: factor for unit in UNITS if (factor := _factor(unit, one.unit)) is not None}
    units = {each.iu_amount for each in one.forms}
    if len(units) == 1 and (factor := units.pop()) is not None:
        found[IU] = factor
    return found


def _factor(unit: str, own: str) -> Decimal | None:
    try:
        return converted(Decimal(1), unit, own)
    except OtherUnit:
        return None


def as_master(wanted: Collection[Wanted], on: date) -> tuple[Master, ...]:
    """What is wanted by hand as one more Master Protocol, of nobody's library; () when nothing is."""
    if not wanted:
        return ()
    targets = tuple(
        MasterTarget(
            key=each.ingredient_key,
            ingredient_key=each.ingredient_key,
            layer=Layer.TARGETED,
            least=each.least,
            aim=each.aim,
            most=each.most,
            unit=each.unit,
            why="",
            evidence=Evidence("", ()),
        )
        for each in sorted(wanted)
    )
    return (
        Master(
            key=BY_HAND,
            version=0,
            title="By hand",
            summary="",
            status="",
            reviewed_on=on,
            from_age_years=0,
            triggers=(),
            phases=(),
            targets=targets,
            alternatives=(),
            ceilings=(),
            advice=(),
            monitoring=(),
            referrals=(),
            outcomes=(),
            stop_rules=(),
        ),
    )
