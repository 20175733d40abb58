"""Pages of the knowledge: look an ingredient up, and check a list."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from willowbark.foundation.authorisation import Actor
from willowbark.foundation.web import endpoint
from willowbark.kernel.errors import Invalid
from willowbark.knowledge import pages
from willowbark.knowledge.core.asked import Asked
from willowbark.knowledge.selectors import browsing

TASK = "knowledge"
LONGEST_QUERY = 100


@endpoint("catalog.read")
def ingredients(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Ingredients by name, or those that are asked for."""
    query = request.GET.get("q", "")[:LONGEST_QUERY]
    known, found = browsing.ingredients(actor, query)
    page = pages.ingredient_list(known, query, found)
    fragment = "#ingredients" if request.headers.get("HX-Target") == "ingredients" else ""
    response = render(
        request, f"knowledge/ingredients.html{fragment}", {"page": page, "page_task_kind": TASK}
    )
    response["Vary"] = "HX-Request, HX-Target"
    return response


@endpoint("catalog.read")
def ingredient(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """What is known of one ingredient, with sources, grades and days of review."""
    page = pages.ingredient_page(*browsing.ingredient(actor, key))
    return render(request, "knowledge/ingredient.html", {"page": page, "page_task_kind": TASK})


@endpoint("catalog.read", methods=("GET", "POST"))
def check(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The checker. A list is posted, since addresses hold no health data; nothing of it is kept."""
    if request.method != "POST":
        browsing.open_checker(actor)
        return _checker(request, pages.check_page(Asked()))
    try:
        asked = _asked(request)
        return _checker(request, pages.check_page(asked, browsing.checked(actor, asked)))
    except Invalid as error:
        return _checker(request, pages.check_page(_texts(request)), error=str(error))


def _asked(request: HttpRequest) -> Asked:
    return replace(_texts(request), age_years=_age(request.POST.get("age", "")))


def _texts(request: HttpRequest) -> Asked:
    return Asked(
        drugs=_lines(request, "drugs"),
        supplements=_lines(request, "supplements"),
        conditions=_lines(request, "conditions"),
        allergies=_lines(request, "allergies"),
        lab_tests=_lines(request, "tests"),
        jurisdiction=request.POST.get("jurisdiction", "US"),
    )


def _checker(request: HttpRequest, page: pages.CheckPage, *, error: str = "") -> HttpResponse:
    context = {
        "page": page,
        "error": error,
        "page_task_kind": TASK,
        "example_drugs": pages.EXAMPLE_DRUGS,
        "example_supplements": pages.EXAMPLE_SUPPLEMENTS,
    }
    return render(request, "knowledge/check.html", context, status=422 if error else 200)


def _lines(request: HttpRequest, name: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in request.POST.get(name, "").splitlines() if line.strip())


def _age(text: str) -> int | None:
    """
    An age in whole years, None when nothing was written.

    Raises:
        Invalid: not a number of years from 0 to 130.
    """
    if not text.strip():
        return None
    if not text.strip().isdecimal() or not 0 <= int(text.strip()[:4]) <= 130:
        raise Invalid("An age is a number of whole years, 0 to 130.", field="age")
    return int(text.strip())
