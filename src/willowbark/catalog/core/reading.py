"""A file of products (JSON, `data/schema/products.schema.json`) as values."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any, NoReturn

import jsonschema

from willowbark.catalog.core.checking import check_all
from willowbark.catalog.core.products import Contained, NewProduct
from willowbark.kernel.errors import Invalid

_DATA = files("willowbark.catalog").joinpath("data")


def read_products(content: bytes) -> tuple[NewProduct, ...]:
    """
    The products of a file, in its order. Amounts are read digit by digit.

    Raises:
        Invalid: not such a file; says where, and what is wrong.
    """
    try:
        said = json.loads(content, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"This is no JSON: {error}") from error
    _check_shape(said)
    common = {"currency": said["currency"], "source": said.get("source", "")}
    products = tuple(_product(common | row) for row in said["products"])
    check_all(products)
    return products


def demo_price_list() -> bytes:
    """A price list as a supplier sends it, slips and all, for the products of the demo."""
    return _DATA.joinpath("demo_price_list.csv").read_bytes()


def demo_products() -> tuple[NewProduct, ...]:
    """Invented products of invented brands, for a demo and for tests."""
    return read_products(_DATA.joinpath("demo_products.json").read_bytes())


def _check_shape(said: Any) -> None:
    error = jsonschema.exceptions.best_match(_validator().iter_errors(said))
    if error is not None:
        raise Invalid(f"{error.json_path}: {error.message[:300]}")


@lru_cache(maxsize=1)
def _validator() -> Any:
    schema = json.loads(_DATA.joinpath("schema/products.schema.json").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(schema)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _product(row: dict[str, Any]) -> NewProduct:
    lists = {name: tuple(row.get(name, ())) for name in ("moments", "allergens", "diets")}
    contained = tuple(
        Contained(each["ingredient"], each.get("form", ""), Decimal(each["amount"]), each["unit"])
        for each in row["ingredients"]
    )
    return NewProduct(**(row | lists | {"ingredients": contained}))
