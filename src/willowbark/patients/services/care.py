"""Who cares for a patient: what opens the record to them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from willowbark.foundation import access, clock, outbox
from willowbark.foundation.authorisation import Actor
from willowbark.kernel.errors import Conflict, Invalid, NotFound
from willowbark.patients.events import CareBegan
from willowbark.patients.models import CareRelationship, Patient
from willowbark.patients.selectors import require_reach, rows_of_person
from willowbark.practice.selectors import require_staff, writes_charts

# Later than this, an ending is a fact that others have acted on: care begins anew instead.
RESUMED_WITHIN = timedelta(hours=1)


@transaction.atomic
def begin_care(*, actor: Actor, patient_id: UUID, staff_id: UUID, kind: str) -> CareRelationship:
    """
    Put someone into a patient's care team. Doing so again changes nothing.

    Whoever reaches only the patients in their care may add others to those; whom they have just
    registered themselves counts, until somebody cares for that patient. A new primary practitioner
    takes the place of the one before, who stays in the team.

    Raises:
        Forbidden: the actor may not say who cares for patients.
        Invalid: no such kind of care, or a primary practitioner who may not write charts.
        NotFound: no such patient within reach, or nobody active who works here under this id.
    """
    require_reach(actor, patient_id, "patients.write")
    if kind not in {"primary", "team"}:
        raise Invalid("Care is as the primary practitioner or in the team.", field="kind")
    require_staff(staff_id)
    made, is_new = CareRelationship.objects.get_or_create(
        patient_id=patient_id,
        staff_id=staff_id,
        ended_at=None,
        defaults={"kind": "team", "started_at": clock.now()},
    )
    if not is_new:
        return made
    access.record_write(actor, "patients.care_began", patient_id=patient_id, subject=str(staff_id))
    outbox.publish(actor, CareBegan(patient_id=patient_id, staff_id=staff_id))
    if kind == "primary":
        _put_first(patient_id, staff_id)
        made.kind = "primary"
    return made


@transaction.atomic
def make_primary(*, actor: Actor, patient_id: UUID, staff_id: UUID) -> None:
    """
    Make someone of the care team the primary practitioner; who was so before stays in the team.

    Raises:
        Forbidden: the actor may not say who cares for patients.
        Invalid: this person may not write charts.
        NotFound: no such patient within reach, or nobody such in the team.
    """
    require_reach(actor, patient_id, "patients.write")
    require_staff(staff_id)
    access.record_write(actor, "patients.primary_changed", patient_id=patient_id, subject=str(staff_id))
    _put_first(patient_id, staff_id)


@transaction.atomic
def end_care(*, actor: Actor, patient_id: UUID, staff_id: UUID) -> list[UUID]:
    """
    Take someone out of a patient's care team, from now on; returns the relationships that ended.

    Raises:
        Forbidden: the actor may not say who cares for patients.
        NotFound: no such patient within reach, or nobody such in the team.
    """
    require_reach(actor, patient_id, "patients.write")
    in_force = CareRelationship.objects.filter(
        patient__in=rows_of_person(patient_id), staff_id=staff_id, ended_at__isnull=True
    )
    ended = list(in_force.order_by("id").values_list("pk", flat=True))
    access.record_write(actor, "patients.care_ended", patient_id=patient_id, subject=str(staff_id))
    if not in_force.update(ended_at=clock.now()):
        raise NotFound("care relationship")
    return ended


@transaction.atomic
def resume_care(*, actor: Actor, patient_id: UUID, care_ids: Collection[UUID]) -> None:
    """
    Take back within an hour that someone's care ended, as if it had not. Doing so again changes nothing.

    Somebody who was made the primary practitioner in the meantime stays so.

    Raises:
        Forbidden: the actor may not say who cares for patients.
        NotFound: no such patient within reach, no such relationships, or their person has left.
        Conflict: they ended longer ago.
    """
    require_reach(actor, patient_id, "patients.write")
    of_person = CareRelationship.objects.filter(patient__in=rows_of_person(patient_id))
    found = list(of_person.filter(pk__in=care_ids).order_by("id"))
    if not found or len(found) < len(care_ids):
        raise NotFound("care relationship")
    in_force = of_person.filter(ended_at__isnull=True)
    for care in found:
        require_staff(care.staff_id)
        again = in_force.filter(staff_id=care.staff_id, patient_id=care.patient_id)
        if care.ended_at is None or again.exists():
            continue
        if clock.now() - care.ended_at > RESUMED_WITHIN:
            raise Conflict("This care ended longer ago. Let it begin anew instead.")
        if in_force.filter(kind="primary").exclude(staff_id=care.staff_id).exists():
            care.kind = "team"
        care.ended_at = None
        care.save(update_fields=["kind", "ended_at"])
        access.record_write(actor, "patients.care_resumed", patient_id=patient_id, subject=str(care.staff_id))
        outbox.publish(actor, CareBegan(patient_id=patient_id, staff_id=care.staff_id))


def _put_first(patient_id: UUID, staff_id: UUID) -> None:
    """One at a time for each patient, so that two who are put first at once are not both so."""
    if not Patient.objects.select_for_update(no_key=True).filter(pk=patient_id).values("pk").first():
        raise NotFound("patient")
    if not writes_charts(staff_id):
        raise Invalid("The primary practitioner is somebody whose role writes charts.", field="kind")
    in_force = CareRelationship.objects.filter(patient__in=rows_of_person(patient_id), ended_at__isnull=True)
    in_force.filter(kind="primary").exclude(staff_id=staff_id).update(kind="team")
    if not in_force.filter(staff_id=staff_id).update(kind="primary"):
        raise NotFound("care relationship")
