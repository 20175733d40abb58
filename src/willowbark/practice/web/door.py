"""The door: signing in and out."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from willowbark.foundation.authorisation import Actor
from willowbark.foundation.presentation.initials import initials_of
from willowbark.foundation.step_up import is_ours
from willowbark.foundation.web import endpoint, public, uuid_of
from willowbark.kernel.errors import DomainError
from willowbark.practice import selectors
from willowbark.practice.roles import shipped_roles
from willowbark.practice.services.guessing import SignInLocked
from willowbark.practice.sign_in import SignInRefused, demo_sign_in, sign_in, sign_out


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
    """Sign in by e-mail address and password."""
    if request.method != "POST":
        return _door(request)
    email, password = request.POST.get("email", ""), request.POST.get("password", "")
    try:
        actor = sign_in(request, email=email[:254], password=password[:1000])
    except SignInRefused as refusal:
        return _door(request, email=email[:254], error_text=str(refusal), status=401)
    except SignInLocked as refusal:
        return _door(request, email=email[:254], locked_text=str(refusal), status=429)
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
