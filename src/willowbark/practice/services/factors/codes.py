"""
The six digits of an authenticator app (TOTP, RFC 6238) and the recovery codes; each code is accepted once.

A clock may be half a minute off: the code of the step before and of the one after are right, too. The last
step that was used is kept, and no code of it or of an earlier one is right again (RFC 6238, section 5.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt
from django.db import transaction
from django.db.models import QuerySet

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.models import User
from willowbark.foundation.qr import qr_of
from willowbark.practice.core.notices import CODE_USED
from willowbark.practice.services.notices import tell

STEP_SECONDS = 30
STEPS_OFF = 1


@dataclass(frozen=True, slots=True)
class NewApp:
    """
    What an authenticator app needs to know: `secret` to be typed, or the picture to be scanned.

    `picture` is the path of an SVG of `size` units square, one unit a module of the QR code.
    """

    secret: str
    picture: str
    size: int


def new_app(actor: Actor, secret: str = "") -> NewApp:
    """A secret, or one that was made before, in the forms in which an app takes it in."""
    made = secret or generate_totp_secret()
    code = qr_of(get_adapter().build_totp_url(User.objects.get(pk=actor.user_id), made))
    return NewApp(made, code.path, code.size)


def step_of(secret: str, code: str, *, after: int = -1) -> int | None:
    """The time step whose code this is, later than `after`; None when it is no such code."""
    now = int(clock.now().timestamp()) // STEP_SECONDS
    steps = range(max(now - STEPS_OFF, after + 1), now + STEPS_OFF + 1)
    right = (
        step
        for step in steps
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step)))
    )
    return next(right, None)


@transaction.atomic
def app_code_was_right(user_id: UUID, code: str) -> bool:
    """Use up a code of an authenticator app; whether it was right."""
    for row in _locked(user_id, Authenticator.Type.TOTP):
        step = step_of(decrypt(row.data["secret"]), code, after=row.data["last_step"])
        if step is not None:
            row.data["last_step"] = step
            _used(row)
            return True
    return False


@transaction.atomic
def code_was_right(user_id: UUID, code: str) -> str:
    """
    Use up a code of an app or a recovery code: what it was, or '' when it is not right.

    Two who use the same code at once wait for each other, and the second is refused.
    """
    if app_code_was_right(user_id, code):
        return "authenticator app"
    for row in _locked(user_id, Authenticator.Type.RECOVERY_CODES):
        if RecoveryCodes(row).validate_code(code):
            row.refresh_from_db()
            _used(row)
            tell(user_id, CODE_USED, f"{len(RecoveryCodes(row).get_unused_codes())} are left")
            return "recovery code"
    return ""


def _locked(user_id: UUID, kind: str) -> QuerySet[Authenticator]:
    rows: QuerySet[Authenticator] = Authenticator.objects.select_for_update().order_by("pk")
    return rows.filter(user_id=user_id, type=kind)


@transaction.atomic
def recovery_codes_once(actor: Actor) -> list[str]:
    """The unused recovery codes, the first time that they are asked for; nothing ever after."""
    row = _locked(actor.user_id, Authenticator.Type.RECOVERY_CODES).first()
    if row is None:
        return []
    codes = RecoveryCodes(row)
    if codes.did_view:
        return []
    codes.mark_as_viewed()
    unused: list[str] = codes.get_unused_codes()
    return unused


def _used(row: Authenticator) -> None:
    row.last_used_at = clock.now()
    row.save(update_fields=["data", "last_used_at"])
