"""The addresses of assistant."""

from __future__ import annotations

from django.urls import reverse

from ..world import CHART_READERS
from .call import Call

CALLS: tuple[Call, ...] = (
    Call(
        "assistant:brief",
        "GET",
        CHART_READERS,
        lambda world, patient: reverse("assistant:brief", args=[patient]),
        of_patient=True,
    ),
)
