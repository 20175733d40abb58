"""What a new release of the knowledge says of protocols in force."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.db import transaction

from willowbark.catalog.selectors import products
from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor, require
from willowbark.knowledge.core.release import Fact, Ingredient, Interaction, LabFinding, Limit, Release
from willowbark.knowledge.selectors import release as release_in_force
from willowbark.patients.selectors import rows_of_persons
from willowbark.protocols.models import ProtocolConcern, ProtocolLine, RecheckedRelease, SignedProtocol
from willowbark.protocols.services.concerns import RECHECK
from willowbark.record.selectors.standing import changed_since

# Patients who are looked at in one transaction: whoever was done stays done.
PORTION = 250


@dataclass(frozen=True, slots=True)
class ToLookAt:
    """Patients whose protocols are to be looked at again, and by which facts alone; None: by all there is."""

    patient_ids: tuple[UUID, ...]
    about: frozenset[str] | None = None

    def portions(self) -> Iterator[tuple[UUID, ...]]:
        """The patients in portions of one transaction each."""
        for start in range(0, len(self.patient_ids), PORTION):
            yield self.patient_ids[start : start + PORTION]


def touched_by_release(actor: Actor) -> ToLookAt:
    """
    The patients whose protocols in force hold what the knowledge says something new of, by their ids.

    What is new is told by comparing with the last release that was checked; nobody, when that is the one in
    force; everybody with a protocol before the first, and when results count otherwise. New interactions
    and limits are looked at alone; a changed ingredient is looked at with everything about it.

    Raises:
        Forbidden: the actor checks no protocols anew.
    """
    require(actor, RECHECK)
    release = release_in_force()
    last = _last()
    if last is None:
        return ToLookAt(in_force(actor))
    if last.release_id == release.id:
        return ToLookAt(())
    new = digests_of(release)
    changed = {key for key in {*new, *last.facts} if new.get(key) != last.facts.get(key)}
    kinds = {type(release.facts[key]) for key in changed if key in release.facts}
    if LabFinding in kinds:
        return ToLookAt(in_force(actor))
    about = None if Ingredient in kinds else frozenset(_with_other_limits(release, changed))
    return ToLookAt(_holding(actor, release, changed), about)


def _with_other_limits(release: Release, changed: Collection[str]) -> Iterator[str]:
    """The facts, and every limit of an ingredient of which one changed: another may hold by now."""
    yield from changed
    for key in changed:
        fact = release.facts.get(key)
        if isinstance(fact, Limit):
            for ingredient_key, _ in fact.parts:
                yield from (other.key for other in release.limits_of(ingredient_key))


def _holding(actor: Actor, release: Release, changed: Collection[str]) -> tuple[UUID, ...]:
    ingredients = frozenset[str]().union(*(ingredients_of(release, key) for key in changed))
    holding = {
        info.id
        for info in products(actor, active=False)
        if any(each.ingredient_key in ingredients for each in info.ingredients)
    }
    lines = ProtocolLine.objects.filter(product_id__in=holding, protocol__ended_at__isnull=True)
    concerns = ProtocolConcern.objects.filter(fact_key__in=changed, gone_at__isnull=True)
    found = {*lines.values_list("patient_id", flat=True), *concerns.values_list("patient_id", flat=True)}
    return tuple(sorted(found))


def touched_since(actor: Actor, at: datetime) -> ToLookAt:
    """
    The patients with a protocol in force about whom something was recorded since, by their ids.

    Raises:
        Forbidden: the actor checks no protocols anew, or reads no records.
    """
    return ToLookAt(changed_since(actor, rows_of_persons(in_force(actor)), at))


def in_force(actor: Actor) -> tuple[UUID, ...]:
    """
    Every patient with a protocol in force, by their ids.

    Raises:
        Forbidden: the actor checks no protocols anew.
    """
    require(actor, RECHECK)
    rows = SignedProtocol.objects.filter(ended_at__isnull=True)
    return tuple(sorted(rows.values_list("patient_id", flat=True)))


@transaction.atomic
def remember_release(*, actor: Actor) -> None:
    """
    Say that every protocol was checked against the release in force. Saying it again changes nothing.

    Raises:
        Forbidden: the actor checks no protocols anew.
    """
    require(actor, RECHECK)
    release = release_in_force()
    last = _last()
    if last is not None and last.release_id == release.id:
        return
    said = {"facts": digests_of(release), "rechecked_at": clock.now()}
    RecheckedRelease.objects.update_or_create(release_id=release.id, defaults=said)


def _last() -> RecheckedRelease | None:
    """The last one that was checked; its facts are many, and read when they are asked for."""
    return RecheckedRelease.objects.defer("facts").order_by("-rechecked_at", "-id").first()


@lru_cache(maxsize=2)
def digests_of(release: Release) -> Mapping[str, str]:
    """A SHA-256 of all that each fact says, by its key."""
    return {
        key: hashlib.sha256(repr(_said(fact)).encode()).hexdigest() for key, fact in release.facts.items()
    }


def _said(fact: Fact) -> list[tuple[str, object]]:
    """What a fact says, sets in order, so that the same fact is the same text in every process."""
    return [
        (field.name, sorted(value) if isinstance(value, frozenset) else value)
        for field in fields(fact)
        for value in [getattr(fact, field.name)]
    ]


def ingredients_of(release: Release, key: str) -> frozenset[str]:
    """The ingredients that a fact is about; one that the release no longer has is about none."""
    return frozenset(_about(release, release.facts.get(key)))


def _about(release: Release, fact: Fact | None) -> Iterator[str]:
    if isinstance(fact, Ingredient):
        yield fact.key
    elif isinstance(fact, Limit):
        yield from (key for key, _ in fact.parts)
    elif isinstance(fact, Interaction):
        yield from release.members.get(fact.subject, frozenset())
        if fact.other_kind == "ingredient":
            yield from release.members.get(fact.other_key, frozenset())
