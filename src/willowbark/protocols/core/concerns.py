"""
What speaks against a signed protocol by now, and did not when it was signed.

A signed plan kept every hard rule of its day, and who signed it saw its cautions. So every hard rule that it
breaks now is a concern, and every caution and every unchecked entry that was not there then.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from willowbark.knowledge.core import wording
from willowbark.knowledge.core.person import Person
from willowbark.knowledge.core.release import Release
from willowbark.knowledge.core.rules import WHOLE_DAY_MINUTES, Rule, rules_for
from willowbark.knowledge.core.taken import contents_of, taken_a_day, taken_together
from willowbark.protocols.core import noticing
from willowbark.protocols.core.candidates import Candidate, amounts_of, counted
from willowbark.protocols.core.constraints import allergen_bans
from willowbark.protocols.core.day import are_near
from willowbark.protocols.core.notices import Notice, Weight
from willowbark.protocols.core.units import converted

# Days until somebody has to have looked, by how bad it can be; the last is for what nobody checked.
DUE_DAYS: Final = {"contraindicated": 0, "major": 1, "moderate": 7, "minor": 30, "": 7}


@dataclass(frozen=True, slots=True)
class InForce:
    """One product that is taken: units of it by moment."""

    product: Candidate
    moments: Mapping[str, int]

    @property
    def units_a_day(self) -> int:
        """Units of all moments."""
        return sum(self.moments.values())


@dataclass(frozen=True, slots=True)
class Seen:
    """What who signed was told: severities by the key of their rule, and the keys of notices."""

    severities: Mapping[str, str]
    notices: frozenset[str]


def seen_in(situation: Mapping[str, Any]) -> Seen:
    """What the situation of a composition told."""
    return Seen(
        {rule["key"]: rule["severity"] for rule in situation["rules"]},
        frozenset(notice["key"] for notice in situation["notices"]),
    )


@dataclass(frozen=True, slots=True)
class Concern:
    """
    One thing that speaks against a protocol in force.

    `key` is stable as long as rule and products are the same; `facts_sha256` differs as soon as what it
    rests on does (another drug, another dose, another severity), so that what was once dismissed returns
    only then. `severity` is '' for what nobody checked. `entries` are those of the record behind it.
    """

    key: str
    kind: str
    severity: str
    text: str
    fact_key: str
    entries: tuple[UUID, ...]
    facts_sha256: str


def concerns_of(
    release: Release,
    person: Person,
    lines: Sequence[InForce],
    seen: Seen,
    *,
    on: date,
    deceased: bool = False,
) -> tuple[Concern, ...]:
    """
    What speaks against these lines for this person on that day, worst first.

    Raises:
        UnknownFact: a product holds an ingredient that the release does not know.
    """
    return _Look(release, person, tuple(lines), seen, on, deceased).found()


@dataclass(frozen=True)
class _Look:
    release: Release
    person: Person
    lines: tuple[InForce, ...]
    seen: Seen
    on: date
    deceased: bool

    @cached_property
    def written(self) -> Mapping[UUID | None, str]:
        """What the entries say that somebody takes."""
        drugs = {each.entry_id: each.text for each in self.person.drugs}
        return drugs | {each.entry_id: each.text for each in self.person.supplements}

    def found(self) -> tuple[Concern, ...]:
        held = frozenset[str]().union(*(each.product.ingredient_keys for each in self.lines))
        taken = {content.ingredient_key for _, content in contents_of(self.person)}
        asked = held | (taken & set(self.release.ingredients))
        concerns = [
            concern
            for rule in rules_for(self.release, self.person, asked, on=self.on)
            if any(key in held for key, _ in rule.parts)
            for concern in self._of_rule(rule)
        ]
        concerns += (*self._of_allergies(), *self._of_notices(held))
        order = list(DUE_DAYS)
        unique = {each.key: each for each in concerns}
        return tuple(sorted(unique.values(), key=lambda each: (order.index(each.severity), each.key)))

    def _of_rule(self, rule: Rule) -> Iterator[Concern]:
        holding = self._holding(*(key for key, _ in rule.parts))
        if rule.kind == "ban":
            yield self._concern(rule, rule.severity or "major", holding)
        elif rule.kind == "cap":
            yield from self._above(rule, holding)
        elif rule.kind == "apart_from_drug":
            yield from self._near_drug(rule, holding)
        elif rule.kind == "apart":
            yield from self._near_each_other(rule, holding)
        elif self.seen.severities.get(rule.key) != rule.severity and self._is_about_them(rule):
            yield self._concern(rule, rule.severity or "minor", holding)

    def _is_about_them(self, rule: Rule) -> bool:
        other = rule.other_ingredient_key
        return not other or bool(rule.chart_entries) or bool(self._holding(other))

    def _holding(self, *ingredient_keys: str) -> tuple[InForce, ...]:
        asked = frozenset(ingredient_keys)
        return tuple(each for each in self.lines if asked & each.product.ingredient_keys)

    def _above(self, rule: Rule, holding: Sequence[InForce]) -> Iterator[Concern]:
        parts = {one.key: one for one in (counted(self.release, *part) for part in rule.parts)}
        one = next(iter(parts.values()))
        taken, _ = taken_together(self.person, rule.parts)
        given = sum(
            (
                amount * each.units_a_day
                for each in holding
                for amount in amounts_of(each.product, parts).values()
            ),
            Decimal(0),
        )
        most = converted(rule.most or Decimal(0), rule.unit, one.unit)
        if given and taken + given > most:
            total = wording.amount(taken + given, one.unit)
            names = wording.listed([each.name for each in parts.values()])
            said = f"{total} of {names} a day are taken by now. {rule.text}"
            yield self._concern(rule, rule.severity or "moderate", holding, text=said, amount=taken + given)

    def _near_drug(self, rule: Rule, holding: Sequence[InForce]) -> Iterator[Concern]:
        if not rule.drug_moments:
            if f"drug_moment/{rule.key}" not in self.seen.notices:
                yield self._concern(rule, rule.severity or "moderate", holding)
            return
        near = tuple(each for each in holding if are_near(each.moments, rule.drug_moments, rule.minutes or 0))
        if near:
            yield self._concern(rule, rule.severity or "moderate", near)

    def _near_each_other(self, rule: Rule, holding: Sequence[InForce]) -> Iterator[Concern]:
        near = tuple(
            each
            for each in holding
            for other in self._holding(rule.other_ingredient_key)
            if (other is not each or rule.minutes == WHOLE_DAY_MINUTES)
            and are_near(each.moments, other.moments, rule.minutes or 0)
        )
        if near:
            yield self._concern(rule, rule.severity or "moderate", near)
        elif rule.chart_entries and f"own_supplement/{rule.key}" not in self.seen.notices:
            yield self._concern(rule, rule.severity or "moderate", holding)

    def _of_allergies(self) -> Iterator[Concern]:
        products = tuple(each.product for each in self.lines)
        for ban in allergen_bans(self.release, self.person, products):
            yield _made(ban["key"], "allergen", "contraindicated", ban["text"], "", (), ())

    def _of_notices(self, held: Collection[str]) -> Iterator[Concern]:
        unknown: dict[str, list[str]] = {}
        for key in sorted(held):
            for text in taken_a_day(self.person, key)[1]:
                unknown.setdefault(text, []).append(self.release.ingredients[key].name)
        notices: tuple[Notice, ...] = (
            *noticing.of_person(self.person, self.person, (), deceased=self.deceased),
            *noticing.unknown_amounts(unknown),
        )
        for notice in notices:
            if notice.weight is not Weight.TELL and notice.key not in self.seen.notices:
                severity = "contraindicated" if notice.weight is Weight.STOP else ""
                yield _made(notice.key, notice.kind, severity, notice.text, "", notice.entries, ())

    def _concern(
        self,
        rule: Rule,
        severity: str,
        lines: Sequence[InForce],
        *,
        text: str = "",
        amount: Decimal | None = None,
    ) -> Concern:
        names = wording.listed(tuple(dict.fromkeys(each.product.info.name for each in lines)))
        facts = (
            rule.kind,
            severity,
            str(amount.normalize()) if amount is not None else "",
            str(rule.minutes),
            *sorted({" ".join(self.written.get(entry, "").lower().split()) for entry in rule.chart_entries}),
        )
        said = f"{names}: {text or rule.text}"
        return _made(rule.key, rule.kind, severity, said, rule.fact_key, rule.chart_entries, facts)


def _made(
    key: str,
    kind: str,
    severity: str,
    text: str,
    fact_key: str,
    entries: tuple[UUID, ...],
    facts: Sequence[str],
) -> Concern:
    digest = hashlib.sha256(json.dumps([key, *facts]).encode()).hexdigest()
    return Concern(key, kind, severity, text, fact_key, tuple(sorted(set(entries))), digest)
