"""The page on which a product is edited."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from willowbark.catalog import selectors, services
from willowbark.catalog.core.editing import LISTS, edited
from willowbark.catalog.pages.editing import EditPage, asked_page, edit_page
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.web import endpoint
from willowbark.kernel.errors import Invalid
from willowbark.knowledge.selectors import release

LONGEST = 5_000


@endpoint("catalog.manage", methods=("GET", "POST"))
def edit(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """Change what is said of a product. Another composition becomes a new version."""
    require(actor, "catalog.manage")
    known = selectors.product(actor, key)
    if request.method != "POST":
        return _page(request, edit_page(known))
    texts = {name: value[:LONGEST] for name, value in request.POST.items() if isinstance(value, str)}
    lists = {name: tuple(request.POST.getlist(name)) for name in LISTS}
    in_force = request.POST.get("in_force") == "1"
    try:
        services.edit_product(
            actor=actor,
            product=edited(release(), known, texts, lists),
            in_force=in_force,
            reason=texts.get("reason", ""),
        )
    except Invalid as error:
        errors = {error.field or "name": str(error)}
        return _page(request, asked_page(known, texts, lists, is_in_force=in_force, errors=errors))
    return redirect("catalog:product", key=key)


def _page(request: HttpRequest, page: EditPage) -> HttpResponse:
    context = {"page": page, "page_task_kind": "catalog"}
    return render(request, "catalog/edit_product.html", context, status=422 if page.errors else 200)
