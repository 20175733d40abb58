"""One's own password, and what follows for where one is signed in."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.models import User
from willowbark.kernel.errors import Invalid
from willowbark.practice.selectors import mark_of
from willowbark.practice.services import guessing
from willowbark.practice.services.devices import end_others
from willowbark.practice.services.passwords import hashed
from willowbark.practice.sign_in.confirming import change_key
from willowbark.practice.sign_in.entering import SECOND_FACTOR_GIVEN, SESSION_MARK
from willowbark.practice.sign_in.guesses import begin_guess


def change_password(request: HttpRequest, *, actor: Actor, current: str, new: str) -> None:
    """
    Change one's own password; wherever else one is signed in, that ends. This session goes on.

    A wrong guess counts as it does at the door, if the caller's transaction is kept.

    Raises:
        Invalid: `current` is not the password, or `new` is the same, too short or too common.
        SignInLocked: ten wrong passwords for this person within a quarter of an hour.
    """
    user = User.objects.select_for_update().get(pk=actor.user_id)
    guess = begin_guess(request, guessing.OWN_PASSWORD, user.email)
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
    stay_here_alone(request, actor)
    rotate_token(request)


def second_factor_added(request: HttpRequest, *, actor: Actor) -> None:
    """Sign one out wherever no second factor was asked for; this session goes on as one that has given it."""
    if request.session.get(SECOND_FACTOR_GIVEN):
        return
    request.session[SECOND_FACTOR_GIVEN] = True
    stay_here_alone(request, actor)


def stay_here_alone(request: HttpRequest, actor: Actor) -> None:
    """End every other session of one's own, and give this one another key."""
    change_key(request)
    end_others(actor=actor, session_key=str(request.session.session_key))
