"""The addresses of the planner."""

from __future__ import annotations

from django.urls import reverse

from willowbark.foundation.explaining import why_url
from willowbark.foundation.ids import uuid7

from ..world import OWNER
from .call import Call, page


def _of_scenario(name: str) -> Call:
    return Call(
        f"planner:{name}",
        "GET",
        OWNER,
        lambda world, _: reverse(f"planner:{name}"),
        lambda world, _: {"with": str(world.scenario)},
    )


CALLS: tuple[Call, ...] = (
    page("planner:home", OWNER),
    page("planner:growth", OWNER),
    Call(
        "planner:figure", "GET", OWNER, lambda world, _: reverse("planner:figure", args=["signal_capacity"])
    ),
    _of_scenario("compare"),
    _of_scenario("paper"),
    Call(
        "planner:save",
        "POST",
        OWNER,
        lambda world, _: reverse("planner:save"),
        lambda world, _: {"name": "Next year", "request_key": str(uuid7())},
    ),
    Call(
        "planner:put_away",
        "POST",
        OWNER,
        lambda world, _: reverse("planner:put_away", args=[world.scenario]),
    ),
    Call(
        "foundation:why",
        "GET",
        OWNER,
        lambda world, _: why_url("plan_figure:usual/people_needed"),
        is_for_fewer=True,
    ),
    Call(
        "foundation:why", "GET", OWNER, lambda world, _: why_url("plan_input:hire.due_at"), is_for_fewer=True
    ),
)
