"""One's own second factors: add, name, remove; and recovery codes, shown once."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from willowbark.foundation.authorisation import Actor
from willowbark.foundation.web import endpoint
from willowbark.kernel.errors import Conflict, Invalid, NotFound
from willowbark.practice import selectors
from willowbark.practice.selectors import Factor, Told
from willowbark.practice.selectors.factors import APP
from willowbark.practice.services.factors import (
    add_app,
    add_passkey,
    make_recovery_codes,
    new_app,
    recovery_codes_once,
    remove_factor,
    rename_factor,
)
from willowbark.practice.services.factors.codes import NewApp
from willowbark.practice.services.factors.passkeys import ask_for_new, new_passkey
from willowbark.practice.services.factors.secrets import sealed, unsealed
from willowbark.practice.services.notices import know_of_notices
from willowbark.practice.sign_in import second_factor_added

TASK = "own_account"
# The key under which a session keeps, sealed, the secret of an app that is being added.
_SECRET = "willowbark_new_app"  # noqa: S105 - the name of a key, no secret


@dataclass(frozen=True, slots=True)
class FactorsPage:
    """One's second factors."""

    factors: tuple[Factor, ...]
    has_app: bool
    codes_left: int
    is_needed: bool
    told: tuple[Told, ...]
    errors: Mapping[str, str] = field(default_factory=dict)


@endpoint()
def second_factor(request: HttpRequest, actor: Actor) -> HttpResponse:
    """One's second factors, and the ways to add one."""
    return _page(request, actor)


@endpoint(methods=("POST",))
def known(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Say that one knows of what changed in one's own sign-in."""
    know_of_notices(actor=actor)
    return redirect("practice:day")


@dataclass(frozen=True, slots=True)
class AppPage:
    """What an authenticator app is given, and the form for its first code."""

    app: NewApp
    secret_text: str
    name: str
    errors: Mapping[str, str]


@endpoint(methods=("GET", "POST"), confirmed=True)
def add_app_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Add an authenticator app: scan, then type the code that it shows."""
    kept = request.session.get(_SECRET)
    if request.method != "POST" or kept is None:
        return _app_page(request, actor, secret=unsealed(kept) if kept else "")
    name, secret = request.POST.get("name", ""), unsealed(kept)
    try:
        add_app(actor=actor, secret=secret, code=request.POST.get("code", "")[:40], name=name)
    except Invalid as error:
        return _app_page(request, actor, secret=secret, name=name, errors={error.field: str(error)})
    except Conflict as error:
        return _page(request, actor, {"app": str(error)})
    del request.session[_SECRET]
    return _added(request, actor)


@dataclass(frozen=True, slots=True)
class PasskeyPage:
    """The form for a new passkey."""

    name: str
    errors: Mapping[str, str]


@endpoint(methods=("GET", "POST"), confirmed=True)
def add_passkey_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Add a passkey, which the browser makes."""
    name = request.POST.get("name", "")
    if request.method != "POST":
        return _passkey_page(request, "", {})
    try:
        add_passkey(actor=actor, credential=new_passkey(request.POST.get("passkey", "")), name=name)
    except Invalid as error:
        return _passkey_page(request, name, {error.field: str(error)})
    except Conflict as error:
        return _page(request, actor, {"passkey": str(error)})
    return _added(request, actor)


@endpoint(confirmed=True)
def new_passkey_asked(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What the browser is asked for, to make a passkey."""
    return HttpResponse(ask_for_new(actor), content_type="application/json")


@endpoint(methods=("POST",))
def rename(request: HttpRequest, actor: Actor, factor_id: int) -> HttpResponse:
    """Call one of one's factors something else; one that is gone meanwhile is no longer on the page."""
    try:
        with suppress(NotFound):
            rename_factor(actor=actor, factor_id=factor_id, name=request.POST.get("name", ""))
    except Invalid as error:
        return _page(request, actor, {f"name_{factor_id}": str(error)})
    return redirect("practice:second_factor")


@endpoint(methods=("POST",), confirmed=True)
def remove(request: HttpRequest, actor: Actor, factor_id: int) -> HttpResponse:
    """Remove one of one's factors; that it is gone already is as good."""
    try:
        with suppress(NotFound):
            remove_factor(actor=actor, factor_id=factor_id)
    except Conflict as error:
        return _page(request, actor, {"remove": str(error)})
    return redirect("practice:second_factor")


@dataclass(frozen=True, slots=True)
class CodesPage:
    """Recovery codes: `codes` the one time that they are shown, and how many are left."""

    practice_name: str
    email: str
    codes: tuple[str, ...]
    left: int


@endpoint(methods=("GET", "POST"), confirmed=True)
def recovery_codes(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show recovery codes, the first time after they were made; or make new ones."""
    if request.method == "POST":
        try:
            make_recovery_codes(actor=actor)
        except NotFound:
            return redirect("practice:second_factor")
        return redirect("practice:recovery_codes")
    # What only asks for the head of the page does not see them.
    codes = recovery_codes_once(actor) if request.method == "GET" else []
    practice = selectors.organisation()
    page = CodesPage(
        practice_name=practice.name if practice else "",
        email=selectors.myself(actor).email,
        codes=tuple(f"{code[:4]} {code[4:]}" for code in codes),
        left=selectors.recovery_codes_left(actor),
    )
    return render(request, "practice/recovery_codes.html", {"page": page, "page_task_kind": TASK})


def _added(request: HttpRequest, actor: Actor) -> HttpResponse:
    """On to the recovery codes, if these are the first; they are shown once."""
    second_factor_added(request, actor=actor)
    return redirect("practice:recovery_codes")


def _page(request: HttpRequest, actor: Actor, errors: Mapping[str, str] | None = None) -> HttpResponse:
    own, practice = tuple(selectors.factors(actor)), selectors.organisation()
    page = FactorsPage(
        factors=own,
        has_app=any(each.kind == APP for each in own),
        codes_left=selectors.recovery_codes_left(actor),
        is_needed=bool(practice and practice.needs_second_factor),
        told=tuple(selectors.notices(actor)),
        errors=errors or {},
    )
    context = {"page": page, "page_task_kind": TASK}
    return render(request, "practice/second_factor.html", context, status=422 if errors else 200)


def _app_page(
    request: HttpRequest,
    actor: Actor,
    *,
    secret: str,
    name: str = "Phone",
    errors: Mapping[str, str] | None = None,
) -> HttpResponse:
    app = new_app(actor, secret)
    request.session[_SECRET] = sealed(app.secret)
    groups = (app.secret[start : start + 4] for start in range(0, len(app.secret), 4))
    page = AppPage(app, " ".join(groups), name, errors or {})
    context = {"page": page, "page_task_kind": TASK}
    return render(request, "practice/add_app.html", context, status=422 if errors else 200)


def _passkey_page(request: HttpRequest, name: str, errors: Mapping[str, str]) -> HttpResponse:
    context = {
        "page": PasskeyPage(name, errors),
        "page_task_kind": TASK,
        "asked_at": reverse("practice:new_passkey_asked"),
    }
    return render(request, "practice/add_passkey.html", context, status=422 if errors else 200)
