"""The day sheet: home."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from willowbark.foundation import panels
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.panels import Rendered
from willowbark.foundation.web import endpoint
from willowbark.practice.pages import day_of, today_here


@dataclass(frozen=True, slots=True)
class Day:
    """The day sheet's frame; what stands in it comes from the businesses."""

    date: date
    is_today: bool
    earlier_url: str
    later_url: str
    today_url: str
    site_name: str
    panels: list[Rendered]


@endpoint("practice.read")
def day(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The day sheet: home."""
    require(actor, "practice.read")
    today = today_here()
    shown = day_of(request)
    url = reverse("practice:day")
    page = Day(
        date=shown,
        is_today=shown == today,
        earlier_url=f"{url}?date={shown - timedelta(days=1)}",
        later_url=f"{url}?date={shown + timedelta(days=1)}",
        today_url=url,
        site_name="",
        panels=panels.rendered("day", request, actor),
    )
    return render(request, "practice/day.html", {"page": page, "page_task_kind": "day_sheet"})
