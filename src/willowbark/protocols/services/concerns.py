"""Keep what speaks against protocols in force, each with the task of somebody who looks at it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID, uuid5

from django.db import transaction

from willowbark.foundation import access, clock, outbox
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.ids import uuid7
from willowbark.inventory.selectors import site_day
from willowbark.practice.selectors import holders
from willowbark.protocols.core.concerns import DUE_DAYS, Concern
from willowbark.protocols.events import ConcernsChanged
from willowbark.protocols.models import ProtocolConcern, SignedProtocol
from willowbark.worklist.core.filing import NewTask
from willowbark.worklist.selectors import owners_of
from willowbark.worklist.services import Filing, dismiss_open, file_tasks, reopen_dismissed

RECHECK = "protocols.recheck"
# A task about a concern has a key made of both, so none is filed twice and none that was dismissed returns.
_TASKS = UUID("0e7a2b0c-6a53-4d0e-9a1f-5f9a2f0d7b64")
_TITLES = {"contraindicated": "Stop or change", "major": "Look at today", "": "Check by hand"}
_NEXT = "Read what changed, then keep the protocol with a reason, change it, or end it."
_GONE = "It is no longer so."
BATCH = 500

Found = Sequence[tuple[SignedProtocol, Sequence[Concern]]]


@dataclass(slots=True)
class _Sorted:
    """Concerns that are new, that are there again, that weigh otherwise, and rows of those that are gone."""

    new: list[tuple[SignedProtocol, Concern]] = field(default_factory=list)
    back: list[ProtocolConcern] = field(default_factory=list)
    ranked: list[ProtocolConcern] = field(default_factory=list)
    gone: list[ProtocolConcern] = field(default_factory=list)


@transaction.atomic
def keep_concerns(*, actor: Actor, found: Found, about: Collection[str] | None = None) -> tuple[UUID, ...]:
    """
    Keep what was found against protocols now, close what is gone; the ids of what is new.

    With `about`, only what these facts said before can be gone. What is new becomes a task of who signed, or
    else of the first who signs there and reaches the patient; of nobody, where there is none. A task that was
    closed because it was no longer so is opened again when it is; what somebody dismissed stays dismissed.

    Raises:
        Forbidden: the actor checks no protocols anew.
    """
    require(actor, RECHECK)
    work = _sorted_out(found, about)
    made = _store_new(actor, work.new)
    _store_known(actor, work)
    changed = {(each.patient_id, each.protocol_id) for each in (*made, *work.back, *work.gone)}
    if changed:
        access.record_writes(
            actor, "protocols.concerns_kept", patient_ids=sorted({one for one, _ in changed})
        )
        outbox.publish_all(
            actor,
            [ConcernsChanged(patient_id=one, protocol_id=other) for one, other in sorted(changed)],
        )
    return tuple(each.pk for each in (*made, *work.back))


def _sorted_out(found: Found, about: Collection[str] | None) -> _Sorted:
    rows = ProtocolConcern.objects.filter(
        patient__in=[protocol.patient_id for protocol, _ in found],
        protocol__in=[protocol.pk for protocol, _ in found],
    ).order_by("found_at", "id")
    if about is not None:
        rows = rows.filter(fact_key__in=about)
    known = {(row.protocol_id, row.key, row.facts_sha256): row for row in rows}
    work = _Sorted()
    standing = set()
    for protocol, concerns in found:
        for each in concerns:
            identity = protocol.pk, each.key, each.facts_sha256
            standing.add(identity)
            if identity not in known:
                work.new.append((protocol, each))
                continue
            row = known[identity]
            if row.gone_at is not None:
                work.back.append(row)
            if (row.weight, row.because) != (each.rank.weight, each.rank.because):
                row.weight, row.because = each.rank.weight, each.rank.because
                work.ranked.append(row)
    work.gone += (row for key, row in known.items() if key not in standing and row.gone_at is None)
    return work


def _store_new(actor: Actor, new: Sequence[tuple[SignedProtocol, Concern]]) -> list[ProtocolConcern]:
    if not new:
        return []
    owners = _owners(actor, [protocol for protocol, _ in new])
    days = {site_id: site_day(site_id) for site_id in {protocol.site_id for protocol, _ in new}}
    rows = [_row(protocol, concern) for protocol, concern in new]
    asked = [
        (row, _filing(protocol, concern, owner, days[protocol.site_id]))
        for row, (protocol, concern) in zip(rows, new, strict=True)
        if (owner := owners[protocol.pk]) is not None
    ]
    filed = file_tasks(actor=actor, filings=[filing for _, filing in asked])
    for (row, _), task_id in zip(asked, filed, strict=True):
        row.task_id = task_id
    return ProtocolConcern.objects.bulk_create(rows, batch_size=BATCH)


def _store_known(actor: Actor, work: _Sorted) -> None:
    now = clock.now()
    for rows, values in (
        (work.back, {"gone_at": None, "found_at": now}),
        (work.gone, {"gone_at": now}),
    ):
        ProtocolConcern.objects.filter(
            patient__in=[row.patient_id for row in rows], pk__in=[row.pk for row in rows]
        ).update(**values)
    for row in work.ranked:
        row.save(update_fields=["weight", "because"])
    reopen_dismissed(
        actor=actor,
        tasks=[(row.patient_id, row.task_id) for row in work.back if row.task_id],
        reason=_GONE,
    )
    dismiss_open(
        actor=actor,
        tasks=[(row.patient_id, row.task_id) for row in work.gone if row.task_id],
        reason=_GONE,
    )


def _owners(actor: Actor, protocols: Sequence[SignedProtocol]) -> Mapping[UUID, UUID | None]:
    """Who is asked about each: who signed, or else the first who signs there and reaches the patient."""
    able = owners_of({each.patient_id for each in protocols})
    signing = {
        site_id: holders(actor, site_id, "protocols.sign", "tasks.write")
        for site_id in {each.site_id for each in protocols}
    }
    return {
        each.pk: next(
            (one for one in (each.signed_by_id, *signing[each.site_id]) if one in able[each.patient_id]),
            None,
        )
        for each in protocols
    }


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
        weight=concern.rank.weight,
        because=concern.rank.because,
        found_at=clock.now(),
    )


def _filing(protocol: SignedProtocol, concern: Concern, owner_id: UUID, today: date) -> Filing:
    """The task about a concern."""
    said = _TITLES.get(concern.severity, "Look at")
    task = NewTask(
        title=_cut(f"{said}: protocol {protocol.number}. {concern.text}", 200),
        kind="recheck",
        detail=_cut(f"{concern.text} ({concern.rank.because.rstrip('.')}.)", 2000),
        owner_id=owner_id,
        due_on=today + timedelta(days=DUE_DAYS[concern.severity]),
        next_action=_NEXT,
        source_kind="protocol",
        source_id=protocol.pk,
    )
    key = uuid5(_TASKS, f"{protocol.pk}/{concern.key}/{concern.facts_sha256}")
    return Filing(protocol.patient_id, task, key)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
