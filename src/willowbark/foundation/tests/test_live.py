from __future__ import annotations

import contextlib
import json
import queue
import threading
import time
from types import SimpleNamespace
from uuid import uuid4

import psycopg
import pytest
from django.db import connection, transaction
from django.http import StreamingHttpResponse

from willowbark.foundation import live
from willowbark.foundation.authorisation import Actor, ActorKind, Grant, Reach

ACTOR_ID = uuid4()


def actor(*permissions: str) -> Actor:
    grants = (Grant("someone", frozenset(permissions), Reach.ORGANISATION, None),)
    return Actor(uuid4(), None, "Ann", ActorKind.PERSON, grants, "web", uuid4())


@pytest.fixture(autouse=True)
def _topics(monkeypatch):
    monkeypatch.setattr(live, "_topics", {})
    live.declare("record.changed", "record.read")
    live.declare("stock.changed", "stock.read", "stock.count")


@pytest.fixture
def listening(fresh_database, monkeypatch):
    """A listener of this test's own database, and a stream that is open already."""
    fan_out = FanOutThatEnds()
    monkeypatch.setattr(live, "_fan_out", fan_out)
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.2)
    quick = SimpleNamespace(sleep=lambda _: time.sleep(0.05), monotonic=time.monotonic)
    monkeypatch.setattr(live, "time", quick)
    heard: queue.Queue[bytes] = queue.Queue()
    stream = live.stream(
        uuid4(), frozenset({"record.changed"}), goes_on=lambda: True, still_hears=lambda _: True
    )
    closing = threading.Event()

    def read() -> None:
        for part in stream:
            heard.put(part)
            if closing.is_set():
                return

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    wait_for(heard, b"event: resync")
    yield heard
    closing.set()
    reader.join(timeout=5)
    fan_out.ending = True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN%%'"
        )
    assert fan_out._thread is not None
    fan_out._thread.join(timeout=5)
    assert not fan_out._thread.is_alive()


class FanOutThatEnds(live._FanOut):
    """The real one lives as long as its process; this one must not outlive its database."""

    ending = False

    def _listen(self) -> None:
        with contextlib.suppress(SystemExit):
            super()._listen()

    def _listen_once(self) -> None:
        if self.ending:
            raise SystemExit
        super()._listen_once()


def wait_for(heard: queue.Queue[bytes], wanted: bytes) -> bytes:
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        part = heard.get(timeout=10)
        if part.startswith(wanted):
            return part
    raise AssertionError(f"{wanted!r} was never heard")


def test_an_open_page_hears_within_a_second_what_has_changed(listening):
    begun = time.monotonic()
    with transaction.atomic():
        live.publish("record.changed", {"patient_id": "p", "kind": "note"})
    part = wait_for(listening, b"event: record.changed")

    assert time.monotonic() - begun < 1
    data = part.decode().split("data: ")[1].strip()
    assert json.loads(data) == {"patient_id": "p", "kind": "note"}
    assert part.endswith(b"\n\n")


def test_what_was_undone_is_told_nobody(listening):
    with pytest.raises(KeyError), transaction.atomic():
        live.publish("record.changed", {"patient_id": "undone"})
        raise KeyError
    live.publish("record.changed", {"patient_id": "done"})

    assert b"undone" not in wait_for(listening, b"event: record.changed")


def test_a_stream_hears_the_topics_it_asked_for_alone(listening):
    live.publish("stock.changed", {"lot": "secret"})
    live.publish("record.changed", {"patient_id": "p"})

    assert b"secret" not in wait_for(listening, b"event:")


def test_a_stream_says_now_and_then_that_it_is_there(listening):
    wait_for(listening, b": still here")


def test_a_listener_that_lost_its_connection_comes_back_and_has_pages_look_again(listening):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN%%'"
        )
    wait_for(listening, b"event: resync")
    live.publish("record.changed", {"patient_id": "after"})

    assert b"after" in wait_for(listening, b"event: record.changed")


def test_a_topic_is_heard_by_those_who_may_alone():
    topics = ["record.changed", "stock.changed", "no.such.topic"]

    assert live.may_hear(actor("record.read"), topics) == {"record.changed"}
    assert live.may_hear(actor("stock.count"), topics) == {"stock.changed"}
    assert live.may_hear(actor(), topics) == frozenset()


def test_a_topic_that_nobody_declared_is_a_mistake_that_is_named(db):
    with pytest.raises(KeyError):
        live.publish("no.such.topic", {})


def test_a_stream_ends_in_time_so_that_a_revoked_permission_is_noticed(monkeypatch):
    monkeypatch.setattr(live, "_fan_out", FanOutOfNothing())
    monkeypatch.setattr(live, "STREAM_SECONDS", 0.3)
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.1)

    parts = list(live.stream(uuid4(), frozenset(), goes_on=lambda: True, still_hears=lambda _: True))
    assert parts[0].startswith(b"retry:")
    assert set(parts[1:]) == {b": still here\n\n"}


def test_a_stream_ends_with_its_session(monkeypatch):
    monkeypatch.setattr(live, "_fan_out", FanOutOfNothing())
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.05)
    answers = iter([True, False])

    parts = list(live.stream(uuid4(), frozenset(), goes_on=lambda: next(answers), still_hears=lambda _: True))
    assert parts[1:] == [b": still here\n\n"]


def test_nobody_takes_all_threads_by_opening_streams(monkeypatch):
    fan_out = live._FanOut()
    monkeypatch.setattr(fan_out, "_listen", lambda: None)
    monkeypatch.setattr(live, "MAX_STREAMS", 9)
    one = uuid4()
    opened = [fan_out.join(one) for _ in range(live.MAX_STREAMS_OF_ONE)]
    with pytest.raises(live.TooManyStreams):
        fan_out.join(one)
    opened += [fan_out.join(uuid4()) for _ in range(9 - len(opened))]
    with pytest.raises(live.TooManyStreams):
        fan_out.join(uuid4())
    fan_out.leave(opened[0])

    assert isinstance(fan_out.join(uuid4()), queue.Queue)


def test_a_stream_that_nobody_ever_read_gives_its_place_back_when_its_answer_ends(monkeypatch):
    """A generator that was never begun does not reach its `finally`: six such would shut somebody out."""
    fan_out = live._FanOut()
    monkeypatch.setattr(fan_out, "_thread", threading.current_thread())
    monkeypatch.setattr(live, "_fan_out", fan_out)
    for _ in range(live.MAX_STREAMS + 1):
        answer = StreamingHttpResponse(
            live.stream(ACTOR_ID, frozenset(), goes_on=lambda: True, still_hears=lambda _: True)
        )
        answer.close()

    assert not fan_out._streams


def test_a_topic_about_a_patient_names_one_and_another_names_none(db):
    live.declare("chart.changed", "record.read", of_patient=True)
    with pytest.raises(ValueError, match="about a patient"):
        live.publish("chart.changed", {})
    with pytest.raises(ValueError, match="not about a patient"):
        live.publish("stock.changed", {}, patient_id=uuid4())

    assert live.may_hear(actor("record.read"), ["chart.changed", "chart.changed:no-id"]) == frozenset()


class FanOutOfNothing:
    def join(self, user_id):
        return queue.Queue()

    def leave(self, stream) -> None:
        """Nothing to forget."""


def test_a_reader_that_stopped_reading_is_forgotten_and_holds_nobody_up():
    fan_out = live._FanOut()
    slow: queue.Queue[tuple[str, str]] = queue.Queue(1)
    quick: queue.Queue[tuple[str, str]] = queue.Queue()
    fan_out._streams |= {slow: uuid4(), quick: uuid4()}
    for number in range(3):
        fan_out._send("record.changed", str(number))

    assert quick.qsize() == 3
    assert set(fan_out._streams) == {quick}


def test_the_listener_connects_as_the_app_and_no_other(fresh_database):
    with psycopg.connect(**live._connection_parameters()) as listener:
        row = listener.execute("SELECT current_user, current_database()").fetchone()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        assert cursor.fetchone() == row
