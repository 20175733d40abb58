"""Who comes on the day shown, each with their brief and their chart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from willowbark.assistant.pages.brief import url_of_brief
from willowbark.foundation.authorisation import Actor
from willowbark.practice.pages import day_of, today_here
from willowbark.record.selectors.visits import TO_COME, DayVisit, next_visits_on, visits_on


@dataclass(frozen=True, slots=True)
class VisitShown:
    """One visit; `is_next` marks the first of today that has not begun or is under way."""

    visit: DayVisit
    brief_url: str
    is_next: bool


def visits_of_day(request: HttpRequest, actor: Actor, patient_id: UUID | None) -> str:
    """The visits of the day that the day sheet shows: the reader's own, the others under them."""
    day = day_of(request)
    zone = timezone.get_current_timezone()
    found = visits_on(actor, day, zone)
    rows = _shown(found.rows, day)
    mine = [each for each in rows if each.visit.is_mine]
    context = {
        "visits": mine or rows,
        "others": [each for each in rows if not each.visit.is_mine] if mine else [],
        "more": found.more,
        "following": next_visits_on(actor, day, zone) if not rows and day >= today_here() else None,
        "is_today": day == today_here(),
        "is_past": day < today_here(),
        "several": len({visit.practitioner_name for visit in found.rows}) > 1,
    }
    return render_to_string("assistant/panels/visits.html", context, request)


def _shown(rows: tuple[DayVisit, ...], day: date) -> list[VisitShown]:
    upcoming = [visit for visit in rows if visit.status in TO_COME]
    mine = [visit for visit in upcoming if visit.is_mine]
    following = next(iter(mine or upcoming), None) if day == today_here() else None
    return [VisitShown(visit, url_of_brief(visit.patient_id), visit is following) for visit in rows]
