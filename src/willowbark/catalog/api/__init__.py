"""The catalog as JSON."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from willowbark.catalog import selectors
from willowbark.catalog.core.products import ProductInfo, plain
from willowbark.catalog.selectors import Asked
from willowbark.foundation import cursors
from willowbark.foundation.api import REFUSALS, operation
from willowbark.foundation.authorisation import Actor

router = Router(tags=["catalog"])


class ContainedOut(Schema):
    """How much one unit holds of an ingredient. `amount` is exact, as text; `form` is '' when not stated."""

    ingredient: str
    form: str
    amount: str
    unit: str


class ProductOut(Schema):
    """One version of a product. Money is of one container, in cents of `currency`."""

    id: UUID
    key: str
    version: int
    name: str
    brand: str
    form: str
    unit_name: str
    units_per_container: int
    most_units_a_day: int | None
    most_units_a_moment: int | None
    moments: list[str]
    food: str
    allergens: list[str]
    diets: list[str]
    ingredients: list[ContainedOut]
    composition_sha256: str
    container_price_cents: int
    currency: str
    gtin: str
    is_active: bool


class ProductPageOut(Schema):
    """A page of products by name; `next` is the cursor of the page after, '' at the end."""

    products: list[ProductOut]
    next: str


@router.get("", response={200: ProductPageOut, **REFUSALS}, url_name="products_list")
@operation("catalog.read")
def list_products(
    request: HttpRequest,
    actor: Actor,
    q: str = "",
    ingredient: str = "",
    form: str = "",
    without: str = "",
    after: str = "",
    limit: int = 50,
) -> ProductPageOut:
    """Products in force by name: by words of it, what is in them, and the allergen they are free of."""
    page = selectors.search(
        actor,
        Asked(q[:100], ingredient[:60], form[:20], without[:30]),
        after=cursors.read_text(after),
        limit=max(1, min(limit, 200)),
    )
    return ProductPageOut(
        products=[_out(row) for row in page.rows],
        next=cursors.write(page.rows[-1].name, page.rows[-1].id) if page.more else "",
    )


@router.get("/{slug:key}", response={200: ProductOut, **REFUSALS}, url_name="product")
@operation("catalog.read")
def read_product(request: HttpRequest, actor: Actor, key: str) -> ProductOut:
    """The version of a product that is in force, or its last one when it was retired."""
    return _out(selectors.product(actor, key))


def _out(product: ProductInfo) -> ProductOut:
    contained = [
        ContainedOut(
            ingredient=each.ingredient_key, form=each.form_key, amount=plain(each.amount), unit=each.unit
        )
        for each in product.ingredients
    ]
    same = {name: getattr(product, name) for name in ProductOut.model_fields if name != "ingredients"}
    return ProductOut(**same, ingredients=contained)
