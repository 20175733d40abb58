"""When people work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from willowbark.foundation.authorisation import Actor, require
from willowbark.practice.models import WorkingHours


@dataclass(frozen=True, slots=True)
class Shift:
    """Someone's working time at a site on one weekday."""

    name: str
    title: str
    site_name: str
    starts: time
    ends: time


def next_working_day(actor: Actor, after: date) -> date | None:
    """
    The first day after this one of ordinary weeks on which somebody works; None where nobody ever does.

    Raises:
        Forbidden: the actor may not read the practice.
    """
    require(actor, "practice.read")
    weekdays = set(WorkingHours.objects.filter(staff__is_active=True).values_list("weekday", flat=True))
    following = (after + timedelta(days=number) for number in range(1, 8))
    return next((day for day in following if day.weekday() in weekdays), None)


def shifts_on(actor: Actor, day: date) -> list[Shift]:
    """Who works on this day of an ordinary week, in the order of starting."""
    require(actor, "practice.read")
    rows = (
        WorkingHours.objects.filter(weekday=day.weekday(), staff__is_active=True)
        .order_by("starts", "staff__name", "id")
        .values_list("staff__name", "staff__title", "site__name", "starts", "ends")
    )
    return [Shift(*row) for row in rows]
