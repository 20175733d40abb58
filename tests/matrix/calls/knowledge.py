"""The addresses of the knowledge."""

from __future__ import annotations

from django.urls import reverse

from willowbark.config.api import api

from ..world import EVERY_ROLE
from .call import Call, page

CALLS: tuple[Call, ...] = (
    page("knowledge:ingredients", EVERY_ROLE),
    Call(
        "knowledge:ingredient", "GET", EVERY_ROLE, lambda *_: reverse("knowledge:ingredient", args=["zinc"])
    ),
    page("knowledge:check", EVERY_ROLE),
    Call(
        "knowledge:check",
        "POST",
        EVERY_ROLE,
        lambda *_: reverse("knowledge:check"),
        lambda *_: {"drugs": "Warfarin", "supplements": "Ginkgo", "jurisdiction": "US"},
    ),
    Call(
        f"{api.urls_namespace}:knowledge_check",
        "POST",
        EVERY_ROLE,
        lambda *_: reverse(f"{api.urls_namespace}:knowledge_check"),
        lambda *_: {"drugs": ["Warfarin"], "supplements": ["Ginkgo"]},
        as_json=True,
    ),
)
