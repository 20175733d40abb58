"""Pages of the catalog: find a product, and see what is in one unit of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from willowbark.catalog import pages, selectors
from willowbark.catalog.core.products import ALLERGENS, FORMS, ProductInfo
from willowbark.catalog.pages import ProductList, ProductPage, ProductRow
from willowbark.catalog.selectors import Asked, Place
from willowbark.foundation import cursors
from willowbark.foundation.authorisation import Actor, allows
from willowbark.foundation.presentation.choices import Choice
from willowbark.foundation.presentation.words import phrase
from willowbark.foundation.web import endpoint

TASK = "catalog"
PAGE = 50


@endpoint("catalog.read")
def products(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Products in force by name, or those that are asked for."""
    asked = Asked(
        words=request.GET.get("q", "")[:100],
        ingredient_key=request.GET.get("ingredient", "")[:60],
        form=request.GET.get("form", "")[:20],
        without_allergen=request.GET.get("without", "")[:30],
    )
    after = request.GET.get("after", "")
    found = selectors.search(actor, asked, after=cursors.read_text(after), limit=PAGE)
    places = selectors.places_of(actor, [row.id for row in found.rows])
    page = ProductList(
        query=asked.words,
        ingredients=_choices(selectors.ingredient_keys(actor), asked.ingredient_key, pages.ingredient_name),
        forms=_choices(FORMS, asked.form, phrase),
        allergens=_choices(sorted(ALLERGENS), asked.without_allergen, phrase),
        rows=tuple(_row(row, places[row.id]) for row in found.rows),
        first_url=_url(asked) if after else "",
        further_url=_url(asked, cursors.write(found.rows[-1].name, found.rows[-1].id)) if found.more else "",
        price_lists_url=reverse("catalog:price_lists") if allows(actor, "catalog.manage") else "",
    )
    fragment = "#products" if request.headers.get("HX-Target") == "products" else ""
    context = {"page": page, "page_task_kind": TASK}
    response = render(request, f"catalog/products.html{fragment}", context)
    response["Vary"] = "HX-Request, HX-Target"
    return response


def _choices(keys: Iterable[str], chosen: str, label: Callable[[str], str]) -> tuple[Choice, ...]:
    return tuple(
        sorted((Choice(key, label(key), key == chosen) for key in keys), key=lambda one: one.label.lower())
    )


def _row(product: ProductInfo, places: tuple[Place, ...]) -> ProductRow:
    return ProductRow(
        url=reverse("catalog:product", args=[product.key]),
        product=product,
        contains_text=pages.contains_text(product),
        price_text=pages.money_text(product.container_price_cents, product.currency),
        places=places,
    )


def _url(asked: Asked, after: str = "") -> str:
    said = {
        "q": asked.words,
        "ingredient": asked.ingredient_key,
        "form": asked.form,
        "without": asked.without_allergen,
        "after": after,
    }
    given = {name: value for name, value in said.items() if value}
    return f"{reverse('catalog:products')}?{urlencode(given)}" if given else reverse("catalog:products")


@endpoint("catalog.read")
def product(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """One product: what is in one unit, what it must not meet, and where it stands."""
    found = selectors.product(actor, key)
    unit_cents = Decimal(found.container_price_cents) / found.units_per_container
    page = ProductPage(
        product=found,
        contained=pages.contained_of(found),
        price_text=pages.money_text(found.container_price_cents, found.currency),
        unit_price_text=f"{unit_cents:.1f} cents",
        cost_text=pages.money_text(found.container_cost_cents, found.currency)
        if allows(actor, "catalog.manage")
        else "",
        allergens=tuple(phrase(each) for each in found.allergens),
        diets=tuple(phrase(each) for each in found.diets),
        moments_text=", ".join(phrase(each) for each in found.moments),
        places=selectors.places_of(actor, [found.id])[found.id],
        may_edit=allows(actor, "catalog.manage"),
    )
    return render(request, "catalog/product.html", {"page": page, "page_task_kind": TASK})
