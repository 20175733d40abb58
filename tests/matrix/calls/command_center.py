"""The addresses of command center."""

from __future__ import annotations

from django.urls import reverse

from ..world import CLINICIANS, OWNER
from .call import Call, page

READERS = CLINICIANS | OWNER

CALLS: tuple[Call, ...] = (
    page("command_center:home", READERS),
    Call(
        "command_center:alert",
        "GET",
        READERS,
        lambda world, _: reverse("command_center:alert", args=world.alert),
    ),
    Call(
        "command_center:alert",
        "POST",
        READERS,
        lambda world, _: reverse("command_center:alert", args=world.new_alert()),
        lambda world, _: {"state": "acted", "reason": "Ordered"},
    ),
)
