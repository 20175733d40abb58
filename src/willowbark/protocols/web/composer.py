"""The composer: choose Master Protocols, read what was considered, decide by hand, see the plan at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode

from willowbark.catalog.core.products import DIETS
from willowbark.foundation import panels
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.web import endpoint, uuid_of
from willowbark.kernel.errors import Invalid
from willowbark.patients.selectors import require_reach
from willowbark.protocols.core.choices import STATES, Choices
from willowbark.protocols.core.day import MOMENT_KEYS
from willowbark.protocols.core.goals import aimed, alternative
from willowbark.protocols.events import TOPIC
from willowbark.protocols.pages.composer import composer_of
from willowbark.protocols.pages.finding import options_for
from willowbark.protocols.pages.options import option_of
from willowbark.protocols.pages.wanting import WANTED_UNITS, wantable_choices
from willowbark.protocols.selectors.drafts import DraftView, draft, open_draft_of
from willowbark.protocols.services.drafts import (
    MergedPatient,
    change_draft,
    open_draft,
    set_draft_aside,
)
from willowbark.protocols.services.supposing import suppose
from willowbark.protocols.services.wanting import Amounts, want
from willowbark.record.events import TOPIC as RECORD_TOPIC
from willowbark.record.pages.header import header_of
from willowbark.record.selectors.chart import open_chart

TASK_KIND = "protocol_composition"
COMPOSE = "protocols.compose"
_BOUNDS = ("days", "most_units", "most_units_a_moment", "most_moments", "most_products", "most_cost")


@endpoint(COMPOSE)
def composer(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """The patient's draft as it was left; the page itself then asks to begin, or to compose again."""
    return _page(request, actor, patient_id, open_draft_of(actor, patient_id), keep=False)


@endpoint(COMPOSE, methods=("POST",))
def begin(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Open the patient's draft, or compose it again."""
    return _composed(request, actor, patient_id, open_draft(actor=actor, patient_id=patient_id))


@endpoint(COMPOSE, methods=("POST",))
def prove(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Go on with a plan that is not proven yet, until it is."""
    view = draft(actor, patient_id, uuid_of(request.POST.get("draft", "")))
    return _page(request, actor, patient_id, view)


@endpoint(COMPOSE, methods=("POST",))
def choose(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Choose the Master Protocols, the phase of each, and what takes the place of what."""
    keys = request.POST.getlist("master")
    return _changed(request, actor, patient_id, master_keys=keys, change=lambda it: _phased(it, request))


@endpoint(COMPOSE, methods=("POST",))
def decide(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Decide about one product by hand: include, exclude, lock its dosage, or leave it to the composer."""
    product, verb = request.POST.get("product", ""), request.POST.get("do", "")
    decisions: dict[str, Callable[[Choices], Choices]] = {
        "include": lambda choices: choices.include(product),
        "exclude": lambda choices: choices.exclude(product),
        "free": lambda choices: choices.free(product),
        "lock": lambda choices: choices.lock(product, _units(request)),
    }
    if verb not in decisions:
        raise Invalid("There is no such decision.", field="do")
    return _changed(request, actor, patient_id, change=decisions[verb])


@endpoint(COMPOSE, methods=("POST",))
def adjust(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Adjust what the plan may ask of the day, and what the record does not say of the person."""
    part = request.POST.get("part", "")
    parts: dict[str, Callable[[Choices], Choices]] = {
        "day": lambda choices: _bounded(choices, request.POST).bound(
            in_stock_only=request.POST.get("in_stock_only") == "1"
        ),
        "bounds": lambda choices: _bounded(choices, request.POST),
        "goal": lambda choices: aimed(choices, request.POST.get("goal", "")),
        "person": lambda choices: _said_of_person(choices, request),
    }
    if part not in parts:
        raise Invalid("There is no such part.", field="part")
    return _changed(request, actor, patient_id, change=parts[part])


@endpoint(COMPOSE)
def targets(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """What can be wanted by hand: a form, asked for when somebody opens it."""
    require_reach(actor, patient_id, COMPOSE)
    context = {
        "ingredients": wantable_choices(actor),
        "units": WANTED_UNITS,
        "patient_id": patient_id,
        "draft_id": request.GET.get("draft", "")[:36],
    }
    return render(request, "protocols/target_form.html", context)


@endpoint(COMPOSE, methods=("POST",))
def target(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Want an amount of an ingredient by hand, or no longer."""
    key = request.POST.get("ingredient", "")
    if request.POST.get("do") == "remove":
        return _changed(request, actor, patient_id, change=lambda choices: choices.unwant(key))
    draft_id = uuid_of(request.POST.get("draft", ""))
    return _answered(
        request,
        actor,
        patient_id,
        lambda: want(actor=actor, patient_id=patient_id, draft_id=draft_id, amounts=_amounts(request)),
    )


@endpoint(COMPOSE)
def what_if(request: HttpRequest, actor: Actor, patient_id: UUID, composition_id: UUID) -> HttpResponse:
    """What other bounds would come to: a good plan at once, and asked for `until=proven` the proven one."""
    is_tried = request.GET.get("until") == "proven"
    supposed = suppose(
        actor=actor,
        patient_id=patient_id,
        composition_id=composition_id,
        change=lambda choices: _bounded(choices, request.GET),
        at_once=not is_tried,
    )
    asked = {name: request.GET[name] for name in _BOUNDS if name in request.GET}
    context = {
        "said": option_of(supposed),
        "asked": asked,
        "again": urlencode({**asked, "until": "proven"}),
        "is_tried": is_tried,
        "before": supposed.before,
    }
    return render(request, "protocols/what_if.html", context)


@endpoint(COMPOSE)
def alternatives(request: HttpRequest, actor: Actor, patient_id: UUID, composition_id: UUID) -> HttpResponse:
    """One of the alternatives, proven, to be shown beside the others."""
    goal = request.GET.get("goal", "")
    supposed = suppose(
        actor=actor,
        patient_id=patient_id,
        composition_id=composition_id,
        change=lambda choices: aimed(choices, goal),
    )
    context = {"alternative": alternative(goal), "said": option_of(supposed), "before": supposed.before}
    return render(request, "protocols/alternative.html", context)


@endpoint(COMPOSE, methods=("POST",))
def set_aside(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Set the draft aside without signing it."""
    set_draft_aside(actor=actor, patient_id=patient_id, draft_id=uuid_of(request.POST.get("draft", "")))
    return redirect("record:chart", patient_id=patient_id)


@endpoint(COMPOSE)
def find(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Products to add, by name or by what they hold."""
    require_reach(actor, patient_id, COMPOSE)
    context = {
        "options": options_for(actor, request.GET.get("q", "")[:100]),
        "query": request.GET.get("q", "")[:100],
        "patient_id": patient_id,
        "draft_id": request.GET.get("draft", "")[:36],
    }
    return render(request, "protocols/product_options.html", context)


def _changed(
    request: HttpRequest,
    actor: Actor,
    patient_id: UUID,
    *,
    master_keys: list[str] | None = None,
    change: Callable[[Choices], Choices] | None = None,
) -> HttpResponse:
    draft_id = uuid_of(request.POST.get("draft", ""))
    return _answered(
        request,
        actor,
        patient_id,
        lambda: change_draft(
            actor=actor, patient_id=patient_id, draft_id=draft_id, master_keys=master_keys, change=change
        ),
    )


def _answered(
    request: HttpRequest, actor: Actor, patient_id: UUID, change: Callable[[], DraftView]
) -> HttpResponse:
    """The composer after a change; or as it was before, with what was wrong."""
    try:
        view = change()
    except Invalid as error:
        before = draft(actor, patient_id, uuid_of(request.POST.get("draft", "")))
        return _page(request, actor, patient_id, before, field_error=str(error))
    return _composed(request, actor, patient_id, view)


def _composed(request: HttpRequest, actor: Actor, patient_id: UUID, view: DraftView) -> HttpResponse:
    """The composer, composed anew: as a fragment, or without scripts at its own address."""
    if request.headers.get("HX-Request"):
        return _page(request, actor, patient_id, view, at_once=True)
    composer_of(actor, view)
    return redirect("protocols:composer", patient_id=patient_id)


def _page(
    request: HttpRequest,
    actor: Actor,
    patient_id: UUID,
    view: DraftView | None,
    *,
    field_error: str = "",
    keep: bool = True,
    at_once: bool = False,
) -> HttpResponse:
    is_fragment = request.headers.get("HX-Target") == "composer"
    context: dict[str, Any] = {
        "page": composer_of(actor, view, field_error=field_error, keep=keep, at_once=at_once)
        if view
        else None,
        "patient_id": patient_id,
        # The button that was pressed is gone then: the focus goes to the plan, for those without a mouse.
        "was_freed": request.POST.get("do") == "free",
        "page_task_kind": TASK_KIND,
        "page_patient_id": str(patient_id),
        "page_live_topics": f"{RECORD_TOPIC}:{patient_id} {TOPIC}:{patient_id}",
    }
    if not is_fragment:
        chart = open_chart(actor, patient_id, action="protocols.composer_read")
        if chart.record.patient.linked_to is not None:
            raise MergedPatient("This row was merged into another person; compose there.")
        context["header"] = header_of(chart)
        context["panels"] = panels.rendered("compose", request, actor, patient_id)
    name = "protocols/composer.html#composer" if is_fragment else "protocols/composer.html"
    response = render(request, name, context, status=422 if field_error else 200)
    response["Vary"] = "HX-Request, HX-Target"
    if field_error:
        said = {"text": field_error, "bad": True}
        response["HX-Trigger"] = json.dumps({"willow:toast": said})
    return response


def _whole(text: str, name: str) -> int:
    """
    A whole number of a form.

    Raises:
        Invalid: it is none.
    """
    stripped = text.strip()
    if not stripped.isascii() or not stripped.isdigit() or len(stripped) > 9:
        raise Invalid(f"{text[:20]!r} is not a whole number.", field=name)
    return int(stripped)


def _units(request: HttpRequest) -> dict[str, int]:
    return {key: _whole(request.POST.get(f"units_{key}", "") or "0", f"units_{key}") for key in MOMENT_KEYS}


def _amounts(request: HttpRequest) -> Amounts:
    """
    The target by hand of a form.

    Raises:
        Invalid: an amount that is no number.
    """
    most = request.POST.get("most", "").strip()
    return Amounts(
        ingredient_key=request.POST.get("ingredient", ""),
        least=_number(request.POST.get("least", "") or "0", "least"),
        aim=_number(request.POST.get("aim", ""), "aim"),
        most=_number(most, "most") if most else None,
        unit=request.POST.get("unit", ""),
    )


def _number(text: str, name: str) -> Decimal:
    try:
        return Decimal(text.strip().replace(",", ""))
    except InvalidOperation as error:
        raise Invalid("Say the amount in numbers, such as 25 or 0.5.", field=name) from error


def _bounded(choices: Choices, said: Mapping[str, str]) -> Choices:
    """Choices with the bounds that are said; the others stay."""
    bounds: dict[str, int | None] = {
        name: _whole(said[name], name) for name in _BOUNDS if name in said and name != "most_cost"
    }
    if "most_cost" in said:
        bounds["most_cost_cents"] = _cents(said["most_cost"])
    return choices.bound(**bounds)


def _phased(choices: Choices, request: HttpRequest) -> Choices:
    """The phases and alternatives that the form says; what it does not name stays as it is."""
    phases, instead = dict(choices.phases), dict(choices.instead)
    for name, value in request.POST.items():
        if name.startswith("phase:"):
            phases[name.removeprefix("phase:")] = str(value)
        elif name.startswith("instead:"):
            place = name.removeprefix("instead:")
            if value == "auto":
                instead.pop(place, None)
            else:
                instead[place] = "" if value == "own" else str(value)
    return replace(choices, phases=phases, instead=instead)


def _cents(text: str) -> int | None:
    """An amount of money in cents; None when nothing was said."""
    if not text.strip():
        return None
    try:
        amount = Decimal(text.strip().replace(",", ""))
    except InvalidOperation as error:
        raise Invalid("Say the cost in numbers, such as 250 or 249.90.", field="most_cost") from error
    if not amount.is_finite() or amount < 0 or amount > 100_000 or amount * 100 != (amount * 100) // 1:
        raise Invalid("A cost between 0 and 100,000, with at most two digits of cents.", field="most_cost")
    return int(amount * 100)


def _said_of_person(choices: Choices, request: HttpRequest) -> Choices:
    """What the person page says: life stages, diets, what is replaced, when medicines are taken."""
    moments = dict(choices.drug_moments)
    for name, value in request.POST.items():
        if not name.startswith("moment_"):
            continue
        entry = uuid_of(name.removeprefix("moment_"))
        if value in MOMENT_KEYS:
            moments[entry] = str(value)
        else:
            moments.pop(entry, None)
    return replace(
        choices,
        states=tuple(each for each in STATES if each in request.POST.getlist("state")),
        diets=tuple(each for each in DIETS if each in request.POST.getlist("diet")),
        replaced=tuple(sorted({uuid_of(each) for each in request.POST.getlist("replaced")})),
        drug_moments=moments,
    )
