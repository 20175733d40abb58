"""The browsers in which somebody is signed in: noted at the door, ended there or from another one."""

from __future__ import annotations

from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import transaction

from willowbark.foundation import access, clock
from willowbark.foundation.authorisation import Actor
from willowbark.kernel.errors import NotFound
from willowbark.practice.models import Device


def note_device(*, actor: Actor, session_key: str, client: str, browser: str, signed_in_with: str) -> None:
    """Note that somebody has signed in, from which network address and in which browser."""
    Device.objects.create(
        user_id=actor.user_id,
        session_key=session_key,
        client=client[:45],
        browser=browser.replace("\0", "")[:300],
        signed_in_at=clock.now(),
        signed_in_with=signed_in_with,
    )


def key_changed(*, before: str, after: str) -> None:
    """Follow a session to its new key."""
    Device.objects.filter(session_key=before).update(session_key=after)


def forget_device(*, session_key: str) -> None:
    """Forget the browser of a session that ends."""
    Device.objects.filter(session_key=session_key).delete()


@transaction.atomic
def end_device(*, actor: Actor, device_id: UUID) -> None:
    """
    Sign oneself out in one browser.

    Raises:
        NotFound: it is not there, or not one's own.
    """
    if not _end(actor.user_id, pk=device_id):
        raise NotFound("device")
    access.record_change(actor, "practice.device_ended", subject=str(device_id))


@transaction.atomic
def end_others(*, actor: Actor, session_key: str) -> int:
    """Sign oneself out everywhere but in this session; in how many browsers that was."""
    number = _end(actor.user_id, but=session_key)
    access.record_change(actor, "practice.devices_ended", subject=str(number))
    return number


def end_all(user_id: UUID) -> None:
    """Sign somebody out everywhere, for a caller that may."""
    _end(user_id)


def _end(user_id: UUID, *, but: str = "", **which: UUID) -> int:
    devices = Device.objects.filter(user_id=user_id, **which).exclude(session_key=but)
    keys = list(devices.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    return devices.delete()[0]
