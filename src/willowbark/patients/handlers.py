"""What follows, for patients, from facts that happened."""

from __future__ import annotations

from willowbark.foundation import live
from willowbark.foundation.authorisation import Actor
from willowbark.patients.events import (
    BREAK_GLASS_TOPIC,
    MATCHES_TOPIC,
    BreakGlassEnded,
    BreakGlassOpened,
    BreakGlassReviewed,
    MatchDecided,
    PatientRegistered,
)
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


def tell_of_opening(actor: Actor, event: BreakGlassOpened) -> None:
    """Somebody broke the glass: whoever reviews that sees it."""
    live.publish(BREAK_GLASS_TOPIC, {"glass_id": str(event.glass_id)})


def tell_of_ending(actor: Actor, event: BreakGlassEnded) -> None:
    """Access was ended: pages that it opened close."""
    live.publish(BREAK_GLASS_TOPIC, {"glass_id": str(event.glass_id)})


def tell_of_review(actor: Actor, event: BreakGlassReviewed) -> None:
    """Somebody said whether it was right."""
    live.publish(BREAK_GLASS_TOPIC, {"glass_id": str(event.glass_id)})
