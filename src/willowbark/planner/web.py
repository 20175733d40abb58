"""The planner's pages: move, see, save, compare, print."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.web import endpoint, uuid_of
from willowbark.kernel.errors import Invalid
from willowbark.planner.core.scenario import BadScenario
from willowbark.planner.pages.comparison import Comparison, comparison_of
from willowbark.planner.pages.growth import growth_of
from willowbark.planner.pages.page import (
    Part,
    figure_of,
    figure_urls,
    page_of,
    part_of,
    scenario_from,
    start_of,
)
from willowbark.planner.pages.paper import paper_of
from willowbark.planner.services import put_away_scenario, save_scenario

TASK_KIND = "planning"
MOST_COMPARED = 2


@endpoint("planner.view")
def home(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The planner as its controls stand; for htmx the answer alone."""
    require(actor, "planner.view")
    said = request.GET.dict()
    start = start_of(actor, said, _scenario_id(said))
    made = part_of if _is_part(request) else page_of
    if start.found and not _is_part(request):
        access.record_list(actor, "planner.own_figures")
    try:
        return _shown(request, made(actor, start, said))
    except BadScenario as error:
        return _shown(request, made(actor, start, said, error=str(error)), status=422)


@endpoint("planner.view")
def growth(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The part of the page that takes longest: growth, simulated."""
    require(actor, "planner.view")
    said = request.GET.dict()
    start = start_of(actor, said, _scenario_id(said))
    scenario, _ = scenario_from(start, said)
    found = growth_of(scenario, figure_urls(start, scenario))
    return render(request, "planner/growth.html", {"growth": found})


@endpoint("planner.view")
def figure(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """One figure as the controls stand: its formula, what it takes, and who gave that."""
    said = request.GET.dict()
    found = figure_of(actor, key, said, _scenario_id(said))
    return render(request, "planner/figure.html", {"page": found, "page_task_kind": TASK_KIND})


@endpoint("planner.edit", methods=("POST",))
def save(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Keep the scenario as the controls stand, under a name."""
    require(actor, "planner.edit")
    said = request.POST.dict()
    start = start_of(actor, said, _scenario_id(said))
    name = said.get("name", "")
    try:
        scenario, own = scenario_from(start, said)
        saved_id = save_scenario(
            actor=actor,
            name=name,
            scenario=scenario,
            own=own,
            request_key=uuid_of(said.get("request_key", "")),
        )
    except Invalid as error:
        is_moved = isinstance(error, BadScenario)
        page = page_of(
            actor, start, {} if is_moved else said, name=name, error="" if not is_moved else str(error)
        )
        return _shown(request, page, status=422, name_error="" if is_moved else str(error))
    return redirect(f"{reverse('planner:home')}?scenario={saved_id}")


@endpoint("planner.edit", methods=("POST",))
def put_away(request: HttpRequest, actor: Actor, scenario_id: UUID) -> HttpResponse:
    """Put a saved scenario away."""
    put_away_scenario(actor=actor, scenario_id=scenario_id)
    return redirect("planner:home")


@endpoint("planner.view")
def compare(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Two saved scenarios side by side."""
    found = _compared(request, actor)
    address = request.GET.urlencode()
    context = {
        "page": found,
        "paper_url": f"{reverse('planner:paper')}?{address}",
        "page_task_kind": TASK_KIND,
    }
    return render(request, "planner/compare.html", context)


@endpoint("planner.view")
def paper(request: HttpRequest, actor: Actor) -> HttpResponse:
    """One saved scenario, or two side by side, as a PDF."""
    response = HttpResponse(paper_of(_compared(request, actor)), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="plan.pdf"'
    return response


def _compared(request: HttpRequest, actor: Actor) -> Comparison:
    require(actor, "planner.view")
    chosen = [uuid_of(one) for one in request.GET.getlist("with")]
    if not 1 <= len(chosen) <= MOST_COMPARED:
        raise Invalid("Choose one scenario or two.", field="with")
    return comparison_of(actor, chosen)


def _scenario_id(said: Mapping[str, str]) -> UUID | None:
    return uuid_of(said["scenario"]) if said.get("scenario") else None


def _is_part(request: HttpRequest) -> bool:
    return request.headers.get("HX-Target") == "planner-answer"


def _shown(request: HttpRequest, page: Part, *, status: int = 200, name_error: str = "") -> HttpResponse:
    template = "planner/home.html#answer" if _is_part(request) else "planner/home.html"
    context = {"page": page, "name_error": name_error, "page_task_kind": TASK_KIND}
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response
