"""Add, name and remove one's own factors, make new recovery codes; and reset somebody's who lost theirs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.mfa.base.internal.flows import delete_dangling_recovery_codes
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.utils import encrypt
from django.db import transaction

from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor, ActorKind, require
from willowbark.foundation.models import User
from willowbark.kernel.errors import Conflict, Invalid, NotFound
from willowbark.practice.core import notices
from willowbark.practice.models import Staff
from willowbark.practice.selectors import has_second_factor, organisation
from willowbark.practice.services.checks import check_text
from willowbark.practice.services.devices import end_all
from willowbark.practice.services.factors.codes import step_of
from willowbark.practice.services.managers import require_now
from willowbark.practice.services.notices import tell

MOST_PASSKEYS = 10


@transaction.atomic
def add_app(*, actor: Actor, secret: str, code: str, name: str) -> None:
    """
    Add an authenticator app that has shown that it knows the secret.

    Raises:
        Invalid: the code is not right, or there is no name.
        Conflict: there is an app already.
    """
    check_text(name=name)
    step = step_of(secret, code)
    if step is None:
        raise Invalid("That is not the code of this moment. Wait for the next one.", field="code")
    user = _whose(actor)
    if Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        raise Conflict("You have an authenticator app already. Remove it first.")
    # The code that added it opens nothing any more.
    kept = {"secret": encrypt(secret), "last_step": step, "name": name.strip()}
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=kept)
    _added(actor, user, "authenticator app", name)


@transaction.atomic
def add_passkey(*, actor: Actor, credential: dict[str, Any], name: str) -> None:
    """
    Add a passkey whose making was proven (`passkeys.new_passkey`).

    Raises:
        Invalid: there is no name.
        Conflict: there are ten already.
    """
    check_text(name=name)
    user = _whose(actor)
    if Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).count() >= MOST_PASSKEYS:
        raise Conflict(f"You have {MOST_PASSKEYS} passkeys. Remove one that you no longer use.")
    kept = {"name": name.strip(), "credential": credential}
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=kept)
    _added(actor, user, "passkey", name)


@transaction.atomic
def rename_factor(*, actor: Actor, factor_id: int, name: str) -> None:
    """
    Call one of one's own factors something else.

    Raises:
        Invalid: there is no name.
        NotFound: it is not there, or not one's own.
    """
    check_text(name=name)
    row = _own(actor, factor_id)
    row.data["name"] = name.strip()
    row.save(update_fields=["data"])
    access.record_change(actor, "practice.factor_renamed", subject=str(factor_id))


@transaction.atomic
def remove_factor(*, actor: Actor, factor_id: int) -> None:
    """
    Remove one of one's own factors; with the last one go the recovery codes.

    Raises:
        NotFound: it is not there, or not one's own.
        Conflict: it is the last one, and the practice asks everybody for one.
    """
    user = _whose(actor)
    row = _own(actor, factor_id)
    practice = organisation()
    is_last = not has_second_factor(actor.user_id, besides=factor_id)
    if is_last and practice and practice.needs_second_factor:
        raise Conflict(
            "The practice asks everybody for a second factor. Add another before you remove this one."
        )
    row.delete()
    delete_dangling_recovery_codes(user)
    access.record_change(actor, "practice.factor_removed", subject=str(factor_id))
    tell(user.pk, notices.REMOVED, row.data["name"])


@transaction.atomic
def make_recovery_codes(*, actor: Actor) -> None:
    """
    Make new recovery codes; the ones before open nothing any more.

    Raises:
        NotFound: there is no factor that they could stand in for.
    """
    user = _whose(actor)
    if not has_second_factor(actor.user_id):
        raise NotFound("second factor")
    Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).delete()
    RecoveryCodes.activate(user)
    access.record_change(actor, "practice.recovery_codes_made")
    tell(user.pk, notices.CODES_MADE)


@transaction.atomic
def reset_factors(*, actor: Actor, staff_id: UUID) -> int:
    """
    Take away every second factor of somebody who lost theirs, and end their sessions; how many there were.

    Raises:
        Forbidden: the actor may not.
        NotFound: no such person.
    """
    require(actor, "practice.reset_factors")
    require_now("practice.reset_factors")
    staff = Staff.objects.filter(pk=staff_id, user__kind=ActorKind.PERSON).first()
    if staff is None:
        raise NotFound("staff")
    factors = Authenticator.objects.filter(user_id=staff.user_id)
    number: int = factors.exclude(type=Authenticator.Type.RECOVERY_CODES).count()
    factors.delete()
    end_all(staff.user_id)
    access.record_change(actor, "practice.factors_reset", subject=str(staff_id))
    tell(staff.user_id, notices.RESET)
    return number


def _added(actor: Actor, user: User, what: str, name: str) -> None:
    RecoveryCodes.activate(user)
    access.record_change(actor, "practice.factor_added", subject=what)
    tell(user.pk, notices.ADDED, f"{what} {name.strip()}")


def _whose(actor: Actor) -> User:
    """The actor's user, whose factors change one at a time."""
    return User.objects.select_for_update(no_key=True).get(pk=actor.user_id)


def _own(actor: Actor, factor_id: int) -> Authenticator:
    rows = Authenticator.objects.select_for_update().filter(pk=factor_id, user_id=actor.user_id)
    row = rows.exclude(type=Authenticator.Type.RECOVERY_CODES).first()
    if row is None:
        raise NotFound("factor")
    return row
