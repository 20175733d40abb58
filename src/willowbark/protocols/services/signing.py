"""Sign a composition, and end what was signed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from willowbark.foundation import access, clock, outbox
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.inventory.selectors import site_day
from willowbark.kernel.errors import Conflict, Invalid, NotFound, RequestKeyReused
from willowbark.patients.selectors import require_reach, rows_of_persons
from willowbark.protocols.core.content import Signature, content_of, digest_of, title_of, watches_of
from willowbark.protocols.core.lines import PlanLine
from willowbark.protocols.core.masters import Library
from willowbark.protocols.core.overrides import Override, Reason, check_reasons
from willowbark.protocols.core.plan import Status
from willowbark.protocols.core.review import check_acknowledged
from willowbark.protocols.events import ProtocolEnded, ProtocolSigned
from willowbark.protocols.models import (
    Composition,
    Draft,
    ProtocolLine,
    ProtocolOverride,
    SignedProtocol,
)
from willowbark.protocols.selectors.compositions import CompositionView, masters_of, view_of
from willowbark.protocols.selectors.considering import consider
from willowbark.protocols.selectors.drafts import view_of as draft_view_of
from willowbark.protocols.services.drafts import DraftClosed
from willowbark.worklist.core.filing import NewTask
from willowbark.worklist.services import dismiss_tasks_of, file_task

SIGN = "protocols.sign"
LATEST_START = timedelta(days=90)
LONGEST_REASON = 300
# What was decided otherwise, each with why.
Overrides = tuple[tuple[Override, Reason], ...]
# Tasks of a protocol have keys made of it and what they watch, so none is filed twice.
_TASKS = UUID("6f1d3a64-9f0e-4d53-8d0a-8a1a52f5a0c3")


class NotProven(Conflict):
    """It is not proven that no better plan exists."""

    code = "not_proven"


class Infeasible(Conflict):
    """The demands cannot all be met, so there is no plan."""

    code = "infeasible"


class StaleComposition(Conflict):
    """The record, the shelf, the catalog or the knowledge has changed since it was composed."""

    code = "stale_composition"


@transaction.atomic
def sign(
    *,
    actor: Actor,
    patient_id: UUID,
    composition_id: UUID,
    acknowledged: Mapping[str, str],
    request_key: UUID,
    starts_on: date | None = None,
    reasons: Mapping[str, Reason] | None = None,
) -> UUID:
    """
    Sign a composition; returns the signed protocol, which is in force from now on.

    `acknowledged` are words for everything that the review asks about, by its key; `reasons` why something
    was decided by hand, by the override's key: each is kept with the protocol and under its hash. What was in
    force is superseded and its open tasks are dismissed; what is to be watched becomes tasks of the signer.
    Signing a composition again, or repeating `request_key`, returns what was signed and changes nothing.

    Raises:
        Forbidden: the actor signs no protocols.
        NotFound: no such composition of a patient within reach.
        Infeasible, NotProven, StaleComposition, CannotBeSigned: it cannot be signed, and why.
        NotAcknowledged: something was not answered in words, or has no reason; `field` names it.
        DraftClosed: another composition of the draft was signed, or it was set aside.
        RequestKeyReused: the key signed another composition before.
        Invalid: it starts before today or more than 90 days from now.
    """
    require_reach(actor, patient_id, SIGN)
    row = Composition.objects.filter(patient_id=patient_id, pk=composition_id).first()
    if row is None:
        raise NotFound("composition")
    first = _signed_before(patient_id, composition_id, request_key)
    if first is not None:
        return first
    view = view_of(row)
    check_proven(view)
    # From here on, one signature at a time for each patient: no draft but this one is open. Whether anything
    # has changed is asked only then, or somebody who signs the same at this moment would count as a change.
    locked = Draft.objects.select_for_update().get(patient_id=patient_id, pk=view.draft_id)
    first = _signed_before(patient_id, composition_id, request_key)
    if first is not None:
        return first
    if locked.state != "open":
        raise DraftClosed("Another composition of this draft was signed, or it was set aside.")
    library = _fresh(actor, view, locked)
    words = check_acknowledged(view.review, acknowledged)
    overrides = tuple(zip(view.overrides, check_reasons(view.overrides, reasons or {}), strict=True))
    starts = _start(starts_on, locked.site_id)
    protocol = _keep(actor, view, locked, words, overrides, request_key, starts, library)
    locked.state, locked.changed_at = "signed", clock.now()
    locked.save(update_fields=["state", "changed_at"])
    for task, key in tasks_of(actor, protocol, view, library):
        file_task(actor=actor, patient_id=patient_id, request_key=key, **asdict(task))
    access.record_write(actor, "protocols.signed", patient_id=patient_id, subject=str(protocol.pk))
    outbox.publish(actor, ProtocolSigned(patient_id=patient_id, protocol_id=protocol.pk))
    return protocol.pk


def check_proven(view: CompositionView) -> None:
    """
    Let a composition pass whose plan is proven to be the best.

    Raises:
        Infeasible, NotProven: it is not.
    """
    if view.plan.status is Status.INFEASIBLE:
        raise Infeasible("These demands cannot all be met; there is no plan to sign.")
    if view.plan.status is not Status.PROVEN:
        raise NotProven("It is not proven that no better plan exists. Compose again.")


def _signed_before(patient_id: UUID, composition_id: UUID, request_key: UUID) -> UUID | None:
    """What this composition or this request signed already."""
    rows = SignedProtocol.objects.filter(patient_id=patient_id)
    by_request = rows.filter(request_key=request_key).values_list("pk", "composition_id").first()
    if by_request is not None and by_request[1] != composition_id:
        raise RequestKeyReused("This request signed something else before; nothing was changed.")
    if by_request is not None:
        return by_request[0]
    return rows.filter(composition_id=composition_id).values_list("pk", flat=True).first()


def _fresh(actor: Actor, view: CompositionView, draft: Draft) -> Library:
    """
    The library that the composition was made with, which is in force still.

    Raises:
        StaleComposition: something has changed since it was composed.
    """
    considered = consider(actor, draft_view_of(draft))
    if view.basis_sha256 != considered.basis_sha256:
        raise StaleComposition(
            "The record, the shelf, the catalog or the draft has changed since this was composed."
            " Compose again; nothing was signed."
        )
    return considered.library


def _start(asked: date | None, site_id: UUID) -> date:
    today = site_day(site_id)
    if asked is None:
        return today
    if not today <= asked <= today + LATEST_START:
        raise Invalid("It starts today or within the next 90 days.", field="starts_on")
    return asked


def _keep(
    actor: Actor,
    view: CompositionView,
    draft: Draft,
    words: Mapping[str, str],
    overrides: Overrides,
    request_key: UUID,
    starts_on: date,
    library: Library,
) -> SignedProtocol:
    """
    The signed protocol, its lines and what was decided otherwise. Whatever was in force before ends, on
    whatever row of the person it was signed: two would be taken side by side.
    """
    rows = SignedProtocol.objects.filter(patient__in=list(rows_of_persons([view.patient_id])))
    in_force = list(rows.select_for_update().filter(ended_at__isnull=True).order_by("patient_id"))
    number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
    for each in in_force:
        _end(actor, each, "superseded", f"Superseded by protocol {number}.")
    before = next((each for each in in_force if each.patient_id == view.patient_id), None)
    protocol = new_protocol(
        actor,
        view,
        draft,
        words,
        request_key,
        starts_on,
        library=library,
        number=number,
        supersedes_id=before.pk if before else None,
        overrides=overrides,
    )
    protocol.save(force_insert=True)
    ProtocolLine.objects.bulk_create(new_lines(protocol, view.lines))
    ProtocolOverride.objects.bulk_create(new_overrides(protocol, overrides))
    return protocol


def new_protocol(
    actor: Actor,
    view: CompositionView,
    draft: Draft,
    words: Mapping[str, str],
    request_key: UUID,
    starts_on: date,
    *,
    library: Library,
    number: int,
    supersedes_id: UUID | None,
    overrides: Overrides = (),
) -> SignedProtocol:
    """The row of a protocol that the actor signs now; not stored yet."""
    now, masters = clock.now(), masters_of(library, view)
    content = content_of(
        Signature(
            patient_id=view.patient_id,
            composition_id=view.id,
            site_id=draft.site_id,
            number=number,
            starts_on=starts_on,
            signed_by=actor.user_id,
            signer_name=actor.name,
            signed_at=now,
            acknowledged=words,
            overrides=overrides,
        ),
        problem=view.problem,
        plan=view.plan,
        situation=view.situation,
        lines=view.lines,
        items=view.review,
        masters=masters,
    )
    return SignedProtocol(
        id=uuid7(),
        patient_id=view.patient_id,
        composition_id=view.id,
        supersedes_id=supersedes_id,
        site_id=draft.site_id,
        number=number,
        content=content,
        content_sha256=digest_of(content),
        masters=[
            {
                "key": each.key,
                "version": each.version,
                "phase": each.phase,
                "sha256": library.digests[each.key],
            }
            for each in masters
        ],
        days=view.problem.days,
        starts_on=starts_on,
        opened_at=draft.opened_at,
        signed_by_id=actor.user_id,
        signed_at=now,
        request_key=request_key,
    )


def new_lines(protocol: SignedProtocol, lines: Sequence[PlanLine]) -> list[ProtocolLine]:
    """The rows of its lines; not stored yet."""
    return [
        ProtocolLine(
            id=uuid7(),
            patient_id=protocol.patient_id,
            protocol_id=protocol.pk,
            position=position,
            product_id=UUID(line.product_id),
            product_key=line.product_key,
            product_name=line.name,
            layer=line.layer,
            moments=[{"moment": moment, "units": units} for moment, units in line.moments],
            units_a_day=line.units_a_day,
            unit_name=line.unit_name,
            days=protocol.days,
            containers=line.containers,
            units_per_container=line.units_per_container,
            container_cents=line.container_cents,
            reasons=list(line.reasons),
            fact_keys=list(line.fact_keys),
        )
        for position, line in enumerate(lines)
    ]


def new_overrides(protocol: SignedProtocol, overrides: Overrides) -> list[ProtocolOverride]:
    """The rows of what its signer decided otherwise; not stored yet."""
    return [
        ProtocolOverride(
            id=uuid7(),
            patient_id=protocol.patient_id,
            protocol_id=protocol.pk,
            position=position,
            kind=override.kind,
            product_key=override.product_key,
            layer=override.layer,
            master_keys=list(override.master_keys),
            text=override.text,
            reason=reason.code,
            words=reason.words,
        )
        for position, (override, reason) in enumerate(overrides)
    ]


def tasks_of(
    actor: Actor, protocol: SignedProtocol, view: CompositionView, library: Library
) -> Iterator[tuple[NewTask, UUID]]:
    """What is to be watched of a protocol: tasks of its signer, each with the request that files it."""
    for watch in watches_of(view.plan, view.situation, masters_of(library, view), days=view.problem.days):
        due = f"Protocol {protocol.number}, {watch.after_days} days from its start."
        task = NewTask(
            title=title_of(watch),
            kind="monitoring",
            detail=f"{watch.text.rstrip('.')}. {due}",
            owner_id=actor.user_id,
            due_on=protocol.starts_on + timedelta(days=watch.after_days),
            next_action=watch.next_action[:200],
            source_kind="protocol",
            source_id=protocol.pk,
        )
        yield task, uuid.uuid5(_TASKS, f"{protocol.pk}/{watch.key}")


@transaction.atomic
def end_protocol(*, actor: Actor, patient_id: UUID, protocol_id: UUID, reason: str) -> None:
    """
    End a protocol: it is no longer what the patient takes. Ending it again changes nothing.

    Its open tasks are dismissed with it.

    Raises:
        Forbidden: the actor signs no protocols.
        NotFound: no such protocol of a patient within reach.
        Invalid: no reason, or one of more than 300 characters.
    """
    require_reach(actor, patient_id, SIGN)
    words = reason.strip()
    if not words:
        raise Invalid("Say why it ends.", field="reason")
    if len(words) > LONGEST_REASON:
        raise Invalid(f"At most {LONGEST_REASON} characters.", field="reason")
    rows = SignedProtocol.objects.select_for_update()
    row = rows.filter(patient_id=patient_id, pk=protocol_id).first()
    if row is None:
        raise NotFound("protocol")
    if row.ended_at is None:
        _end(actor, row, "ended", words)


def _ended_text(number: int, reason: str) -> str:
    """Why a task of a protocol that was ended need not be done."""
    said = f"Protocol {number} was ended: {reason}"
    return said if len(said) <= LONGEST_REASON else f"{said[: LONGEST_REASON - 1]}…"


def _end(actor: Actor, row: SignedProtocol, ending: str, reason: str) -> None:
    row.ended_at, row.ended_by_id, row.ending, row.end_reason = clock.now(), actor.user_id, ending, reason
    row.save(update_fields=["ended_at", "ended_by", "ending", "end_reason"])
    access.record_write(actor, f"protocols.{ending}", patient_id=row.patient_id, subject=str(row.pk))
    # What was to be watched of it is watched no longer; a newer protocol has tasks of its own.
    dismiss_tasks_of(
        actor=actor,
        patient_id=row.patient_id,
        source_kind="protocol",
        source_id=row.pk,
        reason=reason if ending == "superseded" else _ended_text(row.number, reason),
    )
    outbox.publish(actor, ProtocolEnded(patient_id=row.patient_id, protocol_id=row.pk))
