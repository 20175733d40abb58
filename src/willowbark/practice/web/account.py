"""One's own account: what one may do here, how one signs in, and where one is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from willowbark.foundation.authorisation import Actor
from willowbark.foundation.web import endpoint
from willowbark.kernel.errors import Invalid
from willowbark.practice import selectors
from willowbark.practice.selectors import Factor, SignedInDevice
from willowbark.practice.services.guessing import SignInLocked
from willowbark.practice.sign_in import change_password
from willowbark.practice.web.people import PersonShown, person_shown


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One's own account."""

    me: PersonShown
    factors: tuple[Factor, ...]
    codes_left: int
    devices: tuple[SignedInDevice, ...]
    errors: Mapping[str, str]
    locked_text: str


@endpoint()
def account(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What one may do here, and the form for another password."""
    return _page(request, actor)


@endpoint(methods=("POST",))
def own_password(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Change one's own password; elsewhere one is signed out."""
    typed = {name: request.POST.get(name, "")[:1000] for name in ("current", "new", "again")}
    if typed["new"] != typed["again"]:
        return _page(request, actor, {"again": "The two are not the same."})
    try:
        change_password(request, actor=actor, current=typed["current"], new=typed["new"])
    except Invalid as error:
        return _page(request, actor, {error.field: str(error)})
    except SignInLocked as error:
        return _page(request, actor, locked_text=str(error))
    return redirect(f"{reverse('practice:account')}?done=1")


def _page(
    request: HttpRequest, actor: Actor, errors: Mapping[str, str] | None = None, *, locked_text: str = ""
) -> HttpResponse:
    page = AccountPage(
        me=person_shown(selectors.myself(actor), actor),
        factors=tuple(selectors.factors(actor)),
        codes_left=selectors.recovery_codes_left(actor),
        devices=tuple(selectors.devices(actor, str(request.session.session_key))),
        errors=errors or {},
        locked_text=locked_text,
    )
    refused = bool(errors or locked_text)
    done = ["Your password is changed. Wherever else you were signed in, that has ended."]
    context = {
        "page": page,
        "page_task_kind": "own_account",
        "messages": done if "done" in request.GET and not refused else [],
    }
    return render(request, "practice/account.html", context, status=422 if refused else 200)
