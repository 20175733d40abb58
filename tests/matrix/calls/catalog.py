"""The addresses of the catalog."""

from __future__ import annotations

from django.urls import reverse

from ..world import EVERY_ROLE
from .call import Call, page

CALLS: tuple[Call, ...] = (
    page("catalog:products", EVERY_ROLE),
    Call(
        "catalog:product",
        "GET",
        EVERY_ROLE,
        lambda world, _: reverse("catalog:product", args=[world.product.key]),
    ),
)
