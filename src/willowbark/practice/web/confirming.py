"""Confirming who one is, before what matters most; and from there back to it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from willowbark.foundation.authorisation import Actor
from willowbark.foundation.step_up import SendAgain, is_ours
from willowbark.foundation.web import endpoint
from willowbark.kernel.errors import Invalid
from willowbark.practice import selectors
from willowbark.practice.selectors.factors import APP, PASSKEY
from willowbark.practice.services.guessing import SignInLocked
from willowbark.practice.sign_in import (
    ask_to_confirm_by_passkey,
    confirm_by_code,
    confirm_by_passkey,
    confirm_by_password,
    confirm_in_demo,
)

# What this page asks for itself begins like this; everything else of a form was typed elsewhere.
OWN = "identity:"


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """The page that asks who one is. `held` are the fields of the form that is sent again afterwards."""

    name: str
    email: str
    has_password: bool
    has_app: bool
    has_passkey: bool
    is_demo: bool
    was_sent: bool
    held: tuple[tuple[str, str], ...]
    errors: dict[str, str]
    locked_text: str


@endpoint(methods=("GET", "POST"))
def confirm(request: HttpRequest, actor: Actor) -> HttpResponse:
    """
    Ask who somebody is, and lead them back to where that was needed.

    A form that was refused arrives here by itself, and is sent again once it is confirmed who sends it.
    """
    said = request.POST
    if f"{OWN}with" not in said:
        return _page(request, actor, was_sent=request.method == "POST")
    was_sent = f"{OWN}again" in said
    try:
        _confirm(request, actor, said[f"{OWN}with"])
    except Invalid as error:
        return _page(request, actor, {error.field: str(error)}, was_sent=was_sent)
    except SignInLocked as error:
        return _page(request, actor, locked_text=str(error), was_sent=was_sent)
    url = request.GET.get("next", "")
    if not is_ours(request, url):
        return redirect("practice:day")
    return SendAgain(url) if was_sent else redirect(url)


def _confirm(request: HttpRequest, actor: Actor, by: str) -> None:
    match by:
        case "demo":
            confirm_in_demo(request, actor=actor)
        case "passkey":
            confirm_by_passkey(request, actor=actor, answered=request.POST.get(f"{OWN}passkey", ""))
        case "code":
            confirm_by_code(request, actor=actor, code=request.POST.get(f"{OWN}code", "")[:40])
        case _:
            password = request.POST.get(f"{OWN}password", "")[:1000]
            confirm_by_password(request, actor=actor, password=password)


@endpoint()
def passkey_asked(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What the browser is asked for, to confirm by a passkey."""
    return HttpResponse(ask_to_confirm_by_passkey(actor), content_type="application/json")


def _page(
    request: HttpRequest,
    actor: Actor,
    errors: dict[str, str] | None = None,
    *,
    locked_text: str = "",
    was_sent: bool,
) -> HttpResponse:
    me, practice = selectors.myself(actor), selectors.organisation()
    page = ConfirmPage(
        name=me.name,
        email=me.email,
        has_password=me.has_password,
        has_app=selectors.has_second_factor(actor.user_id, kind=APP),
        has_passkey=selectors.has_second_factor(actor.user_id, kind=PASSKEY),
        is_demo=bool(practice and practice.is_demo),
        was_sent=was_sent,
        held=tuple(_held(request)),
        errors=errors or {},
        locked_text=locked_text,
    )
    context = {"page": page, "action": f"{reverse('practice:confirm')}?{request.GET.urlencode()}"}
    return render(request, "practice/confirm.html", context, status=422 if errors or locked_text else 200)


def _held(request: HttpRequest) -> list[tuple[str, str]]:
    return [
        (name, str(value))
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken" and not name.startswith(OWN)
        for value in values
    ]
