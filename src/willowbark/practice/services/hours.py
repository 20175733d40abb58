"""When somebody works, in an ordinary week."""

from __future__ import annotations

from calendar import day_name
from datetime import time
from itertools import pairwise
from uuid import UUID

from django.db import transaction

from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor, require
from willowbark.kernel.errors import Invalid
from willowbark.practice.models import WorkingHours
from willowbark.practice.services.checks import site_of_staff


@transaction.atomic
def set_working_hours(
    *, actor: Actor, staff_id: UUID, site_id: UUID, hours: list[tuple[int, time, time]]
) -> list[WorkingHours]:
    """
    Replace someone's ordinary week at a site with (weekday from 0 = Monday, starts, ends).

    Raises:
        Forbidden: the actor does not manage the practice.
        NotFound: no such person or site.
        Invalid: an end before its start, a weekday out of 0..6, or hours that overlap; its field is
            `hours`, then the weekday if there is such a one.
    """
    require(actor, "practice.manage")
    site_of_staff(staff_id, site_id)
    ordered = sorted(hours)
    _check(ordered)
    WorkingHours.objects.filter(staff_id=staff_id, site_id=site_id).delete()
    rows = [
        WorkingHours(staff_id=staff_id, site_id=site_id, weekday=weekday, starts=starts, ends=ends)
        for weekday, starts, ends in ordered
    ]
    access.record_change(actor, "practice.working_hours_set", subject=str(staff_id))
    return WorkingHours.objects.bulk_create(rows)


def _check(ordered: list[tuple[int, time, time]]) -> None:
    for weekday, starts, ends in ordered:
        if not 0 <= weekday <= 6:
            raise Invalid("A week has seven days.", field="hours")
        if ends <= starts:
            text = f"{day_name[weekday]}: {starts:%H:%M} to {ends:%H:%M} is no working time."
            raise Invalid(text, field=f"hours_{weekday}")
    for (day, _, ends), (next_day, starts, _) in pairwise(ordered):
        if day == next_day and starts < ends:
            raise Invalid(f"{day_name[day]}: the hours overlap.", field=f"hours_{day}")
