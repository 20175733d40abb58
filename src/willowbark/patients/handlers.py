"""What follows, for patients, from facts that happened."""

from __future__ import annotations

from willowbark.foundation import live
from willowbark.foundation.authorisation import Actor
from willowbark.patients.events import MATCHES_TOPIC, MatchDecided, PatientRegistered
from willowbark.patients.services.matching import match_newcomer


def match_registered(actor: Actor, event: PatientRegistered) -> None:
    """
    Find out whether whom staff registered is known already.

    The system does it, since the person at the desk may not reach the patients of other sites.
    """
    if match_newcomer(actor=actor, patient_id=event.patient_id).waiting:
        live.publish(MATCHES_TOPIC, {})


def tell_open_queues(actor: Actor, event: MatchDecided) -> None:
    """Somebody decided about a pair: whoever has the queue open, or the pair, sees it."""
    live.publish(MATCHES_TOPIC, {"candidate_id": str(event.candidate_id)})
