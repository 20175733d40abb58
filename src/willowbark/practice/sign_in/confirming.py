"""Saying once more who one is, before what matters most."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password
from django.http import HttpRequest

from willowbark.foundation import access, step_up
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.models import User
from willowbark.kernel.errors import Invalid, NotFound
from willowbark.practice.selectors import organisation
from willowbark.practice.services import guessing
from willowbark.practice.services.devices import key_changed
from willowbark.practice.services.factors import app_code_was_right, passkeys
from willowbark.practice.sign_in.guesses import begin_guess


def confirm_by_password(request: HttpRequest, *, actor: Actor, password: str) -> None:
    """
    Confirm by their password that it is still the person who signed in.

    A wrong guess counts as it does at the door, if the caller's transaction is kept.

    Raises:
        Invalid: it is not their password.
        SignInLocked: ten wrong passwords for this person within a quarter of an hour.
    """
    user = User.objects.get(pk=actor.user_id)
    guess = begin_guess(request, guessing.OWN_PASSWORD, user.email)
    if not check_password(password, user.password):
        guessing.was_wrong(guess)
        raise Invalid("This is not your password.", field="password")
    guessing.was_right(guess)
    _confirm(request, actor, "password")


def ask_to_confirm_by_passkey(actor: Actor) -> str:
    """What the browser is asked for to prove one's passkey, as JSON."""
    return passkeys.ask_for(actor.user_id)


def confirm_by_passkey(request: HttpRequest, *, actor: Actor, answered: str) -> None:
    """
    Confirm by one of their passkeys that it is still the person who signed in.

    Raises:
        Invalid: it proves no passkey of theirs.
        SignInLocked: ten wrong ones within a quarter of an hour.
    """
    guess = begin_guess(request, guessing.SECOND_FACTOR, f"second factor of {actor.user_id}")
    try:
        passkeys.prove(actor.user_id, answered)
    except passkeys.NoPasskey:
        guessing.was_wrong(guess)
        raise
    guessing.was_right(guess)
    _confirm(request, actor, "passkey")


def confirm_by_code(request: HttpRequest, *, actor: Actor, code: str) -> None:
    """
    Confirm by a code of their authenticator app that it is still the person who signed in.

    Recovery codes are for the door alone. A code that opened the door confirms nothing: each is used once.

    Raises:
        Invalid: it is not the code of this moment, or it was used before.
        SignInLocked: ten wrong ones within a quarter of an hour.
    """
    guess = begin_guess(request, guessing.SECOND_FACTOR, f"second factor of {actor.user_id}")
    if not app_code_was_right(actor.user_id, code):
        guessing.was_wrong(guess)
        raise Invalid("That is not the code of this moment, or it was used before.", field="code")
    guessing.was_right(guess)
    _confirm(request, actor, "authenticator app")


def confirm_in_demo(request: HttpRequest, *, actor: Actor) -> None:
    """
    Confirm without any proof: in a demo one steps in like that, too.

    Raises:
        NotFound: this is no demo.
    """
    practice = organisation()
    if practice is None or not practice.is_demo:
        raise NotFound("this is no demo")
    _confirm(request, actor, "demo")


def change_key(request: HttpRequest) -> None:
    """Give the session another key: whoever knew the one before knows nothing now."""
    before = str(request.session.session_key)
    request.session.cycle_key()
    key_changed(before=before, after=str(request.session.session_key))


def _confirm(request: HttpRequest, actor: Actor, with_what: str) -> None:
    access.record_change(actor, "practice.confirmed", subject=with_what)
    step_up.confirm(request)
    change_key(request)
