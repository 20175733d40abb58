"""Check protocols in force anew, against the record, the catalog and the knowledge as they are now."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from pydantic_core import from_json

from willowbark.catalog.selectors import products_by_id
from willowbark.foundation.authorisation import Actor, require
from willowbark.inventory.selectors import recall, recalled_wholly, recalls
from willowbark.knowledge.core.person import Person
from willowbark.knowledge.core.release import Release
from willowbark.knowledge.selectors import release as release_in_force
from willowbark.patients.selectors import open_records, rows_of_persons
from willowbark.protocols.core.candidates import candidates_of
from willowbark.protocols.core.choices import choices_of
from willowbark.protocols.core.columns import columns_of, touched
from willowbark.protocols.core.concerns import NOTHING_SEEN, InForce, Look, Seen, seen_in
from willowbark.protocols.core.situation import as_chosen
from willowbark.protocols.models import Composition, Draft, ProtocolConcern, ProtocolLine, SignedProtocol
from willowbark.protocols.selectors.considering import persons_in
from willowbark.protocols.selectors.library import today
from willowbark.protocols.services.concerns import RECHECK, keep_concerns
from willowbark.record.selectors.standing import READ, counts_for_rules, standings_of

__all__ = ["RECHECK", "recheck", "recheck_for_recall", "recheck_for_result", "recheck_many"]


@dataclass(frozen=True, slots=True)
class Followed:
    """A protocol in force, with what it gives and whom to."""

    protocol: SignedProtocol
    person: Person
    is_deceased: bool
    lines: tuple[InForce, ...]

    @property
    def ingredient_keys(self) -> frozenset[str]:
        """What its products hold."""
        return frozenset[str]().union(*(each.product.ingredient_keys for each in self.lines))


def recheck(*, actor: Actor, patient_id: UUID) -> tuple[UUID, ...]:
    """
    Look again at what a patient takes by protocol; returns the concerns that are new.

    Each becomes a task of who signed, due the sooner the worse it is. One that no longer holds is closed with
    its task. A patient with no protocol in force, or out of reach, is left alone. Checking twice changes
    nothing.

    Raises:
        Forbidden: the actor checks no protocols anew.
    """
    return recheck_many(actor=actor, patient_ids=[patient_id])


def recheck_for_result(*, actor: Actor, patient_id: UUID, observation_id: UUID) -> tuple[UUID, ...]:
    """
    Look again, as `recheck` does, when an observation is a result that rules ask for.

    Raises:
        Forbidden: the actor checks no protocols anew, or may not read the record.
    """
    require(actor, RECHECK)
    if not counts_for_rules(actor, patient_id, observation_id):
        return ()
    return recheck(actor=actor, patient_id=patient_id)


def recheck_for_recall(*, actor: Actor, recall_id: UUID) -> tuple[UUID, ...]:
    """
    Look again, as `recheck` does, at every protocol in force that holds what is recalled, or was.

    Lots that are recalled alone concern whoever was given them: see the dispensary.

    Raises:
        Forbidden: the actor checks no protocols anew.
        NotFound: no such recall.
    """
    require(actor, RECHECK)
    seen = recall(actor, recall_id)
    if seen.lot_numbers:
        return ()
    lines = ProtocolLine.objects.filter(product_id__in=seen.product_ids, protocol__ended_at__isnull=True)
    return recheck_many(actor=actor, patient_ids=set(lines.values_list("patient_id", flat=True)))


@transaction.atomic
def recheck_many(
    *, actor: Actor, patient_ids: Collection[UUID], about: frozenset[str] | None = None
) -> tuple[UUID, ...]:
    """
    Look again at what many patients take by protocol, as `recheck` does; a fixed number of statements.

    With `about`, only at what these facts of the release say, or said: whatever else speaks against one is
    left as it is.

    Raises:
        Forbidden: the actor checks no protocols anew.
    """
    require(actor, RECHECK)
    person_of = rows_of_persons(patient_ids)
    protocols = list(
        SignedProtocol.objects.filter(patient__in=list(person_of), ended_at__isnull=True)
        .defer("content")
        .order_by("patient_id")
        .select_for_update(no_key=True)
    )
    if not protocols:
        return ()
    release = release_in_force()
    followed = followed_of(actor, release, protocols, person_of)
    if about is not None:
        followed = _touched(release, followed, about)
    narrowed, on = release if about is None else release.only(about), today()
    recalled = {
        product_id: f"{each.reason.rstrip('.')} ({each.source_text})."
        for product_id, each in recalled_wholly(recalls(actor)).items()
    }
    beside = _beside(protocols, person_of)
    looks = [
        (
            each.protocol,
            Look(
                narrowed,
                each.person,
                each.lines,
                on,
                each.is_deceased,
                about,
                recalled,
                beside[each.protocol.pk],
            ),
        )
        for each in followed
    ]
    seen = _seen([protocol for protocol, look in looks if look.asks_what_was_seen])
    found = [
        (protocol, look.found(seen.get(protocol.composition_id, NOTHING_SEEN))) for protocol, look in looks
    ]
    return keep_concerns(actor=actor, found=found, about=about)


def _beside(
    protocols: Sequence[SignedProtocol], person_of: Mapping[UUID, UUID]
) -> dict[UUID, tuple[str, ...]]:
    """Of each protocol, what else is in force for the same person, by name."""
    of_person: dict[UUID, list[SignedProtocol]] = {}
    for each in protocols:
        of_person.setdefault(person_of[each.patient_id], []).append(each)
    return {
        one.pk: tuple(
            f"Protocol {other.number}, signed on {other.signed_at.date().isoformat()},"
            for other in together
            if other is not one
        )
        for together in of_person.values()
        for one in together
    }


def followed_of(
    actor: Actor, release: Release, protocols: Sequence[SignedProtocol], person_of: Mapping[UUID, UUID]
) -> list[Followed]:
    """
    Protocols with their people as they are now, whose records are within reach; a fixed number of statements.

    `person_of` has the row that stands for each patient row. The reading is logged.

    Raises:
        Forbidden: the actor may not read records.
    """
    patient_ids = [each.patient_id for each in protocols]
    records = open_records(
        actor, {person_of[each] for each in patient_ids}, *READ, action="protocols.rechecked"
    )
    standings = standings_of(actor, records)
    persons = dict(zip(standings, persons_in(standings.values()), strict=True))
    compositions = dict(
        Composition.objects.filter(
            patient__in=patient_ids, pk__in=[each.composition_id for each in protocols]
        ).values_list("pk", "draft_id")
    )
    choices = {
        pk: choices_of(chosen)
        for pk, chosen in Draft.objects.filter(
            patient__in=patient_ids, pk__in=compositions.values()
        ).values_list("pk", "choices")
    }
    lines = _lines(actor, release, protocols)
    return [
        Followed(
            protocol=each,
            person=as_chosen(persons[person], choices[compositions[each.composition_id]]),
            is_deceased=standings[person].is_deceased,
            lines=tuple(lines.get(each.pk, ())),
        )
        for each in protocols
        if (person := person_of[each.patient_id]) in persons
    ]


def _lines(
    actor: Actor, release: Release, protocols: Sequence[SignedProtocol]
) -> Mapping[UUID, list[InForce]]:
    rows = list(
        ProtocolLine.objects.filter(
            patient__in=[each.patient_id for each in protocols],
            protocol__in=[each.pk for each in protocols],
        )
        .order_by("patient_id", "position")
        .values_list("protocol_id", "product_id", "moments")
    )
    infos = products_by_id(actor, {product_id for _, product_id, _ in rows})
    products = {
        candidate.info.id: candidate
        for info in infos.values()
        for candidate in candidates_of(release, [info], wanted=(), named={info.key})[0]
    }
    found: dict[UUID, list[InForce]] = {}
    for protocol_id, product_id, moments in rows:
        if product_id in products:
            at = {each["moment"]: each["units"] for each in moments}
            found.setdefault(protocol_id, []).append(InForce(products[product_id], at))
    return found


def _touched(release: Release, followed: list[Followed], about: frozenset[str]) -> list[Followed]:
    """Those whom the facts are about, and those against whose protocols they spoke before."""
    marks = touched(columns_of((each.ingredient_keys, each.person) for each in followed), release, about)
    spoken = set(
        ProtocolConcern.objects.filter(
            patient__in=[each.protocol.patient_id for each in followed],
            fact_key__in=about,
            gone_at__isnull=True,
        ).values_list("protocol_id", flat=True)
    )
    return [
        each
        for each, is_touched in zip(followed, marks, strict=True)
        if is_touched or each.protocol.pk in spoken
    ]


def _seen(protocols: Sequence[SignedProtocol]) -> Mapping[UUID, Seen]:
    """What who signed was told, by composition. A situation is long, and read only where it matters."""
    rows = Composition.objects.filter(
        patient__in=[each.patient_id for each in protocols],
        pk__in=[each.composition_id for each in protocols],
    )
    return {pk: seen_in(from_json(bytes(situation))) for pk, situation in rows.values_list("pk", "situation")}
