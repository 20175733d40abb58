"""Messages that a handler failed on again and again: what was set aside, and another try at it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import OperationalError
from django.db.models import QuerySet

from willowbark.foundation import access, clock, outbox
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.models import Undelivered

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SetAside:
    """One message that waits for a person: whose handler failed on it, on what event, and how."""

    id: UUID
    handler: str
    event: str
    published_at: datetime
    set_aside_at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """What another try came to; `error` is '' when the message was delivered."""

    message: SetAside
    error: str


def set_aside(actor: Actor, *, handler: str = "") -> list[SetAside]:
    """What was set aside and not delivered since, in commit order; of one handler, or of all."""
    with acting_as(actor):
        return [_told(row) for row in _waiting(handler)]


def replay(actor: Actor, *, handler: str = "") -> Iterator[Replayed]:
    """
    Deliver what was set aside, in commit order, of one handler or of all; says of each what came of it.

    Each goes in a transaction of its own, in which it also counts as delivered: once in effect. What fails
    again stays set aside, with today's error.

    Raises:
        OperationalError: the database is away; what was delivered until then is.
    """
    for waiting in set_aside(actor, handler=handler):
        try:
            if _deliver(actor, waiting.id):
                yield Replayed(waiting, "")
        except OperationalError:
            raise
        except Exception as error:
            _LOGGER.exception("outbox_replay_failed", extra={"handler": waiting.handler})
            _keep(actor, waiting.id, error)
            yield Replayed(waiting, type(error).__name__)


def _waiting(handler: str) -> QuerySet[Undelivered]:
    rows = Undelivered.objects.filter(replayed_at__isnull=True).select_related("message")
    if handler:
        rows = rows.filter(handler=handler)
    return rows.order_by("message__transaction", "message_id", "handler")


def _deliver(actor: Actor, undelivered_id: UUID) -> bool:
    """Whether it was still to be delivered; whoever else is at it is waited for."""
    with acting_as(actor.on("worker")) as acting:
        row = (
            Undelivered.objects.select_related("message")
            .select_for_update(of=("self",))
            .filter(pk=undelivered_id, replayed_at__isnull=True)
            .first()
        )
        if row is None:
            return False
        outbox.hand_over(acting, row.handler, row.message)
        row.replayed_at = clock.now()
        row.save(update_fields=["replayed_at"])
        access.record_change(acting, "outbox.replayed", subject=str(undelivered_id))
        return True


def _keep(actor: Actor, undelivered_id: UUID, error: Exception) -> None:
    with acting_as(actor):
        Undelivered.objects.filter(pk=undelivered_id).update(error=type(error).__name__)


def _told(row: Undelivered) -> SetAside:
    message = row.message
    return SetAside(row.pk, row.handler, message.name, message.published_at, row.set_aside_at, row.error)
