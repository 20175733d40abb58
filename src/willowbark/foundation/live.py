"""
Live events: what has just changed, told to open pages within a second.

A process keeps one LISTEN connection; its thread fans each notification out to the streams of that
process. An event names a topic and ids, nothing else; a topic about a patient is opened for that patient,
by those who reach them. `publish` sends it in the transaction that changed something, and is called by the
worker's handlers rather than by hot services: a NOTIFY makes commits queue.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

from willowbark.foundation.authorisation import Actor, allows
from willowbark.kernel.errors import DomainError

CHANNEL = "willow_live"
HEARTBEAT_SECONDS = 15.0
STREAM_SECONDS = 300.0
MAX_STREAMS = 36
MAX_STREAMS_OF_ONE = 6
_QUEUE_LENGTH = 200
_LOGGER = logging.getLogger(__name__)
_topics: dict[str, _Topic] = {}


class TooManyStreams(DomainError):
    """As many streams are open as this process, or this person, may have; a page works without one."""

    code = "busy"


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


class _FanOut:
    """The one listener of a process, started with its first stream."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._streams: dict[queue.Queue[tuple[str, str]], UUID] = {}
        self._thread: threading.Thread | None = None

    def join(self, user_id: UUID) -> queue.Queue[tuple[str, str]]:
        """
        A new stream's queue of (topic, data).

        Raises:
            TooManyStreams: waiting streams would leave too few threads for pages.
        """
        stream: queue.Queue[tuple[str, str]] = queue.Queue(_QUEUE_LENGTH)
        with self._lock:
            own = sum(1 for holder in self._streams.values() if holder == user_id)
            if len(self._streams) >= MAX_STREAMS or own >= MAX_STREAMS_OF_ONE:
                raise TooManyStreams("Too many pages listen at once; this one works without.")
            self._streams[stream] = user_id
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._listen, name="live-listener", daemon=True)
                self._thread.start()
        return stream

    def leave(self, stream: queue.Queue[tuple[str, str]]) -> None:
        """Forget a stream."""
        with self._lock:
            self._streams.pop(stream, None)

    def _listen(self) -> None:
        while True:
            try:
                self._listen_once()
            except psycopg.Error:
                _LOGGER.warning("live_listener_lost")
                time.sleep(1)

    def _listen_once(self) -> None:
        with psycopg.connect(**_connection_parameters(), autocommit=True) as listener:
            listener.execute(f"LISTEN {CHANNEL}")
            # Whoever was cut off may have missed something: let every page look again.
            self._send("resync", "{}")
            for notice in listener.notifies():
                event = json.loads(notice.payload)
                self._send(event["topic"], json.dumps(event["ids"]))

    def _send(self, topic: str, data: str) -> None:
        with self._lock:
            for stream in tuple(self._streams):
                try:
                    stream.put_nowait((topic, data))
                except queue.Full:
                    # A reader that slow has gone; its browser will connect again.
                    self._streams.pop(stream, None)


def _connection_parameters() -> dict[str, Any]:
    parameters = connection.get_connection_params()
    kept = ("dbname", "user", "password", "host", "port")
    return {name: str(parameters[name]) for name in kept if parameters.get(name)}


_fan_out = _FanOut()


class _Stream(Iterator[bytes]):
    """The events of one stream. Closing it gives its place back, though nobody ever read from it."""

    def __init__(self, inbox: queue.Queue[tuple[str, str]], events: Iterator[bytes]) -> None:
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
    goes_on: Callable[[], bool],
    still_hears: Callable[[str], bool],
) -> Iterator[bytes]:
    """
    Server-sent events of these topics, with a comment every 15 s, for at most 5 minutes.

    `goes_on` is asked at every comment: a session that has ended ends its stream. `still_hears` is asked
    before anything is said of a patient: who no longer reaches them is told nothing more. The browser
    reconnects by itself, so whatever else was taken away is noticed then.

    Raises:
        TooManyStreams: at once, not when first read.
    """
    inbox = _fan_out.join(user_id)
    return _Stream(inbox, _events(inbox, topics, goes_on, still_hears))


def _events(
    inbox: queue.Queue[tuple[str, str]],
    topics: frozenset[str],
    goes_on: Callable[[], bool],
    still_hears: Callable[[str], bool],
) -> Iterator[bytes]:
    ends = time.monotonic() + STREAM_SECONDS
    try:
        yield b"retry: 2000\n: open\n\n"
        while time.monotonic() < ends:
            try:
                topic, data = inbox.get(timeout=HEARTBEAT_SECONDS)
            except queue.Empty:
                if not goes_on():
                    return
                yield b": still here\n\n"
                continue
            if topic in topics and ":" in topic and not still_hears(topic):
                continue
            if topic in topics or topic == "resync":
                yield f"event: {topic}\ndata: {data}\n\n".encode()
    finally:
        _fan_out.leave(inbox)
