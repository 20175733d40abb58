"""The addresses of the catalog."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from willowbark.catalog.testing import make_price_list, make_products, new_product
from willowbark.config.api import api
from willowbark.foundation.ids import uuid7

from ..world import EVERY_ROLE, OWNER, World
from .call import Call, page

MANAGERS = OWNER | {"senior_practitioner"}
API = api.urls_namespace
LIST = b"SKU,MSRP\nzinc,16.00\n"


def of_list(name: str, method: str = "POST", content: bytes = LIST, **options: Any) -> Call:
    """An address of one price list, which is made for it."""

    def path(world: World, _: UUID) -> str:
        return reverse(name, args=[make_price_list(world.practice.owner, content)])

    return Call(name, method, MANAGERS, path, **options)


def edited_product(world: World) -> str:
    (product,) = make_products(world.practice.owner, new_product("matrix_edited"))
    return product.key


NEW = b"SKU,Name,Brand,Form,Count,Ingredients,MSRP\nmatrix_zinc,Zinc,Alder,Capsule,60,Zinc 5 mg,20\n"

CALLS: tuple[Call, ...] = (
    page("catalog:products", EVERY_ROLE),
    Call(
        "catalog:product",
        "GET",
        EVERY_ROLE,
        lambda world, _: reverse("catalog:product", args=[world.product.key]),
    ),
    page(f"{API}:products_list", EVERY_ROLE),
    Call(
        f"{API}:product",
        "GET",
        EVERY_ROLE,
        lambda world, _: reverse(f"{API}:product", args=[world.product.key]),
    ),
    Call(
        "catalog:edit_product",
        "GET",
        MANAGERS,
        lambda world, _: reverse("catalog:edit_product", args=[world.product.key]),
    ),
    Call(
        "catalog:edit_product",
        "POST",
        MANAGERS,
        lambda world, _: reverse("catalog:edit_product", args=[edited_product(world)]),
        lambda world, _: {
            "name": "Zinc",
            "brand": "Alderquill",
            "form": "capsule",
            "unit_name": "capsule",
            "units_per_container": "60",
            "price": "15",
            "ingredients": "Zinc as Zinc picolinate: 15 mg",
            "in_force": "1",
        },
    ),
    page("catalog:price_lists", MANAGERS),
    Call(
        "catalog:upload_price_list",
        "POST",
        MANAGERS,
        lambda world, _: reverse("catalog:upload_price_list"),
        lambda world, _: {
            "supplier": "Alderquill",
            "file": SimpleUploadedFile("prices.csv", LIST),
            "request_key": str(uuid7()),
        },
    ),
    of_list("catalog:price_list", "GET"),
    of_list("catalog:price_list_file", "GET"),
    of_list(
        "catalog:price_list_columns",
        body=lambda world, _: {"key": "SKU", "price": "MSRP", "currency_of_list": "USD"},
    ),
    of_list("catalog:apply_price_list", content=NEW),
    # What was never carried out cannot be taken back.
    of_list("catalog:undo_price_list", cannot=422),
    of_list("catalog:read_price_list_again"),
    of_list("catalog:dismiss_price_list"),
    Call(
        f"{API}:hand_in_price_list",
        "POST",
        MANAGERS,
        lambda world, _: reverse(f"{API}:hand_in_price_list"),
        lambda world, _: {
            "supplier": "Alderquill",
            "file_name": "prices.csv",
            "content": b64encode(LIST).decode(),
            "request_key": str(uuid7()),
        },
        as_json=True,
    ),
    of_list(f"{API}:price_list", "GET"),
    of_list(
        f"{API}:map_price_list",
        as_json=True,
        body=lambda world, _: {"columns": {"key": "SKU", "price": "MSRP"}, "currency": "USD"},
    ),
    of_list(f"{API}:apply_price_list", content=NEW),
    of_list(f"{API}:undo_price_list", cannot=409),
)
