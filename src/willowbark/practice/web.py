"""Pages of the practice: the door, and the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from willowbark.foundation import panels
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.panels import Rendered
from willowbark.foundation.presentation.initials import initials_of
from willowbark.foundation.web import endpoint, public, uuid_of
from willowbark.kernel.errors import DomainError
from willowbark.practice import selectors
from willowbark.practice.pages import day_of, today_here
from willowbark.practice.sign_in import SignInLocked, SignInRefused, demo_sign_in, sign_in, sign_out

ROLE_SUMMARIES = {
    "owner": "Runs the practice: people, imports, the access log. No charts.",
    "senior_practitioner": "Every chart of the site, matching and review.",
    "practitioner": "The charts of the patients in their care.",
    "health_coach": "Reads charts of their patients, writes coaching notes.",
    "front_desk": "Registers and finds patients. No charts.",
    "dispensary": "Medicines, supplements and allergies only.",
}


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
        sign_in(request, email=email[:254], password=password[:1000])
    except SignInRefused as refusal:
        return _door(request, email=email[:254], error_text=str(refusal), status=401)
    except SignInLocked as refusal:
        return _door(request, email=email[:254], locked_text=str(refusal), status=429)
    return redirect(_next_url(request))


@public
@require_http_methods(["POST"])
def demo_sign_in_page(request: HttpRequest) -> HttpResponse:
    """Sign in as one of a demo's people with one click."""
    try:
        demo_sign_in(request, user_id=uuid_of(request.POST.get("person_id", "")))
    except DomainError:
        return HttpResponse(status=404)
    return redirect(_next_url(request))


@endpoint(methods=("POST",))
def sign_out_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Sign out."""
    sign_out(request)
    return redirect("practice:sign_in")


def _door(request: HttpRequest, *, status: int = 200, **shown: str) -> HttpResponse:
    practice = selectors.organisation()
    people = tuple(
        DemoPerson(
            str(person.user_id),
            person.name,
            initials_of(person.name),
            person.role_code,
            person.role_name,
            ROLE_SUMMARIES.get(person.role_code, ""),
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


def _next_url(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    return reverse("practice:day")


@dataclass(frozen=True, slots=True)
class Day:
    """The day sheet's frame; what stands in it comes from the businesses."""

    date: date
    is_today: bool
    earlier_url: str
    later_url: str
    today_url: str
    site_name: str
    panels: list[Rendered]


@endpoint("practice.read")
def day(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The day sheet: home."""
    require(actor, "practice.read")
    today = today_here()
    shown = day_of(request)
    url = reverse("practice:day")
    page = Day(
        date=shown,
        is_today=shown == today,
        earlier_url=f"{url}?date={shown - timedelta(days=1)}",
        later_url=f"{url}?date={shown + timedelta(days=1)}",
        today_url=url,
        site_name="",
        panels=panels.rendered("day", request, actor),
    )
    return render(request, "practice/day.html", {"page": page, "page_task_kind": "day_sheet"})
