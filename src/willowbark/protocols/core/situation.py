"""
From a person, products and Master Protocols to one problem: exact, self-contained, and about nobody.

What cannot be put into the problem is said in notices: what nobody checked, what is assumed, what is taken
above a limit already. The same situation always gives the same problem: stock counts only as far as it
could be needed, and nothing depends on the order of what comes in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import Any
from uuid import UUID

from willowbark.catalog.core.products import ProductInfo
from willowbark.kernel.errors import Conflict
from willowbark.knowledge.core.person import Person
from willowbark.knowledge.core.release import Release
from willowbark.knowledge.core.rules import Rule, rules_for
from willowbark.knowledge.core.taken import contents_of, taken_a_day
from willowbark.protocols.core import contradictions, noticing
from willowbark.protocols.core.candidates import (
    Candidate,
    Counted,
    amounts_of,
    by_ingredient,
    candidates_of,
    counted,
)
from willowbark.protocols.core.choices import Choices
from willowbark.protocols.core.constraints import allergen_bans, diet_bans, key_of, parts_of
from willowbark.protocols.core.day import MOMENTS
from willowbark.protocols.core.goals import levels_of
from willowbark.protocols.core.masters import Ceiling, Master, MasterTarget
from willowbark.protocols.core.notices import Notice, Weight
from willowbark.protocols.core.problem import FORMAT, Problem, sound
from willowbark.protocols.core.units import Scale, converted, finest_scale, scale_for
from willowbark.protocols.core.wanting import as_master


class NothingToCompose(Conflict):
    """The catalog has no product that holds anything that these protocols want."""

    code = "nothing_to_compose"


@dataclass(frozen=True, slots=True)
class Given:
    """
    All that a composition is made from.

    `stock` is containers on the shelf by product id. `current` is the plan in force: units a day by product
    key. `on` is the day for which limits are looked up. `deceased`: the person has died. `notices` are what
    must be said of the Master Protocols as they are given here.
    """

    person: Person
    products: Sequence[ProductInfo]
    stock: Mapping[UUID, int]
    release: Release
    masters: Sequence[Master]
    choices: Choices
    current: Mapping[str, int]
    on: date
    deceased: bool = False
    notices: Sequence[Notice] = ()

    @property
    def wanting(self) -> tuple[Master, ...]:
        """Whatever wants something: the Master Protocols, and what is wanted by hand."""
        return (*self.masters, *as_master(self.choices.wanted, self.on))


@dataclass(frozen=True, slots=True)
class Situated:
    """
    The problem, and what must be said beside it.

    `person` is who the rules saw: without the supplements that the new protocol replaces. `texts` says what
    keys of the problem mean that come from no rule of the knowledge (allergens, lines of Master Protocols).
    """

    problem: Problem
    person: Person
    rules: tuple[Rule, ...]
    notices: tuple[Notice, ...]
    texts: Mapping[str, str]
    candidates: tuple[Candidate, ...]


def situate(given: Given) -> Situated:
    """
    The problem of this situation.

    Raises:
        NothingToCompose: no product holds any wanted ingredient.
        UnknownFact: a Master Protocol wants an ingredient that the release does not know.
    """
    person = as_chosen(given.person, given.choices)
    wanted = _wanted(given.wanting)
    named = given.choices.products | set(given.current)
    candidates, left_out = candidates_of(given.release, given.products, wanted=wanted, named=named)
    if not any(not wanted.isdisjoint(each.ingredient_keys) for each in candidates):
        raise NothingToCompose("No product of the catalog holds what these protocols want.")
    held = frozenset[str]().union(*(each.ingredient_keys for each in candidates))
    taken = frozenset(_taken_keys(person)) & set(given.release.ingredients)
    rules = rules_for(given.release, person, wanted | held | taken, on=given.on)
    parts = parts_of(rules, candidates)
    amounts = _Amounts(given, person, candidates, held | wanted, rules)
    declared = [
        *allergen_bans(given.release, person, candidates),
        *diet_bans(given.choices.diets, candidates),
    ]
    texts = {each["key"]: each.pop("text") for each in declared}
    texts |= {f"{master.key}.{line.key}": line.why for master, line in _lines(given.wanting)}
    targets, limits = amounts.targets(), amounts.limits()
    chosen, lost = _choices(given.choices, {each.key for each in candidates})
    document = {
        "format": FORMAT,
        "days": given.choices.days,
        "moments": [
            {
                "key": each.key,
                "name": each.name,
                "minute_of_day": each.minute_of_day,
                "with_food": each.with_food,
            }
            for each in MOMENTS
        ],
        "day": {
            "most_units": given.choices.most_units,
            "most_units_a_moment": given.choices.most_units_a_moment,
            "most_moments": given.choices.most_moments,
            "most_products": given.choices.most_products,
            "most_cost_cents": given.choices.most_cost_cents,
        },
        "ingredients": amounts.ingredients(),
        "targets": targets,
        "limits": limits,
        "bans": [*parts.bans, *declared],
        "moment_bans": parts.moment_bans,
        "apart": parts.apart,
        "cautions": parts.cautions,
        "products": amounts.products(),
        "choices": chosen,
        "levels": [str(each) for each in levels_of(given.choices)],
        "current": {key: units for key, units in given.current.items() if key in {c.key for c in candidates}},
    }
    notices = (
        *given.notices,
        *noticing.of_person(given.person, person, given.masters, deceased=given.deceased),
        *contradictions.notices_of(given.wanting, given.release),
        *noticing.of_taken(given.release, person, rules, held),
        *amounts.notices,
        *parts.notices,
        *left_out,
        *lost,
    )
    return Situated(sound(document), person, rules, _once(notices), texts, candidates)


def _once(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """Each notice once, what stops first, then what asks, then what tells."""
    found = {each.key: each for each in notices}
    order = list(Weight)
    return tuple(sorted(found.values(), key=lambda each: (order.index(each.weight), each.kind, each.key)))


def as_chosen(person: Person, choices: Choices) -> Person:
    """
    The person as the choices of a draft make them: without the supplements that it replaces, with moments of
    drugs and states that the record does not say. A history may hold one order many times, so texts decide.
    """
    gone = {_folded(each.text) for each in person.supplements if each.entry_id in choices.replaced}
    moments = {
        _folded(each.text): choices.drug_moments[each.entry_id]
        for each in person.drugs
        if each.entry_id is not None and each.entry_id in choices.drug_moments
    }
    return replace(
        person,
        drugs=tuple(
            replace(each, moments=(moments[_folded(each.text)],), moments_are_assumed=False)
            if _folded(each.text) in moments
            else each
            for each in person.drugs
        ),
        supplements=tuple(each for each in person.supplements if _folded(each.text) not in gone),
        unrecognised=tuple(each for each in person.unrecognised if _folded(each.text) not in gone),
        states=person.states | set(choices.states),
    )


def _folded(text: str) -> str:
    return " ".join(text.lower().split())


def _wanted(masters: Iterable[Master]) -> frozenset[str]:
    return frozenset(target.ingredient_key for master in masters for target in master.targets)


def _lines(masters: Iterable[Master]) -> Iterator[tuple[Master, MasterTarget | Ceiling]]:
    for master in masters:
        for line in master.amounts:
            yield master, line


def _taken_keys(person: Person) -> Iterator[str]:
    return (each.ingredient_key for _, each in contents_of(person))


def _choices(choices: Choices, offered: set[str]) -> tuple[dict[str, Any], list[Notice]]:
    lost = sorted(choices.products - offered)
    document = {
        "locked": [
            {"product": each.product, "moment": each.moment, "units": each.units}
            for each in choices.locked
            if each.product in offered
        ],
        "excluded": [each for each in choices.excluded if each in offered],
        "included": [each for each in choices.included if each in offered],
        "in_stock_only": choices.in_stock_only,
    }
    notices = [
        Notice(
            f"not_offered/{key}",
            "not_offered",
            Weight.TELL,
            f"{key} was decided on by hand, and is not offered any more.",
        )
        for key in lost
        if key not in choices.excluded
    ]
    return document, notices


class _Amounts:
    """Everything that is counted, each in the largest unit in which all of its amounts are whole."""

    def __init__(
        self,
        given: Given,
        person: Person,
        candidates: tuple[Candidate, ...],
        ingredient_keys: frozenset[str],
        rules: tuple[Rule, ...],
    ) -> None:
        self.given, self.person, self.candidates = given, person, candidates
        self.notices: list[Notice] = []
        self.unknown: dict[str, list[str]] = {}
        self.caps = [
            each
            for each in rules
            if each.kind == "cap" and any(key in ingredient_keys for key, _ in each.parts)
        ]
        self.counted: dict[str, Counted] = {}
        for key in sorted(ingredient_keys):
            self._count(counted(given.release, key))
        for cap in self.caps:
            for part in cap.parts:
                self._count(counted(given.release, *part))
        of_ingredient = by_ingredient(self.counted.values())
        self.held = [amounts_of(each, of_ingredient) for each in candidates]
        self.taken = {key: self._taken(each) for key, each in self.counted.items()}
        self.notices += noticing.unknown_amounts(self.unknown)
        self.scales: dict[str, Scale] = {}
        for together in self._together():
            self.scales |= dict.fromkeys(together, self._scale(together))

    def _count(self, one: Counted) -> None:
        self.counted.setdefault(one.key, one)

    def _taken(self, one: Counted) -> Decimal:
        total, unknown = taken_a_day(self.person, one.ingredient_key, one.form_keys)
        if not one.form_keys:
            for text in unknown:
                self.unknown.setdefault(text, []).append(one.name)
        # What a text says is counted down to the smallest unit, and rather too much than too little.
        finest = finest_scale(one.unit)
        whole = (total * finest.factor).to_integral_value(rounding=ROUND_CEILING)
        return finest.amount(int(whole))

    def _keys_of(self, cap: Rule) -> tuple[str, ...]:
        """What a cap counts, by key."""
        return tuple(counted(self.given.release, *part).key for part in cap.parts)

    def _together(self) -> list[tuple[str, ...]]:
        """Everything that is counted, once: what one limit adds up is in one group, to be in one unit."""
        group_of = {key: {key} for key in self.counted}
        for cap in self.caps:
            joined = set[str]().union(*(group_of[key] for key in self._keys_of(cap)))
            group_of.update(dict.fromkeys(joined, joined))
        return sorted({tuple(sorted(group)) for group in group_of.values()})

    def _scale(self, together: tuple[str, ...]) -> Scale:
        """The largest unit in which all amounts of what is counted together are whole."""
        unit = self.counted[together[0]].unit
        ingredient_keys = {self.counted[key].ingredient_key for key in together}
        amounts = [each[key] for each in self.held for key in together if key in each]
        amounts += [self.taken[key] for key in together]
        amounts += [
            converted(amount, line.unit, unit)
            for _, line in _lines(self.given.wanting)
            if line.ingredient_key in ingredient_keys
            for amount in _amounts_of_line(line)
        ]
        amounts += [
            converted(cap.most, cap.unit, unit)
            for cap in self.caps
            if cap.ingredient_key in ingredient_keys and cap.most is not None
        ]
        return scale_for(unit, [each for each in amounts if each])

    def _whole(self, key: str, amount: Decimal, unit: str) -> int:
        return self.scales[key].whole(converted(amount, unit, self.counted[key].unit))

    def ingredients(self) -> list[dict[str, Any]]:
        """What is counted, in its unit, with what is taken already."""
        return [
            {
                "key": key,
                "name": one.name,
                "unit": self.scales[key].unit,
                "taken_a_day": self.scales[key].whole(self.taken[key]),
            }
            for key, one in sorted(self.counted.items())
        ]

    def products(self) -> list[dict[str, Any]]:
        """The candidates, with their amounts; the shelf counts as far as it could be needed."""
        days = self.given.choices.days
        found = []
        for rank, (each, held) in enumerate(zip(self.candidates, self.held, strict=True)):
            needed = -(-each.most_units_a_day * days // each.info.units_per_container)
            found.append(
                {
                    "key": each.key,
                    "name": each.info.name,
                    "rank": rank,
                    "unit_name": each.info.unit_name,
                    "units_per_container": each.info.units_per_container,
                    "container_cents": each.info.container_price_cents,
                    "stock_containers": min(self.given.stock.get(each.info.id, 0), needed),
                    "most_units_a_day": each.most_units_a_day,
                    "most_units_a_moment": each.most_units_a_moment,
                    "moments": list(each.moments),
                    "amounts": {key: self.scales[key].whole(amount) for key, amount in held.items()},
                }
            )
        return found

    def targets(self) -> list[dict[str, Any]]:
        """What the Master Protocols want; what is above `most` already gets nothing more."""
        found = []
        for master in self.given.wanting:
            for target in master.targets:
                key = target.ingredient_key
                most = None if target.most is None else self._whole(key, target.most, target.unit)
                taken = self.scales[key].whole(self.taken[key])
                if most is not None and taken > most:
                    self.notices.append(
                        noticing.above_most(master, target, self.counted[key], self.taken[key])
                    )
                    most = taken
                found.append(
                    {
                        "key": f"{master.key}.{target.key}",
                        "ingredient": key,
                        "layer": str(target.layer),
                        "least": self._whole(key, target.least, target.unit),
                        "aim": self._whole(key, target.aim, target.unit),
                        "most": most,
                        "protocol": master.title,
                        "because": list(target.evidence.source_keys),
                    }
                )
        return found

    def limits(self) -> list[dict[str, Any]]:
        """The upper limits; where more is taken already, the limit is that: nothing more is given."""
        found = [self._limit_of_cap(cap) for cap in self.caps]
        for master in self.given.masters:
            for ceiling in master.ceilings:
                if ceiling.ingredient_key in self.counted:
                    found.append(self._limit_of_ceiling(master, ceiling))
        return found

    def _limit_of_cap(self, cap: Rule) -> dict[str, Any]:
        keys = self._keys_of(cap)
        most = self._whole(keys[0], cap.most or Decimal(0), cap.unit)
        amount = sum((self.taken[key] for key in keys), Decimal(0))
        taken = self.scales[keys[0]].whole(amount)
        if taken > most:
            self.notices.append(noticing.above_limit(cap, [self.counted[key] for key in keys], amount))
        return {
            "key": key_of(cap.key),
            "ingredients": list(keys),
            "most": max(most, taken),
            "counts_taken": True,
            "because": [cap.fact_key],
        }

    def _limit_of_ceiling(self, master: Master, ceiling: Ceiling) -> dict[str, Any]:
        key = ceiling.ingredient_key
        most = self._whole(key, ceiling.most, ceiling.unit)
        taken = self.scales[key].whole(self.taken[key])
        if taken > most:
            self.notices.append(noticing.above_most(master, ceiling, self.counted[key], self.taken[key]))
        return {
            "key": f"{master.key}.{ceiling.key}",
            "ingredients": [key],
            "most": max(most, taken),
            "counts_taken": True,
            "because": list(ceiling.evidence.source_keys),
        }


def _amounts_of_line(line: MasterTarget | Ceiling) -> Iterator[Decimal]:
    if isinstance(line, MasterTarget):
        yield line.least
        yield line.aim
    if line.most is not None:
        yield line.most
