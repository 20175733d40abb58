"""What follows, for patients, from facts that happened."""

from __future__ import annotations

from willowbark.foundation.authorisation import Actor
from willowbark.patients.events import PatientRegistered
from willowbark.patients.services.matching import match_newcomer


def match_registered(actor: Actor, event: PatientRegistered) -> None:
    """
    Find out whether whom staff registered is known already.

    The system does it, since the person at the desk may not reach the patients of other sites.
    """
    match_newcomer(actor=actor, patient_id=event.patient_id)
