"""Who was let in by break-glass, to whom, why, and what somebody else said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor, require
from willowbark.kernel.errors import NotFound
from willowbark.patients.core.access_words import said
from willowbark.patients.core.break_glass import REASONS, REVIEW_WITHIN, USUAL_HOURS, VERDICTS
from willowbark.patients.models import BreakGlass, BreakGlassReview, BreakGlassRule, CareRelationship
from willowbark.patients.selectors import reach
from willowbark.practice.selectors import names_of_users

REVIEWS = "patients.review_break_glass"
CONCERNED = ("patients.break_glass", REVIEWS, "tasks.write")
State = Literal["", "open", "to_review", "justified", "not_justified"]


@dataclass(frozen=True, slots=True)
class Sought:
    """
    Somebody who was named exactly. `is_reached` says that their chart is open to the actor, `open_until`
    how long by break-glass.
    """

    patient_id: UUID
    family: str
    given: str
    birth_date: date | None
    birth_date_precision: str
    sex: str
    site_name: str
    is_reached: bool
    open_until: datetime | None


def found_exactly(actor: Actor, patient_ids: Sequence[UUID]) -> tuple[Sought, ...]:
    """
    Those of these patients whom the actor has looked up exactly within fifteen minutes.

    Raises:
        Forbidden: the actor may not break the glass.
    """
    require(actor, "patients.break_glass")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM willow_found_exactly(%s::uuid[])", [list(patient_ids)])
        return tuple(Sought(*row) for row in cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What somebody said of it."""

    by_name: str
    verdict: str
    verdict_words: str
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Glass:
    """
    One time that somebody broke the glass. `over_at` is when it was over or will be; `due_at` until when it
    is to be reviewed; `review` is None until it was.
    """

    id: UUID
    patient_id: UUID
    patient_name: str
    user_id: UUID
    by_name: str
    reason_words: str
    reason: str
    opened_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    is_open: bool
    review: Reviewed | None

    @property
    def over_at(self) -> datetime:
        """When it was over, or will be."""
        return self.ended_at or self.expires_at

    @property
    def due_at(self) -> datetime:
        """Until when somebody is to review it."""
        return self.opened_at + REVIEW_WITHIN


@dataclass(frozen=True, slots=True)
class GlassFilter:
    """Which to list; '' and None ask for no less."""

    state: State = ""
    user_id: UUID | None = None
    patient_id: UUID | None = None


def glass_list(
    actor: Actor, wanted: GlassFilter, *, before: tuple[datetime, UUID] | None = None, limit: int = 50
) -> tuple[list[Glass], bool]:
    """
    Break-glass of the patients within reach, the last first, and whether older ones follow; logged.

    Raises:
        Forbidden: the actor reviews nothing.
    """
    rows = BreakGlass.objects.filter(patient__in=reach.reachable(actor, REVIEWS).values("pk"))
    if wanted.patient_id is not None:
        rows = rows.filter(patient__in=reach.rows_of_person(wanted.patient_id))
    if wanted.user_id is not None:
        rows = rows.filter(staff__user=wanted.user_id)
    reviews = BreakGlassReview.objects.filter(patient=OuterRef("patient"), glass=OuterRef("pk"))
    if wanted.state == "open":
        rows = rows.filter(reach.OPEN_GLASS)
    elif wanted.state == "to_review":
        rows = rows.filter(~Exists(reviews))
    elif wanted.state:
        rows = rows.filter(Exists(reviews.filter(verdict=wanted.state)))
    if before is not None:
        at, last = before
        rows = rows.filter(Q(opened_at__lt=at) | Q(opened_at=at, pk__lt=last))
    found = _glasses(rows.order_by("-opened_at", "-pk")[: limit + 1])
    shown = found[:limit]
    access.record_list(
        actor, "patients.glass_listed", patient_ids=sorted({each.patient_id for each in shown})
    )
    return shown, len(found) > limit


def own_open_glass(actor: Actor) -> list[Glass]:
    """What is open to the actor by break-glass now, what ends first first."""
    require(actor, "patients.break_glass")
    rows = BreakGlass.objects.filter(reach.OPEN_GLASS, staff=actor.staff_id)
    return _glasses(rows.order_by("expires_at", "pk"))


def glass_of_patient(actor: Actor, patient_ids: Sequence[UUID], *, since: datetime) -> list[Glass]:
    """Who broke the glass to these patient rows since then, the last first; the caller logs the reading."""
    require(actor, REVIEWS)
    rows = BreakGlass.objects.filter(patient__in=patient_ids, opened_at__gte=since)
    return _glasses(rows.order_by("-opened_at", "-pk"))


def find_glass(actor: Actor, patient_id: UUID, glass_id: UUID) -> Glass:
    """
    One time that somebody broke the glass, for who reviews it; not logged by itself.

    Raises:
        Forbidden: the actor reviews nothing.
        NotFound: no such access to a patient within reach.
    """
    return glass_within_reach(actor, patient_id, glass_id, REVIEWS)


def read_glass(actor: Actor, patient_id: UUID, glass_id: UUID) -> Glass:
    """
    The same for everybody concerned: those who care for the patient may know; the reading is logged.

    Raises:
        Forbidden: the actor is nobody whom it could concern.
        NotFound: no such access to a patient within reach.
    """
    glass = glass_within_reach(actor, patient_id, glass_id, *CONCERNED)
    access.record_read(actor, "patients.glass_read", patient_id=patient_id, subject=str(glass_id))
    return glass


def glass_within_reach(actor: Actor, patient_id: UUID, glass_id: UUID, *permissions: str) -> Glass:
    """
    The same for who holds any of the permissions over the patient; not logged by itself.

    Raises:
        Forbidden: the actor holds none of them over anyone.
        NotFound: no such access to a patient within reach.
    """
    reach.require_reach(actor, patient_id, *permissions)
    found = _glasses(BreakGlass.objects.filter(patient=patient_id, pk=glass_id))
    if not found:
        raise NotFound("break-glass")
    return found[0]


@dataclass(frozen=True, slots=True)
class Opened:
    """What the log says that somebody did while the glass was broken."""

    at: datetime
    said: str
    outcome: str


def opened_meanwhile(actor: Actor, patient_id: UUID, glass_id: UUID) -> list[Opened]:
    """
    What was opened meanwhile, in order, at most a thousand entries; nothing of one's own.

    Raises:
        Forbidden: the actor reviews nothing.
        NotFound: no such patient within reach.
    """
    reach.require_reach(actor, patient_id, REVIEWS)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT at, action, outcome FROM willow_opened_by_break_glass(%s, %s)", [patient_id, glass_id]
        )
        return [Opened(at, said(action), outcome) for at, action, outcome in cursor.fetchall()]


def concerned(actor: Actor, glass: Glass) -> tuple[UUID, ...]:
    """The users who care for the patient now, and are to be told; never who broke the glass."""
    require(actor, "patients.read")
    care = CareRelationship.objects.filter(
        patient__in=reach.rows_of_person(glass.patient_id), ended_at__isnull=True, staff__is_active=True
    )
    users = care.order_by("staff__user_id").values_list("staff__user_id", flat=True)
    return tuple(user_id for user_id in dict.fromkeys(users) if user_id != glass.user_id)


def break_glass_hours() -> int:
    """For how many hours access is given in this practice."""
    return BreakGlassRule.objects.values_list("hours", flat=True).first() or USUAL_HOURS


def _glasses(rows: QuerySet[BreakGlass]) -> list[Glass]:
    """Rows with their reviews and names; three statements at most."""
    found: list[Any] = list(rows.annotate(is_open=reach.OPEN_GLASS).select_related("patient", "staff"))
    ids = {row.pk for row in found}
    reviews = {
        (each.patient_id, each.glass_id): each
        for each in BreakGlassReview.objects.filter(
            patient__in={row.patient_id for row in found}, glass__in=ids
        )
    }
    names = names_of_users({each.reviewer_id for each in reviews.values()}) if reviews else {}
    return [
        Glass(
            id=row.pk,
            patient_id=row.patient_id,
            patient_name=str(row.patient) if row.patient.given else row.patient.family,
            user_id=row.staff.user_id,
            by_name=row.staff.name,
            reason_words=REASONS.get(row.reason_code, row.reason_code),
            reason=row.reason,
            opened_at=row.opened_at,
            expires_at=row.expires_at,
            ended_at=row.ended_at,
            is_open=row.is_open,
            review=_said(reviews.get((row.patient_id, row.pk)), names),
        )
        for row in found
    ]


def _said(review: BreakGlassReview | None, names: dict[UUID, str]) -> Reviewed | None:
    if review is None:
        return None
    return Reviewed(
        by_name=names.get(review.reviewer_id, ""),
        verdict=review.verdict,
        verdict_words=VERDICTS[review.verdict],
        words=review.words,
        at=review.reviewed_at,
    )
