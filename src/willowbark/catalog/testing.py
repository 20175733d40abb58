"""Products for the tests of every business above."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from uuid import UUID

from willowbark.catalog import selectors, services
from willowbark.catalog.core.products import Contained, NewProduct, ProductInfo
from willowbark.catalog.core.reading import demo_products
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7

_numbers = count(1)


def new_product(
    key: str = "",
    *,
    ingredients: Sequence[Contained] = (Contained("zinc", "zinc_picolinate", Decimal(15), "mg"),),
    name: str = "",
    units_per_container: int = 60,
    container_price_cents: int = 1500,
    allergens: Sequence[str] = (),
) -> NewProduct:
    """A capsule of an invented brand, with a key of its own unless one is given."""
    number = next(_numbers)
    return NewProduct(
        key=key or f"product_{number}",
        name=name or f"Product {number}",
        brand="Alderquill",
        form="capsule",
        unit_name="capsule",
        units_per_container=units_per_container,
        container_price_cents=container_price_cents,
        container_cost_cents=container_price_cents // 2,
        currency="USD",
        ingredients=tuple(ingredients),
        allergens=tuple(allergens),
    )


def make_products(actor: Actor, *products: NewProduct) -> list[ProductInfo]:
    """Load products, in a transaction of their own, and return what the catalog makes of them."""
    with acting_as(actor):
        services.load_products(actor=actor, products=products)
        return [selectors.product(actor, product.key) for product in products]


def make_price_list(actor: Actor, content: bytes = b"SKU,MSRP\nzinc,16.00\n") -> UUID:
    """Hand in a price list of a supplier, and return its id."""
    with acting_as(actor):
        return services.hand_in(
            actor=actor,
            supplier="Alderquill",
            name="prices.csv",
            content=content,
            request_key=uuid7(),
            currency="USD",
        )


def load_demo_products(actor: Actor) -> tuple[ProductInfo, ...]:
    """Everything that the demo offers."""
    with acting_as(actor):
        services.load_products(actor=actor, products=demo_products())
        return selectors.products(actor)
