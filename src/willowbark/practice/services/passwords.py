"""Passwords that the owner gives; whose own it is changes it at the door (`sign_in`)."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor, ActorKind, require
from willowbark.foundation.models import User
from willowbark.kernel.errors import Invalid, NotFound


def hashed(password: str, *, field: str = "password") -> str:
    """
    What is kept of a password.

    Raises:
        Invalid: it is too short or too common.
    """
    try:
        validate_password(password)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), field=field) from error
    return make_password(password)


def set_password(*, actor: Actor, staff_id: UUID, password: str) -> None:
    """
    Give somebody who works here a new password; wherever they are signed in, that ends.

    Raises:
        Forbidden: the actor does not manage the practice.
        NotFound: no such person.
        Invalid: the password is too short or too common.
    """
    require(actor, "practice.manage")
    kept = hashed(password)
    changed = User.objects.filter(staff__pk=staff_id, kind=ActorKind.PERSON).update(password=kept)
    if not changed:
        raise NotFound("staff")
    access.record_change(actor, "practice.password_set", subject=str(staff_id))
