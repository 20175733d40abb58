"""The door: signing in and out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from willowbark.foundation.authorisation import Actor
from willowbark.foundation.encryption.errors import EncryptionProblem
from willowbark.foundation.presentation.initials import initials_of
from willowbark.foundation.step_up import is_ours
from willowbark.foundation.web import endpoint, public, uuid_of
from willowbark.kernel.errors import DomainError
from willowbark.practice import selectors
from willowbark.practice.roles import shipped_roles
from willowbark.practice.services.guessing import SignInLocked
from willowbark.practice.sign_in import (
    SignInRefused,
    ask_for_passkey,
    demo_sign_in,
    halfway_in,
    sign_in,
    sign_in_with_code,
    sign_in_with_passkey,
    sign_out,
)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One card of a demo's door."""

    id: str
    name: str
    initials: str
    role_key: str
    role_name: str
    summary_text: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """The door."""

    practice_name: str
    is_demo: bool
    people: tuple[DemoPerson, ...]
    next_url: str
    email: str = ""
    error_text: str = ""
    locked_text: str = ""


@public
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """Sign in by e-mail address and password; who has a second factor is asked for that next."""
    if request.method != "POST":
        return _door(request)
    email, password = request.POST.get("email", ""), request.POST.get("password", "")
    try:
        actor = sign_in(request, email=email[:254], password=password[:1000])
    except SignInRefused as refusal:
        return _door(request, email=email[:254], error_text=str(refusal), status=401)
    except SignInLocked as refusal:
        return _door(request, email=email[:254], locked_text=str(refusal), status=429)
    if actor is None:
        wanted = urlencode({"next": request.POST.get("next", "")})
        return redirect(f"{reverse('practice:second_step')}?{wanted}")
    return redirect(_next_url(request, actor))


@dataclass(frozen=True, slots=True)
class SecondStep:
    """What is asked after the password."""

    has_passkey: bool
    next_url: str
    error_text: str = ""
    locked_text: str = ""


_CODES_SEALED = "Codes cannot be checked now; use a passkey or ask the owner."


@public
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """Prove the second factor by a code."""
    try:
        has_passkey = halfway_in(request).has_passkey
    except SignInRefused:
        return redirect("practice:sign_in")
    page = SecondStep(has_passkey, request.POST.get("next", request.GET.get("next", "")))
    if request.method != "POST":
        return _second_step(request, page)
    try:
        actor = sign_in_with_code(request, code=request.POST.get("code", "")[:40])
    except SignInRefused as refusal:
        return _second_step(request, replace(page, error_text=str(refusal)), status=401)
    except SignInLocked as refusal:
        return _second_step(request, replace(page, locked_text=str(refusal)), status=429)
    except EncryptionProblem:
        return _second_step(request, replace(page, locked_text=_CODES_SEALED), status=503)
    return redirect(_next_url(request, actor))


def _second_step(request: HttpRequest, page: SecondStep, *, status: int = 200) -> HttpResponse:
    return render(request, "practice/second_step.html", {"page": page}, status=status)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def passkey(request: HttpRequest) -> HttpResponse:
    """What a browser is asked for a passkey, as JSON; and what it answers, as a form."""
    if request.method != "POST":
        try:
            return HttpResponse(ask_for_passkey(request), content_type="application/json")
        except SignInRefused as refusal:
            return JsonResponse({"message": str(refusal)}, status=401)
    try:
        actor = sign_in_with_passkey(request, answered=request.POST.get("passkey", ""))
    except SignInRefused as refusal:
        return _door(request, error_text=str(refusal), status=401)
    except SignInLocked as refusal:
        return _door(request, locked_text=str(refusal), status=429)
    return redirect(_next_url(request, actor))


@public
@require_http_methods(["POST"])
def demo_sign_in_page(request: HttpRequest) -> HttpResponse:
    """Sign in as one of a demo's people with one click."""
    try:
        actor = demo_sign_in(request, user_id=uuid_of(request.POST.get("person_id", "")))
    except DomainError:
        return HttpResponse(status=404)
    return redirect(_next_url(request, actor))


@endpoint(methods=("POST",))
def sign_out_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Sign out."""
    sign_out(request, actor=actor)
    return redirect("practice:sign_in")


def _door(request: HttpRequest, *, status: int = 200, **shown: str) -> HttpResponse:
    practice, roles = selectors.organisation(), shipped_roles()
    people = tuple(
        DemoPerson(
            str(person.user_id),
            person.name,
            initials_of(person.name),
            person.role_code,
            person.role_name,
            roles[person.role_code]["summary"],
        )
        for person in selectors.demo_people()
    )
    page = SignIn(
        practice_name=practice.name if practice else "",
        is_demo=bool(practice and practice.is_demo),
        people=people,
        next_url=request.POST.get("next", request.GET.get("next", "")),
        **shown,
    )
    return render(request, "practice/sign_in.html", {"page": page}, status=status)


def _next_url(request: HttpRequest, actor: Actor) -> str:
    if not actor.permissions:
        return reverse("practice:account")  # the one page that is theirs; it says why
    wanted = request.POST.get("next", "")
    return wanted if is_ours(request, wanted) else reverse("practice:day")
