"""
What speaks against a signed protocol by now, and did not when it was signed.

A signed plan kept every hard rule of its day, and who signed it saw its cautions. So every hard rule that it
breaks now is a concern, and every caution and every unchecked entry that was not there then.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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
from willowbark.protocols.core.candidates import Candidate, Counted, amounts_of, by_ingredient, counted
from willowbark.protocols.core.constraints import allergen_bans
from willowbark.protocols.core.day import are_near
from willowbark.protocols.core.notices import Notice, Weight
from willowbark.protocols.core.ranking import Rank, rank_of
from willowbark.protocols.core.units import converted

STOP: Final = "contraindicated"
# Days until somebody has to have looked, by how bad it can be; the last is for what nobody checked.
DUE_DAYS: Final = {"contraindicated": 0, "major": 1, "moderate": 7, "minor": 30, "": 7}


# Rules of these kinds hold whatever who signed was told.
_ALWAYS: Final = frozenset({"ban", "cap"})


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


NOTHING_SEEN: Final = Seen({}, frozenset())


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
    only then. `severity` is '' for what nobody checked. `entries` are those of the record behind it. `rank`
    orders concerns, and says why; it is none of the facts.
    """

    key: str
    kind: str
    severity: str
    text: str
    fact_key: str
    entries: tuple[UUID, ...]
    facts_sha256: str
    rank: Rank

    @property
    def is_stop(self) -> bool:
        """Whether it is one of the few that ask to stop; everything else is ranked."""
        return self.severity == STOP


@dataclass(frozen=True)
class Look:
    """
    A look at what speaks against these lines for this person on that day.

    With `about`, only at what these facts of the release say. `recalled` says of products, by their ids, why
    every lot of them is recalled. `beside` names further protocols in force of the same person, as two linked
    rows may each have one.
    """

    release: Release
    person: Person
    lines: tuple[InForce, ...]
    on: date
    deceased: bool = False
    about: Collection[str] | None = None
    recalled: Mapping[UUID, str] = field(default_factory=dict)
    beside: tuple[str, ...] = ()

    @cached_property
    def held(self) -> frozenset[str]:
        """What the lines hold."""
        return frozenset[str]().union(*(each.product.ingredient_keys for each in self.lines))

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule that holds for what is given and taken."""
        taken = {content.ingredient_key for _, content in contents_of(self.person)}
        return rules_for(
            self.release, self.person, self.held | (taken & set(self.release.ingredients)), on=self.on
        )

    @cached_property
    def caps(self) -> Mapping[str, Rule]:
        """An upper limit of each ingredient, in all its forms."""
        return {
            key: each for each in self.rules if each.kind == "cap" for key, forms in each.parts if not forms
        }

    @cached_property
    def written(self) -> Mapping[UUID | None, str]:
        """What the entries say that somebody takes, and which value a result has, on whatever day."""
        drugs = {each.entry_id: each.text for each in self.person.drugs}
        supplements = {each.entry_id: each.text for each in self.person.supplements}
        results = (each for each in self.person.conditions if each.is_result)
        return drugs | supplements | {each.entry_id: each.text.rpartition(" on ")[0] for each in results}

    @property
    def asks_what_was_seen(self) -> bool:
        """Whether it depends on what who signed was told: bans and limits do not."""
        return self.about is None or any(each.kind not in _ALWAYS for each in self._asked())

    def found(self, seen: Seen) -> tuple[Concern, ...]:
        """
        What asks to stop first, then what weighs most; `seen` is what who signed was told.

        Raises:
            UnknownFact: a product holds an ingredient that the release does not know.
        """
        concerns = [concern for rule in self._asked() for concern in self._of_rule(rule, seen)]
        if self.about is None:
            concerns += (
                *self._of_allergies(),
                *self._of_recalls(),
                *self._of_others(),
                *self._of_notices(seen),
            )
        unique = {each.key: each for each in concerns}
        return tuple(sorted(unique.values(), key=_order))

    def _asked(self) -> Iterator[Rule]:
        for rule in self.rules:
            if self.about is not None and rule.fact_key not in self.about:
                continue
            if any(key in self.held for key, _ in rule.parts):
                yield rule

    def _of_rule(self, rule: Rule, seen: Seen) -> Iterator[Concern]:
        holding = self._holding(*(key for key, _ in rule.parts))
        if rule.kind == "ban":
            yield self._concern(rule, rule.severity or "major", holding)
        elif rule.kind == "cap":
            yield from self._above(rule, holding)
        elif rule.kind == "apart_from_drug":
            yield from self._near_drug(rule, holding, seen)
        elif rule.kind == "apart":
            yield from self._near_each_other(rule, holding, seen)
        elif seen.severities.get(rule.key) != rule.severity and self._is_about_them(rule):
            yield self._concern(rule, rule.severity or "minor", holding)

    def _is_about_them(self, rule: Rule) -> bool:
        other = rule.other_ingredient_key
        return not other or bool(rule.chart_entries) or bool(self._holding(other))

    def _holding(self, *ingredient_keys: str) -> tuple[InForce, ...]:
        asked = frozenset(ingredient_keys)
        return tuple(each for each in self.lines if asked & each.product.ingredient_keys)

    def _above(self, rule: Rule, holding: Sequence[InForce]) -> Iterator[Concern]:
        parts = self._parts(rule)
        one = next(iter(parts.values()))
        taken, given = self._a_day(rule, holding)
        if given and taken + given > _most(rule, one):
            total = wording.amount(taken + given, one.unit)
            names = wording.listed([each.name for each in parts.values()])
            said = f"{total} of {names} a day are taken by now. {rule.text}"
            yield self._concern(rule, rule.severity or "moderate", holding, text=said, amount=taken + given)

    def _parts(self, cap: Rule) -> Mapping[str, Counted]:
        return {one.key: one for one in (counted(self.release, *part) for part in cap.parts)}

    def _a_day(self, cap: Rule, holding: Sequence[InForce]) -> tuple[Decimal, Decimal]:
        """What counts towards a limit a day: what is taken besides, and what the protocol gives."""
        taken, _ = taken_together(self.person, cap.parts)
        parts = by_ingredient(self._parts(cap).values())
        given = sum(
            (
                amount * each.units_a_day
                for each in holding
                for amount in amounts_of(each.product, parts).values()
            ),
            Decimal(0),
        )
        return taken, given

    def _rank(self, rule: Rule, severity: str) -> Rank:
        cap = rule if rule.kind == "cap" else self.caps.get(rule.ingredient_key)
        share = None
        if cap is not None and cap.most:
            most = _most(cap, next(iter(self._parts(cap).values())))
            share = sum(self._a_day(cap, self._holding(*(key for key, _ in cap.parts)))) / most
        result = next(
            (
                each.text
                for each in self.person.conditions
                if each.is_result and each.entry_id in rule.chart_entries
            ),
            "",
        )
        return rank_of(severity, self.release.facts[rule.fact_key].grade, share_of_limit=share, result=result)

    def _near_drug(self, rule: Rule, holding: Sequence[InForce], seen: Seen) -> Iterator[Concern]:
        if not rule.drug_moments:
            if f"drug_moment/{rule.key}" not in seen.notices:
                yield self._concern(rule, rule.severity or "moderate", holding)
            return
        near = tuple(each for each in holding if are_near(each.moments, rule.drug_moments, rule.minutes or 0))
        if near:
            yield self._concern(rule, rule.severity or "moderate", near)

    def _near_each_other(self, rule: Rule, holding: Sequence[InForce], seen: Seen) -> Iterator[Concern]:
        near = tuple(
            each
            for each in holding
            for other in self._holding(rule.other_ingredient_key)
            if (other is not each or rule.minutes == WHOLE_DAY_MINUTES)
            and are_near(each.moments, other.moments, rule.minutes or 0)
        )
        if near:
            yield self._concern(rule, rule.severity or "moderate", near)
        elif rule.chart_entries and f"own_supplement/{rule.key}" not in seen.notices:
            yield self._concern(rule, rule.severity or "moderate", holding)

    def _of_allergies(self) -> Iterator[Concern]:
        products = tuple(each.product for each in self.lines)
        for ban in allergen_bans(self.release, self.person, products):
            said = ban["key"], "allergen", "contraindicated", ban["text"]
            yield _made(*said, rank=rank_of("contraindicated"))

    def _of_recalls(self) -> Iterator[Concern]:
        for each in self.lines:
            info = each.product.info
            if info.id in self.recalled:
                text = f"{info.name} is recalled: {self.recalled[info.id]}"
                yield _made(f"recall/{info.key}", "recall", STOP, text, facts=(text,), rank=rank_of(STOP))

    def _of_others(self) -> Iterator[Concern]:
        for name in self.beside:
            text = (
                f"{name} is in force for the same person too: what both hold is taken twice."
                " Sign one that takes the place of both, or end one."
            )
            yield _made(f"beside/{name}", "beside", STOP, text, facts=(text,), rank=rank_of(STOP))

    def _of_notices(self, seen: Seen) -> Iterator[Concern]:
        unknown: dict[str, list[str]] = {}
        for key in sorted(self.held):
            for text in taken_a_day(self.person, key)[1]:
                unknown.setdefault(text, []).append(self.release.ingredients[key].name)
        notices: tuple[Notice, ...] = (
            *noticing.of_person(self.person, self.person, (), deceased=self.deceased),
            *noticing.unknown_amounts(unknown),
        )
        for notice in notices:
            if notice.weight is not Weight.TELL and notice.key not in seen.notices:
                severity = "contraindicated" if notice.weight is Weight.STOP else ""
                said = notice.key, notice.kind, severity, notice.text
                yield _made(*said, entries=notice.entries, rank=rank_of(severity))

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
        return _made(
            rule.key,
            rule.kind,
            severity,
            said,
            rule.fact_key,
            rule.chart_entries,
            facts,
            rank=self._rank(rule, severity),
        )


def _most(cap: Rule, one: Counted) -> Decimal:
    return converted(cap.most or Decimal(0), cap.unit, one.unit)


def _order(concern: Concern) -> tuple[bool, int, int, str]:
    """What forbids comes first, then what weighs most."""
    order = list(DUE_DAYS)
    return not concern.is_stop, -concern.rank.weight, order.index(concern.severity), concern.key


def _made(
    key: str,
    kind: str,
    severity: str,
    text: str,
    fact_key: str = "",
    entries: tuple[UUID, ...] = (),
    facts: Sequence[str] = (),
    *,
    rank: Rank,
) -> Concern:
    digest = hashlib.sha256(json.dumps([key, *facts]).encode()).hexdigest()
    return Concern(key, kind, severity, text, fact_key, tuple(sorted(set(entries))), digest, rank)
