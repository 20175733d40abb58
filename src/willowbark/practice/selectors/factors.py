"""Who has which second factors, and where somebody is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.sessions.models import Session

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor, require
from willowbark.practice.core.browsers import browser_name
from willowbark.practice.models import Device, Staff

APP, PASSKEY = "totp", "webauthn"


@dataclass(frozen=True, slots=True)
class Factor:
    """One authenticator app or passkey. `kind` is `APP` or `PASSKEY`."""

    id: int
    kind: str
    name: str
    added_at: datetime
    last_used_at: datetime | None


def factors(actor: Actor) -> list[Factor]:
    """One's own factors, oldest first."""
    rows = Authenticator.objects.filter(user_id=actor.user_id, type__in=(APP, PASSKEY)).order_by("pk")
    return [Factor(row.pk, row.type, row.data["name"], row.created_at, row.last_used_at) for row in rows]


def has_second_factor(user_id: UUID, *, kind: str = "", besides: int = 0) -> bool:
    """Whether this user has an app or a passkey; of one kind alone, or besides one of them."""
    rows = Authenticator.objects.filter(user_id=user_id, type__in=(kind,) if kind else (APP, PASSKEY))
    found: bool = rows.exclude(pk=besides).exists()
    return found


def recovery_codes_left(actor: Actor) -> int:
    """How many recovery codes one has not used yet."""
    row = Authenticator.objects.filter(user_id=actor.user_id, type="recovery_codes").first()
    return len(RecoveryCodes(row).get_unused_codes()) if row else 0


@dataclass(frozen=True, slots=True)
class Protected:
    """Someone who works here, and with which second factors they sign in."""

    staff_id: UUID
    name: str
    apps: int
    passkeys: int


def protected(actor: Actor) -> list[Protected]:
    """
    Everybody active who signs in, by name, with how many factors each has.

    Raises:
        Forbidden: the actor does not manage the practice.
    """
    require(actor, "practice.manage")
    people = Staff.objects.filter(is_active=True, user__kind="person").order_by("name", "id")
    kinds: dict[UUID, list[str]] = {}
    for user_id, kind in Authenticator.objects.values_list("user_id", "type"):
        kinds.setdefault(user_id, []).append(kind)
    return [
        Protected(
            one.pk, one.name, kinds.get(one.user_id, []).count(APP), kinds.get(one.user_id, []).count(PASSKEY)
        )
        for one in people
    ]


@dataclass(frozen=True, slots=True)
class SignedInDevice:
    """A browser in which one is signed in; if nobody uses it, it is signed out at `ends_at`."""

    id: UUID
    browser: str
    client: str
    signed_in_at: datetime
    signed_in_with: str
    ends_at: datetime
    is_this: bool


def devices(actor: Actor, session_key: str) -> list[SignedInDevice]:
    """Where one is signed in now, this browser first, then the newest."""
    rows = {row.session_key: row for row in Device.objects.filter(user_id=actor.user_id)}
    alive = Session.objects.filter(session_key__in=rows, expire_date__gt=clock.now())
    found = [
        SignedInDevice(
            id=rows[key].pk,
            browser=browser_name(rows[key].browser),
            client=rows[key].client,
            signed_in_at=rows[key].signed_in_at,
            signed_in_with=rows[key].signed_in_with,
            ends_at=ends,
            is_this=key == session_key,
        )
        for key, ends in alive.values_list("session_key", "expire_date")
    ]
    return sorted(found, key=lambda each: (not each.is_this, -each.signed_in_at.timestamp()))
