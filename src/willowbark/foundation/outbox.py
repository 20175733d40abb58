"""Facts that happened, kept with the change that made them and delivered upward by a worker."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.db import OperationalError, connection
from pydantic import TypeAdapter

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import OutboxMessage, Subscription, Undelivered
from willowbark.kernel.errors import NotFound

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Event = TypeVar("Event", bound="DataclassInstance")
Handler = Callable[[Actor, Any], None]

MAX_ATTEMPTS = 5
LONGEST_KEY = 150
BATCH = 100
# Columns as arrays: a statement with a placeholder for each value takes longer to read than to run.
_APPEND = """
INSERT INTO foundation_outboxmessage (id, name, payload, request_id, published_at)
SELECT * FROM unnest(%s::uuid[], %s::text[], %s::jsonb[], %s::uuid[], %s::timestamptz[])
"""
_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Registered:
    """One handler of one kind of event."""

    key: str
    event: type[Any]
    handle: Handler


_handlers: dict[str, _Registered] = {}


def subscribe(event: type[Event], handler: Callable[[Actor, Event], None]) -> None:
    """
    Have `handler(actor, event)` called once in effect for every such event, in commit order.

    Called from a business's `apps.py`. The handler runs in the transaction that moves its cursor:
    what it writes is kept exactly when the event counts as delivered.

    Raises:
        ValueError: another handler of this name subscribes to the same event, or the name is too long.
    """
    key = f"{handler.__module__}.{handler.__qualname__}:{event_name(event)}"
    if len(key) > LONGEST_KEY:
        raise ValueError(f"{key} is longer than {LONGEST_KEY} characters")
    if key in _handlers and _handlers[key].handle is not handler:
        raise ValueError(f"{key} is subscribed already")
    _handlers[key] = _Registered(key, event, handler)


def handlers() -> tuple[str, ...]:
    """The keys of all handlers, in a stable order."""
    return tuple(sorted(_handlers))


def event_name(event: type[Any]) -> str:
    """The public name of an event: its business and its class, e.g. `record.EntryAdded`."""
    return f"{event.__module__.split('.')[1]}.{event.__name__}"


def publish(actor: Actor, event: DataclassInstance) -> None:
    """
    Append a fact to the outbox, in the caller's transaction.

    Raises:
        TypeError: a field is not an id, a number, a date, a truth value or a short code.
    """
    _message(actor, event).save(force_insert=True)


def publish_all(actor: Actor, events: Iterable[DataclassInstance]) -> None:
    """
    Append many facts to the outbox at once, in their order; see `publish`.

    Raises:
        TypeError: a field is not an id, a number, a date, a truth value or a short code.
    """
    messages = [_message(actor, event) for event in events]
    with connection.cursor() as cursor:
        cursor.execute(
            _APPEND,
            [
                [each.id for each in messages],
                [each.name for each in messages],
                [json.dumps(each.payload) for each in messages],
                [each.request_id for each in messages],
                [each.published_at for each in messages],
            ],
        )


def _message(actor: Actor, event: DataclassInstance) -> OutboxMessage:
    return OutboxMessage(
        name=event_name(type(event)),
        payload={field.name: _plain(getattr(event, field.name)) for field in dataclasses.fields(event)},
        request_id=actor.request_id,
        published_at=clock.now(),
    )


def pass_over() -> None:
    """
    Take the id of a message that is not sent.

    For what is written in bulk and told to nobody: rows that follow have the ids they would have otherwise.
    """
    uuid7()


def _plain(value: object) -> str | int | bool | None:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"an event carries ids and codes, not a {type(value).__name__}")


def deliver(actor: Actor, key: str, *, limit: int = BATCH) -> int:
    """
    Deliver waiting messages to one handler; returns how many were settled.

    Messages go in commit order and only below the oldest open transaction, so none is overtaken. A
    batch that fails is tried one message at a time; a message that fails `MAX_ATTEMPTS` times is set
    aside for a person, and the rest goes on.
    """
    try:
        return _deliver_batch(actor, key, limit)
    except OperationalError:
        # A deadlock, or a database that is away: nothing that the message could help.
        raise
    except Exception:  # noqa: BLE001 - whatever it is, the messages are tried again one by one below
        _LOGGER.warning("outbox_batch_failed", extra={"handler": key})
    tried: list[UUID] = []
    try:
        return _deliver_batch(actor, key, 1, tried)
    except OperationalError:
        raise
    except Exception as error:
        _LOGGER.exception("outbox_message_failed", extra={"handler": key})
        return _after_failure(actor, key, tried, error)


def _deliver_batch(actor: Actor, key: str, limit: int, tried: list[UUID] | None = None) -> int:
    registered = _handlers[key]
    with acting_as(actor.on("worker")) as acting:
        cursor_row = _lock_cursor(key)
        if cursor_row.retry_at and cursor_row.retry_at > clock.now():
            return 0
        waiting = _waiting(cursor_row, event_name(registered.event), limit)
        for message in waiting:
            if tried is not None:
                tried.append(message.id)
            hand_over(acting, key, message)
        if waiting:
            _advance(cursor_row, waiting[-1])
        return len(waiting)


def hand_over(acting: Actor, key: str, message: OutboxMessage) -> None:
    """
    Hand one message to a handler, in the caller's transaction.

    Raises:
        NotFound: there is no such handler (any more).
        Exception: whatever the handler raises.
    """
    registered = _handlers.get(key)
    if registered is None:
        raise NotFound("handler")
    registered.handle(acting, TypeAdapter(registered.event).validate_python(message.payload))


def _lock_cursor(key: str) -> Subscription:
    Subscription.objects.bulk_create([Subscription(handler=key)], ignore_conflicts=True)
    return Subscription.objects.select_for_update().get(handler=key)


def _waiting(cursor_row: Subscription, name: str, limit: int) -> list[OutboxMessage]:
    return list(
        OutboxMessage.objects.raw(
            "SELECT * FROM foundation_outboxmessage"
            " WHERE (transaction, id) > (%s, %s) AND name = %s"
            " AND transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
            " ORDER BY transaction, id LIMIT %s",
            [cursor_row.transaction, cursor_row.message_id or UUID(int=0), name, limit],
        )
    )


def _advance(cursor_row: Subscription, last: OutboxMessage) -> None:
    cursor_row.transaction, cursor_row.message_id = last.transaction, last.id
    cursor_row.attempts, cursor_row.retry_at = 0, None
    cursor_row.save()


def _after_failure(actor: Actor, key: str, tried: list[UUID], error: Exception) -> int:
    with acting_as(actor.on("worker")):
        cursor_row = _lock_cursor(key)
        waiting = _waiting(cursor_row, event_name(_handlers[key].event), 1)
        if not waiting or waiting[0].id not in tried:
            # Another worker has settled it meanwhile.
            return 0
        cursor_row.attempts += 1
        if cursor_row.attempts < MAX_ATTEMPTS:
            cursor_row.retry_at = clock.now() + timedelta(seconds=2**cursor_row.attempts)
            cursor_row.save()
            return 0
        (message,) = waiting
        Undelivered.objects.create(
            id=uuid7(), handler=key, message=message, error=type(error).__name__, set_aside_at=clock.now()
        )
        _advance(cursor_row, message)
        return 1


def ensure_subscriptions() -> None:
    """Give every handler its cursor; a new handler starts with the first fact that ever happened."""
    Subscription.objects.bulk_create([Subscription(handler=key) for key in handlers()], ignore_conflicts=True)


def behind() -> list[str]:
    """The handlers that have messages waiting and are not in a pause after a failure."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.handler FROM foundation_subscription s WHERE s.handler = ANY (%s)"
            " AND (s.retry_at IS NULL OR s.retry_at <= %s)"
            " AND EXISTS (SELECT FROM foundation_outboxmessage m"
            "   WHERE m.name = split_part(s.handler, ':', 2)"
            "   AND (m.transaction, m.id) > (s.transaction, coalesce(s.message_id, %s))"
            "   AND m.transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"
            " ORDER BY s.handler",
            [list(_handlers), clock.now(), UUID(int=0)],
        )
        return [key for (key,) in cursor.fetchall()]


def waiting_count() -> int:
    """How many deliveries are still to be made, over all handlers (for health and metrics)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM foundation_subscription s JOIN foundation_outboxmessage m"
            " ON m.name = split_part(s.handler, ':', 2)"
            " AND (m.transaction, m.id) > (s.transaction, coalesce(s.message_id, %s))"
            " WHERE s.handler = ANY (%s)",
            [UUID(int=0), list(_handlers)],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0
