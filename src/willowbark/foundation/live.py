"""
Live events: what has just changed, told to open pages within a second.

A process keeps one LISTEN connection; its thread fans each notification out to the streams of that
process. An event names a topic and ids, nothing else. It is sent by `publish` in the transaction that
changed something, by the worker's handlers rather than by hot services: a NOTIFY makes commits queue.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
from django.db import connection

from willowbark.foundation.authorisation import Actor, allows

CHANNEL = "willow_live"
HEARTBEAT_SECONDS = 15.0
STREAM_SECONDS = 900.0
_QUEUE_LENGTH = 200
_LOGGER = logging.getLogger(__name__)
_topics: dict[str, tuple[str, ...]] = {}


def declare(topic: str, *permissions: str) -> None:
    """Name a topic and who may hear it: holders of any of the permissions."""
    _topics[topic] = permissions


def may_hear(actor: Actor, topics: Iterator[str] | list[str]) -> frozenset[str]:
    """Those of the topics that exist and that the actor may hear."""
    return frozenset(topic for topic in topics if topic in _topics and allows(actor, *_topics[topic]))


def publish(topic: str, ids: Mapping[str, str]) -> None:
    """
    Tell open pages, when the current transaction commits.

    Raises:
        KeyError: nobody declared the topic.
    """
    _topics[topic]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, json.dumps({"topic": topic, "ids": dict(ids)})])


class _FanOut:
    """The one listener of a process, started with its first stream."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._streams: set[queue.Queue[tuple[str, str]]] = set()
        self._thread: threading.Thread | None = None

    def join(self) -> queue.Queue[tuple[str, str]]:
        """A new stream's queue of (topic, data)."""
        stream: queue.Queue[tuple[str, str]] = queue.Queue(_QUEUE_LENGTH)
        with self._lock:
            self._streams.add(stream)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._listen, name="live-listener", daemon=True)
                self._thread.start()
        return stream

    def leave(self, stream: queue.Queue[tuple[str, str]]) -> None:
        """Forget a stream."""
        with self._lock:
            self._streams.discard(stream)

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
                    self._streams.discard(stream)


def _connection_parameters() -> dict[str, Any]:
    parameters = connection.get_connection_params()
    kept = ("dbname", "user", "password", "host", "port")
    return {name: str(parameters[name]) for name in kept if parameters.get(name)}


_fan_out = _FanOut()


def stream(topics: frozenset[str]) -> Iterator[bytes]:
    """
    Server-sent events of these topics, with a comment every 15 s, for at most 15 minutes.

    The browser reconnects by itself, so a revoked permission is noticed then at the latest.
    """
    inbox = _fan_out.join()
    ends = time.monotonic() + STREAM_SECONDS
    try:
        yield b"retry: 2000\n: open\n\n"
        while time.monotonic() < ends:
            try:
                topic, data = inbox.get(timeout=HEARTBEAT_SECONDS)
            except queue.Empty:
                yield b": still here\n\n"
                continue
            if topic in topics or topic == "resync":
                yield f"event: {topic}\ndata: {data}\n\n".encode()
    finally:
        _fan_out.leave(inbox)
