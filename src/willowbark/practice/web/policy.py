"""How people sign in here: what the practice asks of everybody, and who has it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from willowbark.foundation.authorisation import Actor
from willowbark.foundation.web import endpoint
from willowbark.kernel.errors import Conflict
from willowbark.practice import selectors
from willowbark.practice.selectors import Protected
from willowbark.practice.services import ask_for_second_factor
from willowbark.practice.web.people import TASK, PracticeTab, tabs


@dataclass(frozen=True, slots=True)
class SigningInPage:
    """The policy, and everybody's factors."""

    tabs: tuple[PracticeTab, ...]
    is_needed: bool
    is_demo: bool
    rows: tuple[Protected, ...]
    without: int
    error_text: str


@endpoint("practice.manage")
def signing_in(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Whether everybody needs a second factor, and who has one."""
    return _page(request, actor)


@endpoint("practice.manage", methods=("POST",), confirmed=True)
def ask(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Say whether everybody needs a second factor."""
    try:
        ask_for_second_factor(actor=actor, of_everybody=request.POST.get("needed") == "1")
    except Conflict as error:
        return _page(request, actor, error_text=str(error))
    return redirect("practice:signing_in")


def _page(request: HttpRequest, actor: Actor, *, error_text: str = "") -> HttpResponse:
    practice, rows = selectors.organisation(), tuple(selectors.protected(actor))
    page = SigningInPage(
        tabs=tabs(actor, "signing_in"),
        is_needed=bool(practice and practice.needs_second_factor),
        is_demo=bool(practice and practice.is_demo),
        rows=rows,
        without=sum(not (each.apps or each.passkeys) for each in rows),
        error_text=error_text,
    )
    context = {"page": page, "page_task_kind": TASK}
    return render(request, "practice/signing_in.html", context, status=422 if error_text else 200)
