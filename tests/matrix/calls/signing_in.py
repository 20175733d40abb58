"""The addresses of signing in: the door's second step, one's own factors and devices, the policy."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from willowbark.foundation.ids import uuid7
from willowbark.practice.testing import PASSWORD

from ..world import OWNER, SIGNED_IN
from .call import Call, page


def form(
    name: str, allowed: frozenset[str] = SIGNED_IN, /, *args: object, cannot: int = 0, **said: Any
) -> Call:
    """A form of nobody else's."""
    return Call(
        f"practice:{name}",
        "POST",
        allowed,
        lambda world, _: reverse(f"practice:{name}", args=args),
        lambda world, _: said,
        cannot=cannot,
    )


def at_the_door(name: str, /, **said: Any) -> Call:
    """A form for whoever has not signed in."""
    return Call(
        f"practice:{name}",
        "POST",
        SIGNED_IN,
        lambda world, _: reverse(f"practice:{name}"),
        lambda world, _: said,
        public=True,
    )


CALLS = (
    page("practice:second_step", SIGNED_IN, public=True),
    at_the_door("second_step", code="123456"),
    page("practice:passkey", SIGNED_IN, public=True),
    at_the_door("passkey", passkey="{}"),
    page("practice:confirm", SIGNED_IN),
    form("confirm", **{"identity:with": "password", "identity:password": PASSWORD}),
    page("practice:passkey_asked", SIGNED_IN),
    page("practice:second_factor", SIGNED_IN),
    page("practice:add_app", SIGNED_IN),
    form("add_app", code="123456", name="Phone"),
    page("practice:add_passkey", SIGNED_IN),
    # A browser's answer to what nobody has asked.
    form("add_passkey", cannot=422, passkey="{}", name="Key"),
    page("practice:new_passkey_asked", SIGNED_IN),
    form("rename_factor", SIGNED_IN, 1, name="Another"),
    form("remove_factor", SIGNED_IN, 1),
    page("practice:recovery_codes", SIGNED_IN),
    form("recovery_codes"),
    form("know_of_notices"),
    form("end_other_devices"),
    form("end_device", SIGNED_IN, uuid7()),
    page("practice:signing_in", OWNER),
    form("ask_second_factor", OWNER, needed="0"),
)
