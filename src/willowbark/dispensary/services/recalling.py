"""Ask for what was handed out and is recalled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid5

from django.db import transaction

from willowbark.dispensary.models import DispensedLine
from willowbark.foundation import access, clock
from willowbark.foundation.authorisation import Actor, require
from willowbark.inventory.selectors import RecallView, recall, site_day
from willowbark.practice.selectors import holders
from willowbark.worklist.core.filing import NewTask
from willowbark.worklist.selectors import owners_of
from willowbark.worklist.services import Filing, dismiss_open_of, file_tasks

READ = "dispensary.read"
# What was handed out longer ago is used up, or past its day.
LOOK_BACK = timedelta(days=730)
_LIFTED = "The recall was lifted."


@transaction.atomic
def ask_back(*, actor: Actor, recall_id: UUID) -> tuple[UUID, ...]:
    """
    File a task for each patient to whom something was handed out that is recalled, due today; the tasks.

    Whoever handed it out last is asked, or else the first at that site who hands out and works with tasks; of
    a patient whom nobody could be asked about, none is filed. Doing it again files nothing. A recall that was
    lifted closes what is still open.

    Raises:
        Forbidden: the actor reads not what was handed out, or files no tasks.
        NotFound: no such recall.
    """
    require(actor, READ)
    seen = recall(actor, recall_id)
    if seen.is_lifted:
        dismiss_open_of(actor=actor, source_kind="recall", source_id=seen.id, reason=_LIFTED)
        return ()
    lines = _handed_out(seen)
    if not lines:
        return ()
    access.record_list(actor, "dispensary.recalled_read", patient_ids=list(lines))
    able = owners_of(lines)
    asked = {
        site_id: holders(actor, site_id, "dispensary.dispense", "tasks.write") for site_id in _sites(lines)
    }
    filings = []
    for patient_id, theirs in lines.items():
        last = theirs[-1].dispensing
        wanted = (last.by_id, *asked[last.site_id])
        owner = next((one for one in wanted if one in able[patient_id]), None)
        if owner is not None:
            filings.append(Filing(patient_id, _task(seen, theirs, owner), uuid5(seen.id, str(patient_id))))
    return file_tasks(actor=actor, filings=filings)


def _handed_out(seen: RecallView) -> dict[UUID, list[DispensedLine]]:
    """What was handed out of it and not taken back, by patient, the last at the end."""
    rows = DispensedLine.objects.filter(
        product_id__in=seen.product_ids,
        dispensing__taken_back_at__isnull=True,
        dispensing__at__gte=clock.now() - LOOK_BACK,
    )
    if seen.lot_numbers:
        rows = rows.filter(lot_number__in=seen.lot_numbers)
    found: dict[UUID, list[DispensedLine]] = {}
    for line in rows.select_related("dispensing").order_by("patient_id", "dispensing__at", "id"):
        found.setdefault(line.patient_id, []).append(line)
    return found


def _sites(lines: dict[UUID, list[DispensedLine]]) -> set[UUID]:
    return {theirs[-1].dispensing.site_id for theirs in lines.values()}


def _task(seen: RecallView, theirs: Sequence[DispensedLine], owner_id: UUID) -> NewTask:
    lots = ", ".join(sorted({line.lot_number for line in theirs}))
    containers = sum(line.containers for line in theirs)
    last = theirs[-1].dispensing
    detail = (
        f"{containers} of {seen.product_name}, lot {lots}, handed out by {last.at.date().isoformat()}."
        f" {seen.reason.rstrip('.')} ({seen.source_text})."
    )
    return NewTask(
        title=f"Recalled: {seen.product_name}, lot {lots}"[:200],
        kind="recall",
        detail=detail[:2000],
        owner_id=owner_id,
        due_on=site_day(last.site_id),
        next_action="Tell the patient to stop it, and take back what is left.",
        source_kind="recall",
        source_id=seen.id,
    )
