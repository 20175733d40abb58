"""The door: a password and, where there is one, a second factor; or a passkey alone. And out again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from willowbark.foundation import access, clock, sessions, step_up
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import User
from willowbark.kernel.errors import DomainError, NotFound
from willowbark.practice.selectors import actor_for, demo_people, has_second_factor, mark_of
from willowbark.practice.selectors.factors import PASSKEY
from willowbark.practice.services import guessing
from willowbark.practice.services.devices import forget_device, note_device
from willowbark.practice.services.factors import code_was_right, passkeys
from willowbark.practice.sign_in.guesses import begin_guess, client_of

SESSION_USER = sessions.USER
SESSION_MARK = "willowbark_mark"
# Says that a second factor was given at the door, or that there is one since.
SECOND_FACTOR_GIVEN = "willowbark_second_factor"
# Who has said the right password, when, and not yet proven the second factor.
_HALFWAY = "willowbark_halfway"

_NO_SUCH_USER = make_password("nobody has this password")
_REFUSED = "The address and the password do not belong together."


class SignInRefused(DomainError):
    """What was said at the door opens it for nobody, or the person no longer works here."""

    code = "sign_in_refused"


@dataclass(frozen=True, slots=True)
class HalfwayIn:
    """Somebody between the password and the second factor."""

    user_id: UUID
    has_passkey: bool


def sign_in(request: HttpRequest, *, email: str, password: str) -> Actor | None:
    """
    Check a password and begin a session; None when the second factor is still to come.

    A wrong address takes as long as a wrong password and gets the same answer.

    Raises:
        SignInRefused: the address and the password do not belong together.
        SignInLocked: ten wrong passwords for this address within a quarter of an hour, or fifty from
            where the request comes from.
    """
    user = User.objects.filter(email__iexact=email.strip().replace("\0", ""), is_active=True).first()
    # Counted by the person: the database finds one under addresses that merely look alike.
    guess = begin_guess(request, guessing.DOOR, user.email if user else email)
    try:
        if not check_password(password, user.password if user else _NO_SUCH_USER) or user is None:
            raise SignInRefused(_REFUSED)
        actor = _actor(request, user)
    except SignInRefused:
        guessing.was_wrong(guess)
        raise
    guessing.was_right(guess)
    with acting_as(actor):
        # Adding a factor at this moment came first, and it is asked for; or waits, and ends this session.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if not has_second_factor(user.pk):
            return _begin(request, user, actor, "password")
    request.session.flush()
    request.session[_HALFWAY] = [str(user.pk), mark_of(user.password), int(clock.now().timestamp())]
    return None


def halfway_in(request: HttpRequest) -> HalfwayIn:
    """
    Who has said the right password, less than ten minutes ago, and not yet proven the second factor.

    Raises:
        SignInRefused: nobody; or the password was changed meanwhile.
    """
    actor, user = _halfway(request)
    with acting_as(actor):
        return HalfwayIn(user.pk, has_second_factor(user.pk, kind=PASSKEY))


def sign_in_with_code(request: HttpRequest, *, code: str) -> Actor:
    """
    Prove the second factor by a code of an app or a recovery code, and begin a session.

    Raises:
        SignInRefused: nobody is halfway in, or it is no such code, or it was used before.
        SignInLocked: ten wrong codes for this person within a quarter of an hour.
    """
    actor, user = _halfway(request)
    guess = begin_guess(request, guessing.SECOND_FACTOR, f"second factor of {user.pk}")
    with acting_as(actor):
        used = code_was_right(user.pk, code)
    if not used:
        guessing.was_wrong(guess)
        raise SignInRefused("That is not the code of this moment, or it was used before.")
    guessing.was_right(guess)
    with acting_as(actor):
        return _begin(request, user, actor, f"password, {used}", second_given=True)


def ask_for_passkey(request: HttpRequest) -> str:
    """What the browser is asked for to prove a passkey, as JSON: of whoever is halfway in, or of anybody."""
    if _HALFWAY not in request.session:
        return passkeys.ask_for(None)
    actor, user = _halfway(request)
    with acting_as(actor):
        return passkeys.ask_for(user.pk)


def sign_in_with_passkey(request: HttpRequest, *, answered: str) -> Actor:
    """
    Begin a session for whose passkey it is: as the second factor of who is halfway in, or alone.

    Raises:
        SignInRefused: it proves no passkey of anybody's who works here.
        SignInLocked: ten wrong ones from where the request comes from within a quarter of an hour.
    """
    # Counted by where it comes from: whose it says it is, anybody can say.
    guess = begin_guess(request, guessing.SECOND_FACTOR, f"passkey from {client_of(request)}")
    is_second = _HALFWAY in request.session
    try:
        if is_second:
            actor, user = _halfway(request)
        else:
            found = User.objects.filter(pk=passkeys.owner_of(answered), is_active=True).first()
            if found is None:
                raise SignInRefused("That passkey was not accepted. Try again.")
            actor, user = _actor(request, found), found
        with acting_as(actor):
            passkeys.prove(user.pk, answered)
    except (passkeys.NoPasskey, SignInRefused) as error:
        guessing.was_wrong(guess)
        raise SignInRefused("That passkey was not accepted. Try again.") from error
    guessing.was_right(guess)
    with_what = "password, passkey" if is_second else "passkey"
    with acting_as(actor):
        return _begin(request, user, actor, with_what, second_given=True)


def demo_sign_in(request: HttpRequest, *, user_id: UUID) -> Actor:
    """
    Begin a session as one of a demo's people, without a password.

    Raises:
        NotFound: this is no demo, or the person is not among those it offers.
    """
    if user_id not in {person.user_id for person in demo_people()}:
        raise NotFound("no such demo person")
    user = User.objects.get(pk=user_id)
    with acting_as(_actor(request, user)) as actor:
        return _begin(request, user, actor, "demo")


def sign_out(request: HttpRequest, *, actor: Actor) -> None:
    """End the session, here and in the database; it is logged."""
    access.record_change(actor, "practice.signed_out")
    forget_device(session_key=str(request.session.session_key))
    request.session.flush()


def _halfway(request: HttpRequest) -> tuple[Actor, User]:
    user_id, mark, said_at = request.session.get(_HALFWAY, (str(UUID(int=0)), "", 0))
    user = User.objects.filter(pk=user_id, is_active=True).first()
    # Each write puts the session's own end off: asking for a passkey is one.
    is_late = clock.now().timestamp() - said_at >= sessions.AT_THE_DOOR.total_seconds()
    if user is None or is_late or mark_of(user.password) != mark:
        raise SignInRefused("Begin again: say your password first.")
    return _actor(request, user), user


def _actor(request: HttpRequest, user: User) -> Actor:
    try:
        return actor_for(user.pk, channel="web", request_id=getattr(request, "request_id", None) or uuid7())
    except NotFound as error:
        raise SignInRefused(_REFUSED) from error


def _begin(
    request: HttpRequest, user: User, actor: Actor, with_what: str, *, second_given: bool = False
) -> Actor:
    # Whoever knew the session's key or the form's token before signing in knows neither now.
    request.session.flush()
    rotate_token(request)
    request.session[SESSION_USER] = str(user.pk)
    request.session[sessions.BEGAN] = int(clock.now().timestamp())
    # Of the password that was checked: if it changes at this moment, the session is over before it begins.
    request.session[SESSION_MARK] = mark_of(user.password)
    if second_given:
        request.session[SECOND_FACTOR_GIVEN] = True
    step_up.confirm(request)
    request.session.create()
    access.record_change(actor, "practice.signed_in", subject=with_what)
    User.objects.filter(pk=user.pk).update(last_login=clock.now())
    note_device(
        actor=actor,
        session_key=str(request.session.session_key),
        client=client_of(request),
        browser=request.headers.get("User-Agent", ""),
        signed_in_with=with_what,
    )
    return actor
