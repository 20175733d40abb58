"""
Live events: what has just changed, told to open pages within a second.

A process keeps one LISTEN connection, which tells the streams of that process (`fan_out`). An event names a
topic and ids, nothing else; a topic about a patient is opened for that patient, by those who reach them.
`publish` sends it in the transaction that changed something, and is called by the worker's handlers rather
than by hot services: a NOTIFY makes commits queue.
"""

from __future__ import annotations

import json
import queue
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from willowbark.foundation.authorisation import Actor, allows
from willowbark.foundation.fan_out import CHANNEL, RESYNC, FanOut, Inbox, now_ms

HEARTBEAT_SECONDS = 15.0
STREAM_SECONDS = 300.0
_topics: dict[str, _Topic] = {}


@dataclass(frozen=True, slots=True)
class _Topic:
    permissions: tuple[str, ...]
    of_patient: bool


def declare(topic: str, *permissions: str, of_patient: bool = False) -> None:
    """
    Name a topic and who may hear it: holders of any of the permissions.

    A topic `of_patient` is asked for as `topic:patient_id`, and heard by those who reach that patient.
    """
    _topics[topic] = _Topic(permissions, of_patient)


def may_hear(actor: Actor, names: Iterable[str]) -> frozenset[str]:
    """Those of the topics that exist and that the actor may hear. Asks the database, as the actor."""
    return frozenset(name for name in names if _may_hear(actor, name))


def _may_hear(actor: Actor, name: str) -> bool:
    base, _, patient = name.partition(":")
    topic = _topics.get(base)
    if topic is None or topic.of_patient != bool(patient) or not allows(actor, *topic.permissions):
        return False
    return not patient or _reaches(patient, topic.permissions)


def _reaches(patient: str, permissions: tuple[str, ...]) -> bool:
    try:
        patient_id = UUID(patient)
    except ValueError:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT willow_reaches(%s, %s)", [patient_id, list(permissions)])
        row = cursor.fetchone()
    return bool(row and row[0])


def publish(topic: str, ids: Mapping[str, str], *, patient_id: UUID | None = None) -> None:
    """
    Tell open pages, when the current transaction commits.

    Raises:
        KeyError: nobody declared the topic.
        ValueError: a patient is missing, or named where the topic is about none.
    """
    if _topics[topic].of_patient != (patient_id is not None):
        raise ValueError(f"{topic} is {'' if _topics[topic].of_patient else 'not '}about a patient")
    name = f"{topic}:{patient_id}" if patient_id else topic
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, json.dumps({"topic": name, "ids": dict(ids)})])


_fan_out = FanOut()


class _Stream(Iterator[bytes]):
    """The events of one stream. Closing it gives its place back, though nobody ever read from it."""

    def __init__(self, inbox: Inbox, events: Iterator[bytes]) -> None:
        self._inbox = inbox
        self._events = events

    def __next__(self) -> bytes:
        """The next part."""
        return next(self._events)

    def close(self) -> None:
        """Called by Django when the answer ends, however it ends."""
        _fan_out.leave(self._inbox)


def stream(
    user_id: UUID,
    topics: frozenset[str],
    *,
    since_ms: int | None = None,
    goes_on: Callable[[], bool],
    still_hears: Callable[[str], bool],
) -> Iterator[bytes]:
    """
    Server-sent events of these topics, with a comment every 15 s, for at most 5 minutes.

    It begins with what happened after `since_ms`, the Unix milliseconds of what a page shows or of the last
    event it heard; a `resync` stands for what is no longer known. Each part names where to go on from.

    `goes_on` is asked at every comment, however much is told between: a session that has ended ends its
    stream. `still_hears` is asked before anything is said of a patient: who no longer reaches them is told
    nothing more. The browser reconnects by itself, so whatever else was taken away is noticed then.

    Raises:
        TooManyStreams: at once, not when first read.
    """
    inbox = _fan_out.join(user_id, topics, since_ms)
    return _Stream(inbox, _events(inbox, topics, goes_on, still_hears))


def _events(
    inbox: Inbox,
    topics: frozenset[str],
    goes_on: Callable[[], bool],
    still_hears: Callable[[str], bool],
) -> Iterator[bytes]:
    asked_at = time.monotonic()
    ends = asked_at + STREAM_SECONDS
    try:
        yield b"retry: 2000\n: open\n\n"
        while time.monotonic() < ends:
            asked_ms = now_ms()
            try:
                event = inbox.get(timeout=HEARTBEAT_SECONDS)
            except queue.Empty:
                if not (_fan_out.holds(inbox) and goes_on()):
                    return
                asked_at = time.monotonic()
                yield f"id: {asked_ms}\n: still here\n\n".encode()
                continue
            if event is None:
                return
            if time.monotonic() - asked_at >= HEARTBEAT_SECONDS:
                # Where it is never quiet, a session that has ended ends its stream all the same.
                if not goes_on():
                    return
                asked_at = time.monotonic()
                yield b": still here\n\n"
            if event.topic in topics and ":" in event.topic and not still_hears(event.topic):
                continue
            if event.topic in topics or event.topic == RESYNC:
                yield f"id: {event.at_ms}\nevent: {event.topic}\ndata: {event.data}\n\n".encode()
    finally:
        _fan_out.leave(inbox)
