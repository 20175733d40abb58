"""The addresses of the shelf."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse

from willowbark.config.api import api
from willowbark.foundation.ids import uuid7

from ..world import EVERY_ROLE, World
from .call import Call, page

READERS = EVERY_ROLE - {"health_coach"}
KEEPERS = frozenset({"owner", "dispensary"})


def at_shelf(name: str, method: str, said: Callable[[World], dict[str, str]] | None = None) -> Call:
    """An address of one product at the shelf of the north site."""
    return Call(
        f"inventory:{name}",
        method,
        READERS if method == "GET" else KEEPERS,
        lambda world, _: reverse(f"inventory:{name}", args=[world.practice.north, world.product.id]),
        lambda world, _: {} if said is None else said(world) | {"request_key": str(uuid7())},
    )


CALLS: tuple[Call, ...] = (
    page("inventory:shelf", READERS),
    at_shelf("product", "GET"),
    at_shelf(
        "receive",
        "POST",
        lambda world: {"lot_number": f"L{uuid7().hex}", "expires_on": "2039-01-31", "containers": "3"},
    ),
    at_shelf(
        "count",
        "POST",
        lambda world: {"lot": world.lot_on_shelf(), "counted": "4", "reason": "Monthly count"},
    ),
    at_shelf(
        "waste", "POST", lambda world: {"lot": world.lot_on_shelf(), "containers": "1", "reason": "Broken"}
    ),
    at_shelf("undo", "POST", lambda world: {"move": world.mistaken_move()}),
    Call(
        f"{api.urls_namespace}:stock",
        "GET",
        READERS,
        lambda world, _: reverse(f"{api.urls_namespace}:stock", args=[world.practice.north]),
    ),
    Call(
        f"{api.urls_namespace}:receive_stock",
        "POST",
        KEEPERS,
        lambda world, _: reverse(f"{api.urls_namespace}:receive_stock", args=[world.practice.north]),
        lambda world, _: {
            "product_id": str(world.product.id),
            "lot_number": f"L{uuid7().hex}",
            "expires_on": "2039-01-31",
            "containers": 3,
            "request_key": str(uuid7()),
        },
        as_json=True,
    ),
)
