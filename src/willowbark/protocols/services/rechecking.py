"""Check protocols in force anew, against the record, the catalog and the knowledge as they are now."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID, uuid5

from django.db import transaction

from willowbark.catalog.selectors import products_by_id
from willowbark.foundation import access, clock, outbox
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.ids import uuid7
from willowbark.inventory.selectors import site_day
from willowbark.kernel.errors import Conflict
from willowbark.knowledge.selectors import release as release_in_force
from willowbark.patients.selectors import OpenRecord, open_record, rows_of_person
from willowbark.practice.selectors import holders
from willowbark.protocols.core.candidates import candidates_of
from willowbark.protocols.core.concerns import DUE_DAYS, Concern, InForce, concerns_of, seen_in
from willowbark.protocols.core.situation import as_chosen
from willowbark.protocols.events import ConcernsChanged
from willowbark.protocols.models import Composition, Draft, ProtocolConcern, ProtocolLine, SignedProtocol
from willowbark.protocols.selectors.considering import person_in
from willowbark.protocols.selectors.drafts import view_of as draft_view_of
from willowbark.record.selectors.standing import READ, Standing, standing_of
from willowbark.worklist.selectors import may_own
from willowbark.worklist.services import dismiss_task, file_task

RECHECK = "protocols.recheck"
# A task about a concern has a key made of both, so none is filed twice and none that was dismissed returns.
_TASKS = UUID("0e7a2b0c-6a53-4d0e-9a1f-5f9a2f0d7b64")
_TITLES = {"contraindicated": "Stop or change", "major": "Look at today", "": "Check by hand"}
_NEXT = "Read what changed, then keep the protocol with a reason, change it, or end it."
_GONE = "It is no longer so."


@transaction.atomic
def recheck(*, actor: Actor, patient_id: UUID) -> tuple[UUID, ...]:
    """
    Look again at what a patient takes by protocol; returns the concerns that are new.

    Each becomes a task of who signed, due the sooner the worse it is. One that no longer holds is closed with
    its task. A patient with no protocol in force is left alone. Checking twice changes nothing.

    Raises:
        Forbidden: the actor checks no protocols anew.
        NotFound: no such patient within reach.
    """
    require(actor, RECHECK)
    theirs = SignedProtocol.objects.filter(patient__in=rows_of_person(patient_id))
    if not theirs.filter(ended_at__isnull=True).exists():
        return ()
    record = open_record(actor, patient_id, *READ, action="protocols.rechecked")
    standing = standing_of(actor, record)
    found: list[UUID] = []
    rows = SignedProtocol.objects.filter(patient__in=record.patient_ids, ended_at__isnull=True)
    for protocol in rows.order_by("patient_id").select_for_update(no_key=True):
        found += _keep(actor, protocol, _concerns(actor, protocol, record, standing))
    return tuple(found)


def _concerns(
    actor: Actor, protocol: SignedProtocol, record: OpenRecord, standing: Standing
) -> tuple[Concern, ...]:
    release = release_in_force()
    composition = Composition.objects.only("situation", "draft_id").get(
        patient_id=protocol.patient_id, pk=protocol.composition_id
    )
    draft = Draft.objects.get(patient_id=protocol.patient_id, pk=composition.draft_id)
    lines = list(ProtocolLine.objects.filter(patient_id=protocol.patient_id, protocol_id=protocol.pk))
    infos = products_by_id(actor, {line.product_id for line in lines})
    named = {info.key for info in infos.values()}
    candidates, _ = candidates_of(release, infos.values(), wanted=(), named=named)
    products = {each.info.id: each for each in candidates}
    return concerns_of(
        release,
        as_chosen(person_in(standing), draft_view_of(draft).choices),
        [
            InForce(products[line.product_id], {each["moment"]: each["units"] for each in line.moments})
            for line in lines
            if line.product_id in products
        ],
        seen_in(json.loads(bytes(composition.situation))),
        on=clock.now().date(),
        deceased=standing.is_deceased,
    )


def _keep(actor: Actor, protocol: SignedProtocol, concerns: tuple[Concern, ...]) -> list[UUID]:
    """Keep what is new, close what is gone; the new ones' ids."""
    now = clock.now()
    rows = ProtocolConcern.objects.filter(patient_id=protocol.patient_id, protocol_id=protocol.pk)
    known = {(row.key, row.facts_sha256): row for row in rows}
    standing = {(each.key, each.facts_sha256) for each in concerns}
    fresh = []
    for each in concerns:
        row = known.get((each.key, each.facts_sha256))
        if row is None:
            row = _row(protocol, each)
            row.task_id = _file(actor, protocol, each)
            row.save(force_insert=True)
            fresh.append(row.pk)
        elif row.gone_at is not None:
            row.gone_at, row.found_at = None, now
            row.save(update_fields=["gone_at", "found_at"])
            fresh.append(row.pk)
    gone = [row for key, row in known.items() if key not in standing and row.gone_at is None]
    for row in gone:
        row.gone_at = now
        row.save(update_fields=["gone_at"])
        _dismiss(actor, row)
    if fresh or gone:
        access.record_write(
            actor, "protocols.concerns_kept", patient_id=protocol.patient_id, subject=str(protocol.pk)
        )
        outbox.publish(actor, ConcernsChanged(patient_id=protocol.patient_id, protocol_id=protocol.pk))
    return fresh


def _row(protocol: SignedProtocol, concern: Concern) -> ProtocolConcern:
    return ProtocolConcern(
        id=uuid7(),
        patient_id=protocol.patient_id,
        protocol_id=protocol.pk,
        key=concern.key,
        facts_sha256=concern.facts_sha256,
        kind=concern.kind,
        severity=concern.severity,
        text=_cut(concern.text, 1000),
        fact_key=concern.fact_key,
        entry_ids=[str(each) for each in concern.entries],
        found_at=clock.now(),
    )


def _file(actor: Actor, protocol: SignedProtocol, concern: Concern) -> UUID | None:
    """The task about a concern; None when nobody who signs protocols reaches the patient."""
    owner = _owner(actor, protocol)
    if owner is None:
        return None
    said = _TITLES.get(concern.severity, "Look at")
    return file_task(
        actor=actor,
        patient_id=protocol.patient_id,
        title=_cut(f"{said}: protocol {protocol.number}. {concern.text}", 200),
        kind="recheck",
        detail=concern.text,
        owner_id=owner,
        due_on=site_day(protocol.site_id) + timedelta(days=DUE_DAYS[concern.severity]),
        next_action=_NEXT,
        source_kind="protocol",
        source_id=protocol.pk,
        request_key=uuid5(_TASKS, f"{protocol.pk}/{concern.key}/{concern.facts_sha256}"),
    )


def _owner(actor: Actor, protocol: SignedProtocol) -> UUID | None:
    """Who signed, or else the first who signs there and reaches the patient."""
    asked = (protocol.signed_by_id, *holders(actor, protocol.site_id, "protocols.sign", "tasks.write"))
    return next((each for each in asked if may_own(each, protocol.patient_id)), None)


def _dismiss(actor: Actor, row: ProtocolConcern) -> None:
    if row.task_id is None:
        return
    try:
        with transaction.atomic():
            dismiss_task(actor=actor, patient_id=row.patient_id, task_id=row.task_id, reason=_GONE)
    except Conflict:
        # Somebody has closed it already, in words of their own.
        return


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
