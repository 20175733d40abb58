"""Who cares for a patient: what opens the record to them."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from willowbark.foundation import access, clock, outbox
from willowbark.foundation.authorisation import Actor
from willowbark.kernel.errors import Invalid, NotFound
from willowbark.patients.events import CareBegan
from willowbark.patients.models import CareRelationship
from willowbark.patients.selectors import require_reach
from willowbark.practice.selectors import require_staff


@transaction.atomic
def begin_care(*, actor: Actor, patient_id: UUID, staff_id: UUID, kind: str) -> CareRelationship:
    """
    Put someone into a patient's care team. Doing so again changes nothing.

    Whoever reaches only the patients in their care may add others to those; whom they have just
    registered themselves counts, until somebody cares for that patient.

    Raises:
        Forbidden: the actor may not say who cares for patients.
        Invalid: no such kind of care.
        NotFound: no such patient within reach, or nobody active who works here under this id.
    """
    require_reach(actor, patient_id, "patients.write")
    if kind not in {"primary", "team"}:
        raise Invalid("care is primary or team", field="kind")
    require_staff(staff_id)
    made, is_new = CareRelationship.objects.get_or_create(
        patient_id=patient_id,
        staff_id=staff_id,
        ended_at=None,
        defaults={"kind": kind, "started_at": clock.now()},
    )
    if is_new:
        access.record_write(actor, "patients.care_began", patient_id=patient_id, subject=str(staff_id))
        outbox.publish(actor, CareBegan(patient_id=patient_id, staff_id=staff_id))
    return made


@transaction.atomic
def end_care(*, actor: Actor, patient_id: UUID, staff_id: UUID) -> None:
    """
    Take someone out of a patient's care team, from now on.

    Raises:
        Forbidden: the actor may not say who cares for patients.
        NotFound: no such patient within reach, or nobody such in the team.
    """
    require_reach(actor, patient_id, "patients.write")
    in_force = CareRelationship.objects.filter(
        patient_id=patient_id, staff_id=staff_id, ended_at__isnull=True
    )
    access.record_write(actor, "patients.care_ended", patient_id=patient_id, subject=str(staff_id))
    if not in_force.update(ended_at=clock.now()):
        raise NotFound("care relationship")
