"""The day that the day sheet shows, and what the practice shows on it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor
from willowbark.kernel.errors import Invalid
from willowbark.practice.selectors import next_working_day, notices, shifts_on


def today_here() -> date:
    """Today on the practice's calendar."""
    return clock.now().astimezone(timezone.get_current_timezone()).date()


def day_of(request: HttpRequest) -> date:
    """
    The day asked for (`?date=2026-03-01`), or today.

    Raises:
        Invalid: not a day, or one out of reach.
    """
    text = request.GET.get("date", "")
    if not text:
        return today_here()
    try:
        shown = date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("That is not a day.", field="date") from error
    if not 1900 <= shown.year <= 2200:
        raise Invalid("That day is out of reach.", field="date")
    return shown


def own_notices(request: HttpRequest, actor: Actor, patient_id: UUID | None) -> str:
    """What changed in one's own sign-in, until one says that one knows of it; '' when there is nothing."""
    told = notices(actor, only_new=True)
    return render_to_string("practice/panels/notices.html", {"told": told}, request) if told else ""


def working_hours(request: HttpRequest, actor: Actor, patient_id: UUID | None) -> str:
    """Who works on the day shown, where and when."""
    day = day_of(request)
    shifts = shifts_on(actor, day)
    context = {"shifts": shifts, "following": None if shifts else next_working_day(actor, day)}
    return render_to_string("practice/panels/working_hours.html", context, request)
