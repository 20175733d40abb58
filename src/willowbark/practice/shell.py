"""What stands around every page: the practice, the person, and where they may go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.urls import reverse

from willowbark.foundation import navigation
from willowbark.foundation.authorisation import Actor, allows
from willowbark.foundation.ids import milliseconds_of
from willowbark.foundation.presentation.initials import initials_of
from willowbark.foundation.web import actor_of
from willowbark.practice import selectors
from willowbark.practice.roles import shipped_roles


@dataclass(frozen=True, slots=True)
class Area:
    """One entry of the navigation, for this person on this page."""

    key: str
    label: str
    url: str
    icon: str
    is_current: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class ShellPerson:
    """Who is signed in."""

    name: str
    initials: str
    role_name: str


@dataclass(frozen=True, slots=True)
class Words:
    """What this practice calls the people it treats and what it gives them."""

    patient: str = "patient"
    patients: str = "patients"
    prescription: str = "prescription"


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame of a page."""

    practice_name: str
    is_demo: bool
    site_name: str
    person: ShellPerson | None
    areas: tuple[Area, ...]
    can: frozenset[str]
    live_url: str = ""
    live_topics: str = ""
    live_since_ms: int = 0
    effort_url: str = ""
    task_kind: str = ""
    patient_id: str = ""
    words: Words = field(default_factory=Words)


def shell(request: HttpRequest) -> dict[str, Callable[[], Shell]]:
    """Template context processor: `shell`, made once when a template first asks for it."""
    made: list[Shell] = []

    def once() -> Shell:
        if not made:
            made.append(_make(request))
        return made[0]

    return {"shell": once}


def _make(request: HttpRequest) -> Shell:
    practice = getattr(request, "practice", None) or selectors.organisation()
    actor = actor_of(request)
    name = practice.name if practice else "Willowbark"
    is_demo = bool(practice and practice.is_demo)
    if actor is None:
        return Shell(name, is_demo, "", None, (), frozenset())
    return Shell(
        practice_name=name,
        is_demo=is_demo,
        site_name="",
        person=ShellPerson(actor.name, initials_of(actor.name), _role_names(actor)),
        areas=tuple(_areas(request, actor)),
        can=actor.permissions,
        live_url=reverse("foundation:live"),
        live_since_ms=milliseconds_of(request.request_id),  # type: ignore[attr-defined]
        effort_url=reverse("foundation:effort") if allows(actor, "effort.write") else "",
    )


def _role_names(actor: Actor) -> str:
    roles = shipped_roles()
    return ", ".join(roles[code]["name"] for code in actor.roles if code in roles)


def _areas(request: HttpRequest, actor: Actor) -> Iterator[Area]:
    for area in navigation.areas(actor):
        url = reverse(area.url_name)
        # A chart lies under the patients' address, so the patients are where one is.
        is_current = request.path == url or (url != "/" and request.path.startswith(f"{url}/"))
        yield Area(area.key, area.label, url, area.icon, is_current)
