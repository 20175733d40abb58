"""Lines of Master Protocols that cannot hold together: in one, or in several that are composed at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from willowbark.knowledge.core import wording
from willowbark.knowledge.core.release import Ingredient, Interaction, Release
from willowbark.protocols.core.masters import Ceiling, Master, MasterTarget
from willowbark.protocols.core.notices import Notice, Weight
from willowbark.protocols.core.problem import Layer
from willowbark.protocols.core.units import OtherUnit, converted

ADULT_YEARS = 18
_FORBIDDING = frozenset({"contraindicated", "major"})


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A target that wants more, at least, than another line allows at most."""

    wants: Master
    target: MasterTarget
    allows: Master
    bound: MasterTarget | Ceiling


def contradictions_between(masters: Sequence[Master], release: Release) -> Iterator[Contradiction]:
    """Each pair of lines of two of the protocols of which both cannot hold, in their order."""
    for wants in masters:
        for target in wants.targets:
            for allows in masters:
                if allows is wants:
                    continue
                for bound in allows.amounts:
                    if _exceeds(release, target, target.least, bound):
                        yield Contradiction(wants, target, allows, bound)


def notices_of(masters: Sequence[Master], release: Release) -> Iterator[Notice]:
    """What is said of protocols that contradict each other: which two lines, and what comes of it."""
    for each in contradictions_between(masters, release):
        name = release.ingredient(each.target.ingredient_key).name
        least = wording.amount(each.target.least, each.target.unit)
        most = wording.amount(each.bound.most or Decimal(0), each.bound.unit)
        layer = "foundation" if each.target.layer is Layer.FOUNDATION else "targeted"
        yield Notice(
            f"contradiction/{each.wants.key}.{each.target.key}/{each.allows.key}.{each.bound.key}",
            "contradiction",
            Weight.ASK,
            f"{each.wants.title} wants at least {least} of {name} a day ({layer}), and {each.allows.title}"
            f" allows at most {most}: both cannot hold. No more than {most} is given, and {each.wants.title}"
            " falls short.",
        )


def faults_of_amounts(master: Master, release: Release) -> Iterator[tuple[str, str]]:
    """What contradicts the protocol itself, or what is known of everybody, with the JSON path of the line."""
    for section in ("targets", "alternatives", "ceilings"):
        for at, line in enumerate(getattr(master, section)):
            one = release.ingredients.get(line.ingredient_key)
            amount = line.most or line.aim
            if one is not None and _own(one, amount, line.unit) > one.largest:
                yield (
                    f"{one.name}: {wording.amount(amount, line.unit)} is more than the"
                    f" {wording.amount(one.largest, one.unit)} that can be meant; is the unit right?",
                    f"$.{section}[{at}].unit",
                )
    for at, target in enumerate(master.targets):
        yield from _against_bounds(master, release, target, f"$.targets[{at}]")
        if target.layer is Layer.FOUNDATION:
            yield from _against_limits(release, target, f"$.targets[{at}]")
            yield from _against_others(
                release, target, master.foundation[: master.foundation.index(target)], at
            )


def _against_bounds(
    master: Master, release: Release, target: MasterTarget, path: str
) -> Iterator[tuple[str, str]]:
    """The same protocol allows less of it at most, by a ceiling or by another target of the same phases."""
    for bound in master.amounts:
        if bound is target or (isinstance(bound, MasterTarget) and not _same_phases(target, bound)):
            continue
        wanted = target.aim if isinstance(bound, Ceiling) else target.least
        if _exceeds(release, target, wanted, bound):
            name = release.ingredient(target.ingredient_key).name
            yield (
                f"{name}: {wording.amount(wanted, target.unit)} is wanted, and the line {bound.key} of this"
                f" protocol allows at most {wording.amount(bound.most or Decimal(0), bound.unit)}",
                f"{path}.{'aim' if isinstance(bound, Ceiling) else 'least'}",
            )


def _against_limits(release: Release, target: MasterTarget, path: str) -> Iterator[tuple[str, str]]:
    """The foundation is everybody's: it cannot want more than any upper limit of an adult allows."""
    one = release.ingredients.get(target.ingredient_key)
    if one is None:
        return
    limits = [
        _own(one, each.most, each.unit)
        for each in release.limits_of(one.key)
        if each.ingredient_key == one.key
        and not (each.form_keys or each.states or each.together or each.valid_until)
        and (each.to_age_years is None or each.to_age_years > ADULT_YEARS)
    ]
    if limits and _own(one, target.least, target.unit) > max(limits):
        yield (
            f"{one.name}: at least {wording.amount(target.least, target.unit)} in the foundation, and no"
            f" upper limit of an adult allows more than {wording.amount(max(limits), one.unit)}",
            f"{path}.least",
        )


def _against_others(
    release: Release, target: MasterTarget, others: Sequence[MasterTarget], at: int
) -> Iterator[tuple[str, str]]:
    """Two of the foundation that are not taken together."""
    for other in others:
        if _same_phases(target, other) and _forbidden(release, target.ingredient_key, other.ingredient_key):
            names = [release.ingredient(each.ingredient_key).name for each in (target, other)]
            yield (
                f"{names[0]} is not taken together with {names[1]}, which the foundation wants too",
                f"$.targets[{at}].ingredient_key",
            )


def _forbidden(release: Release, key: str, other: str) -> bool:
    if not {key, other} <= release.ingredients.keys():
        return False
    return any(_forbids(release, each, key, other) for each in release.interactions_of(key))


def _forbids(release: Release, fact: Interaction, key: str, other: str) -> bool:
    nobody: frozenset[str] = frozenset()
    subjects = release.members.get(fact.subject, nobody)
    others = release.members.get(fact.other_key, nobody)
    return (
        fact.other_kind == "ingredient"
        and fact.management == "avoid"
        and fact.severity in _FORBIDDING
        and ((key in subjects and other in others) or (other in subjects and key in others))
    )


def _same_phases(one: MasterTarget, other: MasterTarget) -> bool:
    return not one.phases or not other.phases or not set(one.phases).isdisjoint(other.phases)


def _exceeds(release: Release, target: MasterTarget, amount: Decimal, bound: MasterTarget | Ceiling) -> bool:
    one = release.ingredients.get(target.ingredient_key)
    if one is None or bound.ingredient_key != one.key or bound.most is None:
        return False
    try:
        return converted(amount, target.unit, one.unit) > converted(bound.most, bound.unit, one.unit)
    except OtherUnit:
        return False  # said with its line


def _own(one: Ingredient, amount: Decimal, unit: str) -> Decimal:
    """An amount in the ingredient's own unit; nothing in another kind of unit, which is said elsewhere."""
    try:
        return converted(amount, unit, one.unit)
    except OtherUnit:
        return Decimal(0)
