"""One listener of a process, and the streams it tells: nothing between a page and its stream is lost."""

from __future__ import annotations

import json
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

from willowbark.kernel.errors import DomainError

CHANNEL = "willow_live"
MAX_STREAMS = 36
MAX_STREAMS_OF_ONE = 6
RESYNC = "resync"
# The clocks of two machines that serve one practice may differ by so much.
_SKEW_MS = 1_000
_QUEUE_LENGTH = 200
_KEPT = 1_000
_LOGGER = logging.getLogger(__name__)


class TooManyStreams(DomainError):
    """As many streams are open as this process may have; a page works without one."""

    code = "busy"


@dataclass(frozen=True, slots=True)
class Event:
    """What was told: `at_ms`, Unix milliseconds and unique in its process, orders the events."""

    at_ms: int
    topic: str
    data: str


Inbox = queue.Queue[Event | None]
"""The events that a stream has yet to send; None ends it."""


def now_ms() -> int:
    """Unix milliseconds, whatever a demo or a test says of the time."""
    return time.time_ns() // 1_000_000


class FanOut:
    """
    The one listener of a process, started with its first stream.

    It keeps the newest events, so that a page which was made at one moment and listens from a later one
    hears what happened between.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._streams: dict[Inbox, UUID] = {}
        self._thread: threading.Thread | None = None
        self._recent: deque[Event] = deque(maxlen=_KEPT)
        self._complete_from_ms: int | None = None

    def join(self, user_id: UUID, topics: AbstractSet[str], since_ms: int | None = None) -> Inbox:
        """
        A new stream's inbox, with what happened to the topics after `since_ms` in it already.

        A person who opens more than `MAX_STREAMS_OF_ONE` loses the oldest: a browser that has left a page is
        noticed only at the next heartbeat, and one that still listens comes back by itself.

        Raises:
            TooManyStreams: waiting streams would leave too few threads for pages.
        """
        inbox: Inbox = queue.Queue(_QUEUE_LENGTH)
        with self._lock:
            own = [stream for stream, holder in self._streams.items() if holder == user_id]
            if len(own) >= MAX_STREAMS_OF_ONE:
                self._end(own[0])
            if len(self._streams) >= MAX_STREAMS:
                raise TooManyStreams("Too many pages listen at once; this one works without.")
            for event in self._missed(topics, since_ms):
                inbox.put_nowait(event)
            self._streams[inbox] = user_id
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._listen, name="live-listener", daemon=True)
                self._thread.start()
        return inbox

    def leave(self, stream: Inbox) -> None:
        """Forget a stream."""
        with self._lock:
            self._streams.pop(stream, None)

    def holds(self, stream: Inbox) -> bool:
        """Whether the stream is still told."""
        return stream in self._streams

    def _end(self, stream: Inbox) -> None:
        self._streams.pop(stream)
        with suppress(queue.Full):
            stream.put_nowait(None)

    def _missed(self, topics: AbstractSet[str], since_ms: int | None) -> list[Event]:
        """What happened since, each thing once. A listener that does not hear yet begins with a resync."""
        if since_ms is None or self._complete_from_ms is None:
            return []
        since_ms -= _SKEW_MS
        missed = {
            (event.topic, event.data): event
            for event in self._recent
            if event.at_ms > since_ms and event.topic in topics
        }
        if since_ms < self._complete_from_ms - _SKEW_MS or len(missed) > _QUEUE_LENGTH:
            return [Event(now_ms(), RESYNC, "{}")]
        return sorted(missed.values(), key=lambda event: event.at_ms)

    def _listen(self) -> None:
        while True:
            try:
                self._listen_once()
            except psycopg.Error:
                _LOGGER.warning("live_listener_lost")
                time.sleep(1)

    def _listen_once(self) -> None:
        with psycopg.connect(**connection_parameters(), autocommit=True) as listener:
            listener.execute(f"LISTEN {CHANNEL}")
            with self._lock:
                self._recent.clear()
                self._complete_from_ms = now_ms()
            # Whoever was cut off may have missed something: let every page look again.
            self._send(RESYNC, "{}")
            for notice in listener.notifies():
                event = json.loads(notice.payload)
                self._send(event["topic"], json.dumps(event["ids"]))

    def _send(self, topic: str, data: str) -> None:
        with self._lock:
            event = Event(max(now_ms(), self._recent[-1].at_ms + 1 if self._recent else 0), topic, data)
            if len(self._recent) == _KEPT:
                self._complete_from_ms = self._recent[0].at_ms
            self._recent.append(event)
            for stream in tuple(self._streams):
                try:
                    stream.put_nowait(event)
                except queue.Full:
                    # A reader that slow has gone; its browser will connect again.
                    self._streams.pop(stream, None)


def connection_parameters() -> dict[str, Any]:
    """How the listener connects: as the application does."""
    parameters = connection.get_connection_params()
    kept = ("dbname", "user", "password", "host", "port")
    return {name: str(parameters[name]) for name in kept if parameters.get(name)}
