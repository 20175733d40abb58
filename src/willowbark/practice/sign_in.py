"""Signing in and out, changing one's password, and finding out who makes a request."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import rotate_token
from django.utils import timezone

from willowbark.foundation import access, clock, sessions, step_up
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.errors import database_away
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import User
from willowbark.kernel.errors import DomainError, Invalid, NotFound
from willowbark.practice.selectors import actor_for, demo_people, mark_of, organisation
from willowbark.practice.services import guessing
from willowbark.practice.services.guessing import Guess
from willowbark.practice.services.passwords import hashed

SESSION_USER = sessions.USER
SESSION_MARK = "willowbark_mark"

_NO_SUCH_USER = make_password("nobody has this password")


class SignInRefused(DomainError):
    """The address and the password do not belong together, or the person no longer works here."""

    code = "sign_in_refused"


class ActorOfRequest:
    """
    Middleware: `request.actor` is who is signed in, with the roles held at this moment, or None.

    Times are shown in the practice's time zone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        try:
            request.actor = _actor_of_session(request)  # type: ignore[attr-defined]
        except OperationalError:
            return database_away(request)
        request.practice = organisation() if request.actor else None  # type: ignore[attr-defined]
        practice = request.practice  # type: ignore[attr-defined]
        with timezone.override(practice.time_zone if practice else None):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A database that does not answer is said as such; every other failure is Django's to show."""
        return database_away(request) if isinstance(exception, OperationalError) else None


def _actor_of_session(request: HttpRequest) -> Actor | None:
    if request.path.startswith(("/static/", "/health/")):
        return None
    user_id = request.session.get(SESSION_USER)
    if user_id is None:
        return None
    try:
        actor = actor_for(
            UUID(user_id),
            channel="api" if request.path.startswith("/api/") else "web",
            request_id=getattr(request, "request_id", None),
            # A session without one is of nobody's password.
            password_mark=str(request.session.get(SESSION_MARK, "")),
        )
    except NotFound:
        request.session.flush()
        return None
    return actor if sessions.keep_alive(request) else None


def sign_in(request: HttpRequest, *, email: str, password: str) -> Actor:
    """
    Check a password and begin a session.

    A wrong address takes as long as a wrong password and gets the same answer.

    Raises:
        SignInRefused: the address and the password do not belong together.
        SignInLocked: ten wrong passwords for this address within a quarter of an hour, or fifty from
            where the request comes from.
    """
    user = User.objects.filter(email__iexact=email.strip().replace("\0", ""), is_active=True).first()
    # Counted by the person: the database finds one under addresses that merely look alike.
    address = user.email if user else email
    guess = _guess(request, guessing.DOOR, address)
    try:
        if not check_password(password, user.password if user else _NO_SUCH_USER) or user is None:
            raise SignInRefused("The address and the password do not belong together.")
        guessing.was_right(guess)
        return _begin(request, user)
    except SignInRefused:
        guessing.was_wrong(guess)
        raise


def change_password(request: HttpRequest, *, actor: Actor, current: str, new: str) -> None:
    """
    Change one's own password; wherever else one is signed in, that ends. This session goes on.

    A wrong guess counts as it does at the door, if the caller's transaction is kept.

    Raises:
        Invalid: `current` is not the password, or `new` is the same, too short or too common.
        SignInLocked: ten wrong passwords for this person within a quarter of an hour.
    """
    user = User.objects.select_for_update().get(pk=actor.user_id)
    guess = _guess(request, guessing.OWN_PASSWORD, user.email)
    if not check_password(current, user.password):
        guessing.was_wrong(guess)
        raise Invalid("This is not your password.", field="current")
    guessing.was_right(guess)
    if new == current:
        raise Invalid("This is the password you have.", field="new")
    user.password = hashed(new, field="new")
    user.save(update_fields=["password"])
    access.record_change(actor, "practice.password_changed")
    request.session[SESSION_MARK] = mark_of(user.password)
    request.session.cycle_key()
    rotate_token(request)


def demo_sign_in(request: HttpRequest, *, user_id: UUID) -> Actor:
    """
    Begin a session as one of a demo's people, without a password.

    Raises:
        NotFound: this is no demo, or the person is not among those it offers.
    """
    if user_id not in {person.user_id for person in demo_people()}:
        raise NotFound("no such demo person")
    return _begin(request, User.objects.get(pk=user_id))


def confirm_by_password(request: HttpRequest, *, actor: Actor, password: str) -> None:
    """
    Confirm by their password that it is still the person who signed in.

    A wrong guess counts as it does at the door, if the caller's transaction is kept.

    Raises:
        Invalid: it is not their password.
        SignInLocked: ten wrong passwords for this person within a quarter of an hour.
    """
    user = User.objects.get(pk=actor.user_id)
    guess = _guess(request, guessing.OWN_PASSWORD, user.email)
    if not check_password(password, user.password):
        guessing.was_wrong(guess)
        raise Invalid("This is not your password.", field="password")
    guessing.was_right(guess)
    _confirm(request, actor)


def confirm_in_demo(request: HttpRequest, *, actor: Actor) -> None:
    """
    Confirm without any proof: in a demo one steps in like that, too.

    Raises:
        NotFound: this is no demo.
    """
    practice = organisation()
    if practice is None or not practice.is_demo:
        raise NotFound("this is no demo")
    _confirm(request, actor)


def _confirm(request: HttpRequest, actor: Actor) -> None:
    access.record_change(actor, "practice.confirmed")
    step_up.confirm(request)
    request.session.cycle_key()


def sign_out(request: HttpRequest, *, actor: Actor) -> None:
    """End the session, here and in the database; it is logged."""
    access.record_change(actor, "practice.signed_out")
    request.session.flush()


def _begin(request: HttpRequest, user: User) -> Actor:
    try:
        actor = actor_for(user.pk, channel="web", request_id=getattr(request, "request_id", None) or uuid7())
    except NotFound as error:
        raise SignInRefused("The address and the password do not belong together.") from error
    # Whoever knew the session's key or the form's token before signing in knows neither now.
    request.session.flush()
    rotate_token(request)
    request.session[SESSION_USER] = str(user.pk)
    request.session[sessions.BEGAN] = int(clock.now().timestamp())
    # Of the password that was checked: if it changes at this moment, the session is over before it begins.
    request.session[SESSION_MARK] = mark_of(user.password)
    step_up.confirm(request)
    with acting_as(actor):
        access.record_change(actor, "practice.signed_in")
        User.objects.filter(pk=user.pk).update(last_login=clock.now())
    return actor


def _guess(request: HttpRequest, action: str, address: str) -> Guess:
    return guessing.begin(
        action=action,
        address=address,
        client=_client_of(request),
        request_id=getattr(request, "request_id", None),
    )


def _client_of(request: HttpRequest) -> str:
    """The network address a request came from; behind TLS, the one that our own proxy saw."""
    seen = request.headers.get("X-Forwarded-For", "") if settings.WILLOWBARK.https else ""
    return seen.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))
