from __future__ import annotations

import json
import queue
import threading
import time
from dataclasses import replace
from types import SimpleNamespace
from uuid import uuid4

import psycopg
import pytest
from django.db import connection, transaction
from django.http import StreamingHttpResponse

from willowbark.foundation import fan_out, live
from willowbark.foundation.authorisation import Actor, ActorKind, Grant, Reach
from willowbark.foundation.fan_out import Event, FanOut, Inbox, now_ms
from willowbark.foundation.testing import FanOutThatEnds

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
    fanning = FanOutThatEnds()
    monkeypatch.setattr(live, "_fan_out", fanning)
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.2)
    quick = SimpleNamespace(sleep=lambda _: time.sleep(0.05), time_ns=time.time_ns)
    monkeypatch.setattr(fan_out, "time", quick)
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
    fanning.is_ending = True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN%%'"
        )
    assert fanning._thread is not None
    fanning._thread.join(timeout=5)
    assert not fanning._thread.is_alive()


def wait_for(heard: queue.Queue[bytes], wanted: bytes) -> bytes:
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        part = heard.get(timeout=10)
        if wanted in part:
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
    assert all(part.endswith(b": still here\n\n") for part in parts[1:])


def test_a_stream_ends_with_its_session(monkeypatch):
    monkeypatch.setattr(live, "_fan_out", FanOutOfNothing())
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.05)
    answers = iter([True, False])

    parts = list(live.stream(uuid4(), frozenset(), goes_on=lambda: next(answers), still_hears=lambda _: True))
    assert [part.split(b"\n")[1] for part in parts[1:]] == [b": still here"]


def test_a_stream_ends_with_its_session_though_it_is_never_quiet(fanning, monkeypatch):
    """Somebody who signed out on a busy day would be told of the practice for five minutes more."""
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.05)
    asked = frozenset({"stock.changed"})
    answers = iter([True, False])
    stream = live.stream(uuid4(), asked, goes_on=lambda: next(answers), still_hears=lambda _: True)
    parts = []
    for part in stream:
        parts.append(part)
        fanning._send("stock.changed", "{}")
        time.sleep(0.02)
    assert parts.count(b": still here\n\n") == 1


@pytest.fixture
def fanning(monkeypatch) -> FanOut:
    """A fan-out whose listener hears already, and nothing but what a test sends."""
    made = FanOut()
    made._thread = threading.current_thread()
    made._complete_from_ms = now_ms() - 60_000
    monkeypatch.setattr(live, "_fan_out", made)
    return made


def drained(inbox: Inbox) -> list[Event | None]:
    return [inbox.get_nowait() for _ in range(inbox.qsize())]


def test_what_happened_between_a_page_and_its_stream_is_heard(fanning):
    """Else a page shows, until something else happens, that a task waits which was closed as it opened."""
    fanning._send("record.changed", "before")
    page_made_ms = now_ms() + fan_out._SKEW_MS
    fanning._recent[-1] = replace(fanning._recent[-1], at_ms=page_made_ms - fan_out._SKEW_MS)
    for data in ("one", "two", "two"):
        fanning._send("record.changed", data)
    fanning._send("stock.changed", "not asked for")

    heard = drained(fanning.join(uuid4(), {"record.changed"}, page_made_ms))
    assert [event.data for event in heard if event] == ["one", "two"]


def test_a_stream_that_broke_goes_on_from_what_it_heard_last(fanning):
    inbox = fanning.join(ACTOR_ID, {"record.changed"})
    for data in ("heard", "missed"):
        fanning._send("record.changed", data)
    stream = live._events(inbox, frozenset({"record.changed"}), lambda: True, lambda _: True)
    next(stream)
    last_id = int(next(stream).decode().split("\n")[0].removeprefix("id: "))

    heard = drained(fanning.join(ACTOR_ID, {"record.changed"}, last_id))
    assert "missed" in [event.data for event in heard if event]


@pytest.mark.parametrize("what_is_gone", ["older than all that is kept", "more than a stream holds"])
def test_where_it_is_no_longer_known_what_was_missed_a_page_looks_again(fanning, what_is_gone):
    since = now_ms()
    if what_is_gone == "older than all that is kept":
        fanning._complete_from_ms = since + 1
        fanning._send("record.changed", "one")
    else:
        for number in range(fan_out._QUEUE_LENGTH + 1):
            fanning._send("record.changed", str(number))

    heard = drained(fanning.join(uuid4(), {"record.changed"}, since))
    assert [event.topic for event in heard if event] == ["resync"]


def test_what_is_kept_is_bounded_and_says_how_far_back_it_goes(fanning):
    for number in range(fan_out._KEPT + 1):
        fanning._send("record.changed", str(number))

    assert len(fanning._recent) == fan_out._KEPT
    assert fanning._recent[0].at_ms - 1_000 < fanning._complete_from_ms < fanning._recent[0].at_ms


def test_nobody_takes_all_threads_by_opening_streams(fanning, monkeypatch):
    monkeypatch.setattr(fan_out, "MAX_STREAMS", 9)
    opened = [fanning.join(uuid4(), frozenset()) for _ in range(9)]
    with pytest.raises(fan_out.TooManyStreams):
        fanning.join(uuid4(), frozenset())
    fanning.leave(opened[0])

    assert fanning.holds(fanning.join(uuid4(), frozenset()))


def test_who_opens_page_after_page_keeps_the_newest_stream(fanning):
    """A page that was left holds its stream until the next heartbeat: not at the cost of the next page."""
    one = uuid4()
    opened = [fanning.join(one, frozenset()) for _ in range(fan_out.MAX_STREAMS_OF_ONE + 1)]

    assert [fanning.holds(stream) for stream in opened] == [False, *[True] * fan_out.MAX_STREAMS_OF_ONE]
    ended = live._events(opened[0], frozenset(), lambda: True, lambda _: True)
    assert len(list(ended)) == 1


def test_a_stream_that_nobody_ever_read_gives_its_place_back_when_its_answer_ends(fanning):
    """A generator that was never begun does not reach its `finally`."""
    for _ in range(fan_out.MAX_STREAMS + 1):
        answer = StreamingHttpResponse(
            live.stream(uuid4(), frozenset(), goes_on=lambda: True, still_hears=lambda _: True)
        )
        answer.close()

    assert not fanning._streams


def test_a_topic_about_a_patient_names_one_and_another_names_none(db):
    live.declare("chart.changed", "record.read", of_patient=True)
    with pytest.raises(ValueError, match="about a patient"):
        live.publish("chart.changed", {})
    with pytest.raises(ValueError, match="not about a patient"):
        live.publish("stock.changed", {}, patient_id=uuid4())

    assert live.may_hear(actor("record.read"), ["chart.changed", "chart.changed:no-id"]) == frozenset()


class FanOutOfNothing:
    def join(self, user_id, topics, since_ms) -> Inbox:
        return queue.Queue()

    def leave(self, stream) -> None:
        """Nothing to forget."""

    def holds(self, stream) -> bool:
        return True


def test_a_reader_that_stopped_reading_is_forgotten_and_holds_nobody_up(fanning):
    slow: Inbox = queue.Queue(1)
    quick: Inbox = queue.Queue()
    fanning._streams |= {slow: uuid4(), quick: uuid4()}
    for number in range(3):
        fanning._send("record.changed", str(number))

    assert quick.qsize() == 3
    assert set(fanning._streams) == {quick}


def test_the_listener_connects_as_the_app_and_no_other(fresh_database):
    with psycopg.connect(**fan_out.connection_parameters()) as listener:
        row = listener.execute("SELECT current_user, current_database()").fetchone()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        assert cursor.fetchone() == row
