"""The addresses of the catalog."""

from __future__ import annotations

from django.urls import reverse

from willowbark.config.api import api

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
    page(f"{api.urls_namespace}:products_list", EVERY_ROLE),
    Call(
        f"{api.urls_namespace}:product",
        "GET",
        EVERY_ROLE,
        lambda world, _: reverse(f"{api.urls_namespace}:product", args=[world.product.key]),
    ),
)
