"""
Passkeys (WebAuthn level 2): a key pair in a device that the device uses only for its owner and only here.

What is begun waits in the session, and is used up by whatever answers it: an answer that is sent again finds
nothing. The device must have seen who its owner is (user verification), so a passkey alone opens the door.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as ceremonies
from django.core.exceptions import ValidationError

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.models import User
from willowbark.kernel.errors import Invalid

LONGEST = 20_000


class NoPasskey(Invalid):
    """What a browser answered proves no passkey of this person."""

    code = "no_passkey"


def ask_for_new(actor: Actor) -> str:
    """Begin to add a passkey: what the browser is asked, as JSON."""
    return json.dumps(ceremonies.begin_registration(User.objects.get(pk=actor.user_id), passwordless=True))


def new_passkey(answered: str) -> dict[str, Any]:
    """
    Finish adding: the credential to keep.

    Raises:
        NoPasskey: it does not answer what was asked.
    """
    credential = _read(answered)
    try:
        ceremonies.parse_registration_response(credential)
        ceremonies.complete_registration(credential)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _refused() from error
    finally:
        ceremonies.clear_state()
    return credential


def ask_for(user_id: UUID | None) -> str:
    """Begin to prove a passkey of this person, or of whoever it is: what the browser is asked, as JSON."""
    user = User.objects.get(pk=user_id) if user_id else None
    return json.dumps(ceremonies.begin_authentication(user))


def owner_of(answered: str) -> UUID:
    """
    Whose passkey an answer says it is; nothing is proven yet.

    Raises:
        NoPasskey: it says nobody's.
    """
    try:
        found: UUID = ceremonies.extract_user_from_response(_read(answered)).pk
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _refused() from error
    return found


def prove(user_id: UUID, answered: str) -> None:
    """
    Finish proving, as the person whose passkey it is said to be.

    Raises:
        NoPasskey: it does not answer what was asked, is not theirs, or its counter went back like a copy's.
    """
    credential = _read(answered)
    try:
        row = ceremonies.complete_authentication(User.objects.get(pk=user_id), credential)
        seen = ceremonies.parse_authentication_response(credential).response.authenticator_data.counter
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _refused() from error
    finally:
        ceremonies.clear_state()
    row = Authenticator.objects.select_for_update().get(pk=row.pk)
    if 0 < seen <= row.data.get("counter", 0):
        raise _refused()
    row.data["counter"] = seen
    row.last_used_at = clock.now()
    row.save(update_fields=["data", "last_used_at"])


def _read(answered: str) -> dict[str, Any]:
    try:
        credential = json.loads(answered) if len(answered) <= LONGEST else None
    except (ValueError, RecursionError) as error:
        raise _refused() from error
    if not isinstance(credential, dict):
        raise _refused()
    return credential


def _refused() -> NoPasskey:
    return NoPasskey("That passkey was not accepted. Try again.", field="passkey")
