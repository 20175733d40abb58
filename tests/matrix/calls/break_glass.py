"""The addresses of break-glass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.urls import reverse

from willowbark.foundation.ids import uuid7

from ..world import CHART_READERS, OWNER, World
from .call import Call, page

BREAKERS = CHART_READERS
REVIEWERS = OWNER | {"senior_practitioner"}


def of_glass(
    name: str,
    allowed: frozenset[str] | set[str],
    method: str = "POST",
    said: Callable[[World, UUID], dict[str, Any]] | None = None,
    *,
    is_over: bool = False,
    of_patient: bool = True,
) -> Call:
    """An address of one time that the glass was broken: a new one each time for what changes it."""

    def path(world: World, patient: UUID) -> str:
        if method == "GET":
            glass = world.glass.get(patient, uuid7())
        else:
            glass = world.new_glass(patient, is_over=is_over)
        return reverse(f"patients:{name}", args=[patient, glass])

    return Call(
        f"patients:{name}",
        method,
        frozenset(allowed),
        path,
        said or (lambda world, patient: {}),
        of_patient=of_patient,
    )


CALLS: tuple[Call, ...] = (
    page("patients:break_glass", BREAKERS | OWNER),
    Call(
        "patients:look_up",
        "POST",
        BREAKERS,
        lambda world, _: reverse("patients:look_up"),
        lambda world, _: {"number": "nobodys number"},
    ),
    Call(
        "patients:ask_access",
        "POST",
        BREAKERS,
        lambda world, patient: reverse("patients:ask_access", args=[patient]),
        lambda world, patient: {
            "reason_code": "emergency",
            "reason": "They fainted in the waiting room",
            "request_key": str(uuid7()),
        },
        of_patient=True,
    ),
    of_glass("one_break_glass", BREAKERS | OWNER, "GET"),
    # One's own alone: whose it is not is told the same as who is done already.
    of_glass("done_with_glass", BREAKERS, of_patient=False),
    of_glass("close_glass", REVIEWERS),
    of_glass(
        "review_glass",
        REVIEWERS,
        said=lambda world, patient: {"verdict": "justified", "words": "They fainted, as three people saw"},
        is_over=True,
    ),
    Call(
        "patients:still_open",
        "GET",
        BREAKERS,
        lambda world, patient: reverse("patients:still_open", args=[uuid7()]),
    ),
    Call(
        "patients:break_glass_hours",
        "POST",
        OWNER,
        lambda world, _: reverse("patients:break_glass_hours"),
        lambda world, _: {"hours": "6"},
    ),
)
# Who reaches Ben: those who hold the permission everywhere.
REACHES_BEN = dict.fromkeys(
    ("patients:one_break_glass", "patients:close_glass", "patients:review_glass"), OWNER
)
