"""Ask for what was handed out and is recalled, and say who was told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID, uuid5

from django.db import transaction

from willowbark.dispensary.core.due import checked_text
from willowbark.dispensary.core.recalling import SAYABLE, SETTLED
from willowbark.dispensary.events import RECALLS, RecallContactSaid
from willowbark.dispensary.models import DispensedLine, RecallContact
from willowbark.dispensary.selectors.recalled import CONTACT, given_lines
from willowbark.foundation import access, clock, live, outbox
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.ids import uuid7
from willowbark.inventory.selectors import RecallView, recall, site_day
from willowbark.kernel.errors import Conflict, Invalid, NotFound
from willowbark.patients.selectors import require_reach
from willowbark.practice.selectors import holders
from willowbark.worklist.core.filing import NewTask
from willowbark.worklist.selectors import owners_of
from willowbark.worklist.services import (
    Filing,
    dismiss_open_of,
    file_tasks,
    finish_tasks_of,
    reopen_tasks_of,
)

READ = "dispensary.read"
TASK = "recall"
BATCH = 500


@transaction.atomic
def ask_back(*, actor: Actor, recall_id: UUID) -> tuple[UUID, ...]:
    """
    Have each patient told to whom something was handed out that is recalled, by a task; the tasks.

    Whoever handed it out last is asked, or else the first at that site who hands out and works with tasks; a
    patient whom nobody could be asked about is on the recall's list all the same. The task is due as the
    recall's class says. Doing it again files nothing. A recall that was lifted closes what is still open.

    Raises:
        Forbidden: the actor reads not what was handed out, tells no patients, or files no tasks.
        NotFound: no such recall.
    """
    require(actor, READ)
    seen = recall(actor, recall_id)
    live.publish(RECALLS, {})
    if seen.is_lifted:
        why = f"The recall was lifted: {seen.lift_reason}"[:300]
        dismiss_open_of(actor=actor, source_kind=TASK, source_id=seen.id, reason=why)
        return ()
    lines = _handed_out(seen)
    if not lines:
        return ()
    access.record_list(actor, "dispensary.recalled_read", patient_ids=list(lines))
    RecallContact.objects.bulk_create(_contacts(actor, seen, lines), batch_size=BATCH, ignore_conflicts=True)
    access.record_writes(actor, "dispensary.recall_contact_asked", patient_ids=list(lines))
    # As they stand: who was on the list before keeps what was asked about them.
    rows = RecallContact.objects.filter(recall=seen.id, patient__in=list(lines))
    return file_tasks(
        actor=actor,
        filings=[
            Filing(row.patient_id, _task(seen, row, row.asked_id), uuid5(seen.id, str(row.patient_id)))
            for row in rows.order_by("pk")
            if row.asked_id is not None
        ],
    )


def _handed_out(seen: RecallView) -> dict[UUID, list[DispensedLine]]:
    """What was handed out of it and not taken back, by patient, the last at the end."""
    rows = given_lines(seen.product_ids, seen.lot_numbers).select_related("dispensing")
    found: dict[UUID, list[DispensedLine]] = {}
    for line in rows.order_by("patient_id", "dispensing__at", "id"):
        found.setdefault(line.patient_id, []).append(line)
    return found


def _contacts(
    actor: Actor, seen: RecallView, lines: Mapping[UUID, Sequence[DispensedLine]]
) -> list[RecallContact]:
    able = owners_of(lines)
    sites = {theirs[-1].dispensing.site_id for theirs in lines.values()}
    asked = {site_id: holders(actor, site_id, "dispensary.dispense", "tasks.write") for site_id in sites}
    days = {site_id: site_day(site_id) for site_id in sites}
    within = timedelta(days=seen.recall_class.within_days)
    rows = []
    for patient_id, theirs in lines.items():
        last = theirs[-1].dispensing
        wanted = (last.by_id, *asked[last.site_id])
        rows.append(
            RecallContact(
                id=uuid7(),
                patient_id=patient_id,
                recall_id=seen.id,
                lot_numbers=sorted({line.lot_number for line in theirs}),
                containers=sum(line.containers for line in theirs),
                given_at=last.at,
                asked_id=next((one for one in wanted if one in able[patient_id]), None),
                due_on=days[last.site_id] + within,
            )
        )
    return rows


def _task(seen: RecallView, row: RecallContact, owner_id: UUID) -> NewTask:
    lots = ", ".join(row.lot_numbers)
    detail = (
        f"{row.containers} of {seen.product_name}, lot {lots}, handed out by"
        f" {row.given_at.date().isoformat()}. {seen.reason.rstrip('.')} ({seen.source_text})."
        f" {seen.recall_class.label}."
    )
    return NewTask(
        title=f"Recalled: {seen.product_name}, lot {lots}"[:200],
        kind=TASK,
        detail=detail[:2000],
        owner_id=owner_id,
        due_on=row.due_on,
        next_action="Tell the patient to stop it, and take back what is left.",
        source_kind=TASK,
        source_id=seen.id,
    )


@transaction.atomic
def say_contact(*, actor: Actor, patient_id: UUID, recall_id: UUID, state: str, note: str = "") -> None:
    """
    Say of a patient that they were told (`contacted`), brought it back (`returned`) or were not reached.

    Saying the same again changes nothing. Their task follows: it is done with the first two, and open else.

    Raises:
        Forbidden: the actor tells no patients of recalls.
        NotFound: no such patient within reach, or they were not given what this recall is about.
        Invalid: none of the three, or a note of more than 300 characters.
        Conflict: the recall was lifted.
    """
    row = _locked(actor, patient_id, recall_id)
    if state not in SAYABLE:
        raise Invalid("Say how it went.", field="state")
    words = checked_text(note)
    if (row.state, row.note) == (state, words):
        return
    _write(actor, row, state, row.state, words)


@transaction.atomic
def undo_contact(*, actor: Actor, patient_id: UUID, recall_id: UUID) -> None:
    """
    Take back what was said last; once, and not what was said before that.

    Raises:
        Forbidden: the actor tells no patients of recalls.
        NotFound: no such patient within reach, or they were not given what this recall is about.
        Conflict: nothing was said, or it was taken back already; the recall was lifted.
    """
    row = _locked(actor, patient_id, recall_id)
    if not row.state_before:
        raise Conflict("There is nothing to take back.")
    _write(actor, row, row.state_before, "", "")


def _locked(actor: Actor, patient_id: UUID, recall_id: UUID) -> RecallContact:
    require_reach(actor, patient_id, CONTACT)
    rows = RecallContact.objects.select_for_update(no_key=True, of=("self",))
    row = rows.filter(patient=patient_id, recall=recall_id).first()
    if row is None:
        raise NotFound("recall")
    if recall(actor, recall_id).is_lifted:
        raise Conflict("This recall was lifted: nobody need be told any more.")
    return row


def _write(actor: Actor, row: RecallContact, state: str, before: str, note: str) -> None:
    access.record_write(
        actor, f"dispensary.recall_{state}", patient_id=row.patient_id, subject=str(row.recall_id)
    )
    row.state, row.state_before, row.note = state, before, note
    row.said_at, row.said_by_id = clock.now(), actor.user_id
    row.save(update_fields=["state", "state_before", "note", "said_at", "said_by"])
    outbox.publish(actor, RecallContactSaid(patient_id=row.patient_id, recall_id=row.recall_id))


@transaction.atomic
def follow_contact(*, actor: Actor, patient_id: UUID, recall_id: UUID) -> None:
    """
    Have a patient's task of a recall follow what stands on the recall's list now.

    Raises:
        Forbidden: the actor tells no patients of recalls, or changes no tasks.
        NotFound: no such patient within reach, or they were not given what this recall is about.
    """
    require_reach(actor, patient_id, CONTACT)
    row = RecallContact.objects.filter(patient=patient_id, recall=recall_id).first()
    if row is None:
        raise NotFound("recall")
    follow = finish_tasks_of if row.state in SETTLED else reopen_tasks_of
    follow(actor=actor, patient_id=patient_id, kind=TASK, source_id=recall_id)
    live.publish(RECALLS, {})
