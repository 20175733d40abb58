"""Let somebody in for hours who does not reach a patient; end that; say afterwards whether it was right."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from willowbark.foundation import access, clock, outbox
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Conflict, DomainError, Invalid, NotFound, RequestKeyReused
from willowbark.patients.core.break_glass import (
    REASONS,
    SHORTEST_IDENTIFIER,
    VERDICTS,
    checked_hours,
    checked_words,
)
from willowbark.patients.core.names import name_key
from willowbark.patients.events import BreakGlassEnded, BreakGlassOpened, BreakGlassReviewed
from willowbark.patients.models import BreakGlassReview, BreakGlassRule
from willowbark.patients.selectors.break_glass import Sought, find_glass, found_exactly
from willowbark.patients.selectors.numbers import indexes_of

LOOKUPS_AN_HOUR = 20


class LookedUpTooOften(DomainError):
    """Whoever looks for one person does not look for twenty in an hour."""

    code = "too_many"


class OpenAlready(Conflict):
    """The glass is broken already, and is not made to last longer: one asks again when it is over."""

    code = "open_already"


class NotNeeded(Conflict):
    """The chart is open to this person anyway."""

    code = "not_needed"


class OwnToReview(Conflict):
    """Nobody reviews what they did themselves."""

    code = "own_review"


def look_up_exactly(
    *, actor: Actor, family: str = "", given: str = "", birth_date: date | None = None, number: str = ""
) -> tuple[Sought, ...]:
    """
    Find whoever has exactly this name and birth date, or this number, within reach or not; at most five.

    A given name may be the first of several. The look-up is counted and logged, without what was typed, and
    so is everybody found; also where it then refuses, so the caller must not roll back.

    Raises:
        Forbidden: the actor may not break the glass.
        Invalid: neither a number of four characters nor a whole name with a birth date.
        LookedUpTooOften: twenty look-ups within an hour.
    """
    require(actor, "patients.break_glass")
    number, key = number.strip(), name_key(family, given)
    if number and len(number) < SHORTEST_IDENTIFIER:
        raise Invalid(f"A number has at least {SHORTEST_IDENTIFIER} characters.", field="number")
    if not number:
        for field, words in (("family", family), ("given", given)):
            if not name_key(words, "").strip():
                raise Invalid("Give the whole name and the birth date, or a number.", field=field)
        if birth_date is None:
            raise Invalid("Give the birth date too: a name alone finds nobody.", field="birth_date")
    sealed = indexes_of([number]) if number else []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT outcome, the_patient FROM willow_find_exactly(%s, %s, %s, %s::text[], %s::text[], %s)",
            [
                key,
                birth_date,
                number,
                [system for system, _ in sealed],
                [index for _, index in sealed],
                LOOKUPS_AN_HOUR,
            ],
        )
        rows = cursor.fetchall()
    if rows and rows[0][0] == "too often":
        raise LookedUpTooOften("You have looked for many people within an hour. Wait, or ask the owner.")
    return found_exactly(actor, [patient_id for _, patient_id in rows])


@transaction.atomic
def break_glass(*, actor: Actor, patient_id: UUID, reason_code: str, reason: str, request_key: UUID) -> UUID:
    """
    Let the actor in to a patient whom they named exactly a moment ago, for the practice's hours; its id.

    They reach the patient with the permissions of the role that may break the glass, without those in
    `NEVER_OPENED`. Repeating `request_key` opens nothing and returns the first, even where it is over.

    Raises:
        Forbidden: the actor may not break the glass.
        Invalid: no such reason, or fewer than 10 or more than 500 characters in words.
        NotFound: the actor has not looked this patient up exactly within fifteen minutes.
        OpenAlready: it is open; `NotNeeded`: the chart is open to them anyway.
        RequestKeyReused: the key came before with another reason.
    """
    require(actor, "patients.break_glass")
    if reason_code not in REASONS:
        raise Invalid("Choose the reason.", field="reason_code")
    words = checked_words(reason, field="reason")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT outcome, the_glass FROM willow_break_glass(%s, %s, %s, %s, %s)",
            [patient_id, uuid7(), reason_code, words, request_key],
        )
        outcome, glass_id = cursor.fetchone()
    if outcome == "absent":
        raise NotFound("patient")
    if outcome == "reused":
        raise RequestKeyReused("This was sent before with another reason; the first stands.")
    if outcome == "open":
        raise OpenAlready("It is open to you already. When that is over you can ask again.")
    if outcome == "reached":
        raise NotNeeded("This chart is open to you anyway.")
    found: UUID = glass_id
    if outcome == "again":
        return found
    access.record_write(actor, "patients.glass_broken", patient_id=patient_id, subject=reason_code)
    outbox.publish(actor, BreakGlassOpened(patient_id=patient_id, glass_id=found))
    return found


@transaction.atomic
def end_break_glass(*, actor: Actor, patient_id: UUID, glass_id: UUID) -> None:
    """
    End access by break-glass now: one's own, or as a reviewer anybody's. What is over already stays as it is.

    Raises:
        Forbidden: the actor neither breaks the glass nor reviews it.
        NotFound: no such access, or neither one's own nor one's to review.
    """
    require(actor, "patients.break_glass", "patients.review_break_glass")
    with connection.cursor() as cursor:
        cursor.execute("SELECT willow_end_break_glass(%s, %s)", [patient_id, glass_id])
        (outcome,) = cursor.fetchone()
    if outcome == "absent":
        raise NotFound("break-glass")
    if outcome == "ended":
        access.record_write(actor, "patients.glass_ended", patient_id=patient_id)
        outbox.publish(actor, BreakGlassEnded(patient_id=patient_id, glass_id=glass_id))


@transaction.atomic
def review_break_glass(*, actor: Actor, patient_id: UUID, glass_id: UUID, verdict: str, words: str) -> None:
    """
    Say whether it was right that somebody broke the glass. Saying the same again changes nothing.

    Raises:
        Forbidden: the actor reviews nothing.
        NotFound: no such access to a patient within reach.
        Invalid: no verdict, or fewer than 10 or more than 500 characters.
        OwnToReview: the actor broke it themselves.
        Conflict: it is open still, or was reviewed in other words.
    """
    glass = find_glass(actor, patient_id, glass_id)
    if verdict not in VERDICTS:
        raise Invalid("Say whether it was justified.", field="verdict")
    said = checked_words(words, field="words")
    if glass.user_id == actor.user_id:
        raise OwnToReview("Somebody else has to review what you did yourself.")
    if glass.is_open:
        raise Conflict("The chart is open still. End it first, or review it when it is over.")
    review, is_new = _reviewed(actor, patient_id, glass_id, verdict, said)
    if not is_new:
        if (review.reviewer_id, review.verdict, review.words) != (actor.user_id, verdict, said):
            raise Conflict("Somebody has reviewed this already. What was said stands.")
        return
    access.record_write(actor, "patients.glass_reviewed", patient_id=patient_id, subject=verdict)
    outbox.publish(actor, BreakGlassReviewed(patient_id=patient_id, glass_id=glass_id, verdict=verdict))


def _reviewed(
    actor: Actor, patient_id: UUID, glass_id: UUID, verdict: str, words: str
) -> tuple[BreakGlassReview, bool]:
    rows = BreakGlassReview.objects.filter(patient=patient_id, glass=glass_id)
    if (first := rows.first()) is not None:
        return first, False
    review = BreakGlassReview(
        patient_id=patient_id,
        glass_id=glass_id,
        reviewer_id=actor.user_id,
        verdict=verdict,
        words=words,
        reviewed_at=clock.now(),
    )
    try:
        with transaction.atomic():
            review.save(force_insert=True)
    except IntegrityError:
        # Somebody else was faster.
        return rows.get(), False
    return review, True


@transaction.atomic
def set_break_glass_hours(*, actor: Actor, hours: int) -> None:
    """
    Say how long access by break-glass lasts from now on; what is open keeps its end.

    Raises:
        Forbidden: the actor does not manage the practice.
        Invalid: fewer than 1 or more than 24 hours.
    """
    require(actor, "practice.manage")
    wanted = checked_hours(hours)
    BreakGlassRule.objects.update_or_create(only=True, defaults={"hours": wanted})
    access.record_change(actor, "patients.break_glass_hours", subject=str(wanted))
