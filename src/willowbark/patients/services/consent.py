"""What a patient agrees to."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from willowbark.foundation import access, clock
from willowbark.foundation.authorisation import Actor
from willowbark.kernel.errors import Conflict, Invalid, NotFound
from willowbark.patients.models import Consent
from willowbark.patients.selectors import require_reach, rows_of_person

SCOPES = ("treatment", "data_processing", "messaging", "research")


@transaction.atomic
def give_consent(
    *, actor: Actor, patient_id: UUID, scope: str, wording: str, given_at: datetime | None = None
) -> Consent:
    """
    Write down that a patient agreed to something, in these words. `given_at` defaults to now.

    Raises:
        Forbidden: the actor may not write patients.
        NotFound: no such patient within reach.
        Invalid: no such scope, no words, or an instant in the future.
        Conflict: a consent of this scope is in force; withdraw it first.
    """
    require_reach(actor, patient_id, "patients.write")
    at = given_at or clock.now()
    if scope not in SCOPES:
        raise Invalid(f"consent is to one of {', '.join(SCOPES)}", field="scope")
    if not wording.strip() or len(wording) > 300 or "\0" in wording:
        raise Invalid("what the patient agreed to takes 1 to 300 characters", field="wording")
    if at > clock.now():
        raise Invalid("consent cannot be given in the future", field="given_at")
    access.record_write(actor, "patients.consent_given", patient_id=patient_id, subject=scope)
    try:
        with transaction.atomic():
            return Consent.objects.create(
                patient_id=patient_id, scope=scope, wording=wording, given_at=at, recorded_by_id=actor.user_id
            )
    except IntegrityError as error:
        raise Conflict(f"consent to {scope} is in force already") from error


@transaction.atomic
def withdraw_consent(*, actor: Actor, patient_id: UUID, scope: str) -> None:
    """
    Write down that a patient withdrew what they had agreed to.

    Raises:
        Forbidden: the actor may not write patients.
        NotFound: no such patient within reach, or no such consent in force.
    """
    require_reach(actor, patient_id, "patients.write")
    access.record_write(actor, "patients.consent_withdrawn", patient_id=patient_id, subject=scope)
    in_force = Consent.objects.filter(
        patient__in=rows_of_person(patient_id), scope=scope, withdrawn_at__isnull=True
    )
    if not in_force.update(withdrawn_at=clock.now()):
        raise NotFound("consent")
