from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, connection

from willowbark.foundation import clock, outbox, undelivered, worker
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor, ActorKind
from willowbark.foundation.logging import JsonFormatter
from willowbark.foundation.models import OutboxMessage, Subscription, Undelivered

ACTOR = Actor(uuid4(), None, "Worker", ActorKind.SYSTEM, (), "worker", uuid4())


@dataclass(frozen=True, slots=True)
class Happened:
    """Something happened."""

    number: int
    about: UUID
    amount: Decimal = Decimal("1.10")
    day: date = date(2024, 2, 29)
    at: datetime = datetime(2024, 2, 29, 10, tzinfo=UTC)
    done: bool = True
    nothing: str | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a handler did: a message of its own, so that it is kept or lost with the delivery."""

    number: int


@pytest.fixture
def database(module_owner):
    """An empty outbox with real commits."""
    for table in ("undelivered", "subscription", "outboxmessage"):
        module_owner.execute(f"DELETE FROM foundation_{table}")


@pytest.fixture(autouse=True)
def _own_handlers(monkeypatch):
    """Only this test's handlers are subscribed, and only for this test."""
    monkeypatch.setattr(outbox, "_handlers", {})


def note(actor: Actor, event: Happened) -> None:
    outbox.publish(actor, Effect(event.number))


def subscribe(handler=note) -> str:
    outbox.subscribe(Happened, handler)
    (key,) = outbox.handlers()
    outbox.ensure_subscriptions()
    return key


def publish(*numbers: int, waits: bool = True) -> None:
    with acting_as(ACTOR) as actor:
        for number in numbers:
            outbox.publish(actor, Happened(number, uuid4()))
    if waits:
        others_end()


def others_end() -> None:
    """Wait out what tests beside this one began before: transactions are numbered for a whole server."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(transaction), 0) FROM foundation_outboxmessage")
        (last,) = cursor.fetchone()
        ends = time.monotonic() + 120
        while time.monotonic() < ends:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            if cursor.fetchone()[0] > last:
                return
            time.sleep(0.05)
    raise AssertionError("a transaction beside this test never ended")


def effects() -> list[int]:
    name = outbox.event_name(Effect)
    rows = OutboxMessage.objects.filter(name=name).order_by("transaction", "id")
    return [row.payload["number"] for row in rows]


def test_an_event_arrives_as_it_was_published(database):
    arrived = []
    key = subscribe(lambda actor, event: arrived.append(event))
    event = Happened(1, uuid4())
    with acting_as(ACTOR) as actor:
        outbox.publish(actor, event)
    others_end()

    assert outbox.deliver(ACTOR, key) == 1
    assert arrived == [event]


def test_an_event_of_a_change_that_was_undone_never_happened(database):
    key = subscribe()
    with pytest.raises(KeyError), acting_as(ACTOR) as actor:
        outbox.publish(actor, Happened(1, uuid4()))
        raise KeyError

    assert outbox.deliver(ACTOR, key) == 0
    assert not OutboxMessage.objects.exists()


def test_an_event_carries_ids_and_codes_alone(database):
    @dataclass(frozen=True)
    class Leaky:
        words: list[str]

    with pytest.raises(TypeError), acting_as(ACTOR) as actor:
        outbox.publish(actor, Leaky(["a note"]))


def test_events_are_delivered_once_in_the_order_of_their_commits(database):
    key = subscribe()
    publish(1, 2)
    publish(3)

    assert outbox.deliver(ACTOR, key) == 3
    assert outbox.deliver(ACTOR, key) == 0
    assert effects() == [1, 2, 3]
    assert outbox.waiting_count() == 0


def test_each_handler_gets_every_event_at_its_own_pace(database):
    def second(actor, event) -> None:
        outbox.publish(actor, Effect(event.number + 100))

    outbox.subscribe(Happened, note)
    outbox.subscribe(Happened, second)
    outbox.ensure_subscriptions()
    publish(1)
    for key in outbox.handlers():
        outbox.deliver(ACTOR, key)

    assert sorted(effects()) == [1, 101]


def test_a_new_handler_learns_of_everything_that_happened_before_it(database):
    publish(1, 2, 3)
    key = subscribe()

    assert outbox.behind() == [key]
    assert outbox.deliver(ACTOR, key) == 3
    assert outbox.behind() == []


def test_the_same_handler_is_not_called_twice_for_being_subscribed_twice(database):
    subscribe()
    outbox.subscribe(Happened, note)
    assert len(outbox.handlers()) == 1


def test_two_handlers_of_one_name_are_a_mistake_that_is_named():
    def make():
        def handler(actor, event) -> None:
            """Both have the same qualified name."""

        return handler

    outbox.subscribe(Happened, make())
    with pytest.raises(ValueError, match="subscribed already"):
        outbox.subscribe(Happened, make())


def test_two_workers_at_once_deliver_each_event_once(database):
    key = subscribe()
    for number in range(40):
        publish(number)
    settled = []

    def work() -> None:
        while outbox.waiting_count():
            settled.append(outbox.deliver(ACTOR, key, limit=3))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert effects() == list(range(40))
    assert sum(settled) == 40


def test_a_later_commit_waits_for_an_older_transaction_that_is_still_open(database):
    """Otherwise its event, with the older number, would be skipped for ever."""
    key = subscribe()
    published, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with acting_as(ACTOR) as actor:
            outbox.publish(actor, Happened(1, uuid4()))
            published.set()
            may_commit.wait(20)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert published.wait(20)
    publish(2, waits=False)
    assert outbox.behind() == []
    assert outbox.deliver(ACTOR, key) == 0, "2 is committed, but 1 may still come before it"
    assert outbox.waiting_count() == 1
    may_commit.set()
    thread.join()
    others_end()

    assert outbox.deliver(ACTOR, key) == 2
    assert effects() == [1, 2]


def test_a_worker_that_is_cut_off_before_its_commit_delivers_again_with_one_effect(database):
    key = subscribe(cut_off_once)
    publish(7)
    with pytest.raises(OperationalError):
        outbox.deliver(ACTOR, key)
    connection.close()
    while outbox.waiting_count():
        outbox.deliver(ACTOR, key)

    assert handled == [7, 7]
    assert effects() == [7]


handled: list[int] = []


def cut_off_once(actor, event) -> None:
    note(actor, event)
    handled.append(event.number)
    if len(handled) == 1:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def test_a_handler_whose_name_the_database_could_not_keep_is_refused_at_the_start():
    def handler(actor, event) -> None:
        """Never called."""

    handler.__qualname__ = "x" * 150
    with pytest.raises(ValueError, match="longer"):
        outbox.subscribe(Happened, handler)


def failing_on(*bad: int):
    """A handler that fails on these numbers; `bad` may be emptied to heal it."""
    fails = set(bad)

    def handler(actor, event) -> None:
        note(actor, event)
        if event.number in fails:
            raise ValueError("secret words of a patient")

    return handler, fails


def test_a_handler_that_fails_is_tried_again_and_then_goes_on_in_order(database):
    handler, fails = failing_on(2)
    key = subscribe(handler)
    publish(1, 2, 3)
    assert outbox.deliver(ACTOR, key) == 1
    assert outbox.deliver(ACTOR, key) == 0
    assert effects() == [1], "what the failed try wrote is gone"
    assert outbox.behind() == [], "it pauses"
    fails.clear()
    with clock.at(clock.now() + timedelta(seconds=3)):
        assert outbox.behind() == [key]
        assert outbox.deliver(ACTOR, key) == 2

    assert effects() == [1, 2, 3]
    assert Subscription.objects.get().attempts == 0
    assert not Undelivered.objects.exists()


def test_a_message_that_fails_again_and_again_is_set_aside_and_the_rest_goes_on(database):
    handler, _ = failing_on(2)
    key = subscribe(handler)
    publish(1, 2, 3)
    now, tries = clock.now(), 0
    while not Undelivered.objects.exists():
        tries += 1
        assert tries < 20
        with clock.at(now + timedelta(minutes=tries)):
            outbox.deliver(ACTOR, key)
    outbox.deliver(ACTOR, key)

    (aside,) = Undelivered.objects.all()
    assert (aside.handler, aside.message.payload["number"], aside.error) == (key, 2, "ValueError")
    assert aside.replayed_at is None
    assert effects() == [1, 3]
    assert outbox.waiting_count() == 0


def test_the_pauses_between_tries_grow(database):
    handler, _ = failing_on(1)
    key = subscribe(handler)
    publish(1)
    pauses, now = [], clock.now()
    for _ in range(outbox.MAX_ATTEMPTS - 1):
        with clock.at(now):
            outbox.deliver(ACTOR, key)
        retry_at = Subscription.objects.get().retry_at
        assert retry_at is not None
        pauses.append((retry_at - now).total_seconds())
        now = retry_at

    assert pauses == [2, 4, 8, 16]


def test_a_message_that_cannot_even_be_read_is_set_aside_too(database):
    key = subscribe()
    OutboxMessage.objects.create(
        name=outbox.event_name(Happened), payload={"number": "not a number"}, published_at=clock.now()
    )
    publish(2)
    now = clock.now()
    for minute in range(outbox.MAX_ATTEMPTS + 2):
        with clock.at(now + timedelta(minutes=minute)):
            outbox.deliver(ACTOR, key)

    assert Undelivered.objects.get().error == "ValidationError"
    assert effects() == [2]


def test_a_failure_is_logged_without_the_words_of_its_message(database, caplog):
    handler, _ = failing_on(1)
    key = subscribe(handler)
    publish(1)
    outbox.deliver(ACTOR, key)

    lines = [JsonFormatter().format(record) for record in caplog.records]
    assert any("outbox_message_failed" in line and "ValueError" in line for line in lines)
    assert not any("secret" in line for line in lines)


def test_settling_delivers_until_nothing_waits(database):
    def again(actor, event) -> None:
        if event.number < 5:
            outbox.publish(actor, Happened(event.number + 1, uuid4()))
        note(actor, event)

    subscribe(again)
    publish(1)

    assert worker.settle(ACTOR, seconds=120) is True
    assert effects() == [1, 2, 3, 4, 5]


def test_settling_is_not_done_while_an_event_waits_for_an_older_transaction(database):
    subscribe()
    opened, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with acting_as(ACTOR) as actor:
            outbox.publish(actor, Effect(0))
            opened.set()
            may_commit.wait(20)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert opened.wait(20)
    publish(1, waits=False)
    assert worker.settle(ACTOR, seconds=0.3) is False
    may_commit.set()
    thread.join()

    assert worker.settle(ACTOR, seconds=60) is True
    assert 1 in effects()


def test_settling_gives_up_in_time_when_a_handler_cannot(database):
    handler, _ = failing_on(1)
    subscribe(handler)
    publish(1)
    begun = time.monotonic()

    assert worker.settle(ACTOR, seconds=1) is False
    assert time.monotonic() - begun < 10
    assert outbox.waiting_count() == 1


def test_the_worker_delivers_until_it_is_told_to_stop_and_survives_a_lost_connection(database):
    subscribe()
    stop = threading.Event()
    thread = threading.Thread(target=worker.deliver_until, args=(stop, lambda: ACTOR))
    thread.start()
    publish(1)
    wait_for(lambda: effects() == [1])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
        )
    publish(2)
    wait_for(lambda: effects() == [1, 2])
    stop.set()
    thread.join(timeout=10)

    assert not thread.is_alive()


def wait_for(condition) -> None:
    ends = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.02)


def set_aside_all(key: str) -> None:
    """Try until nothing waits any more."""
    now = clock.now()
    for minute in range(3 * (outbox.MAX_ATTEMPTS + 2)):
        with clock.at(now + timedelta(minutes=minute)):
            outbox.deliver(ACTOR, key)
    assert outbox.waiting_count() == 0


def test_what_was_set_aside_is_delivered_once_after_all(database):
    handler, fails = failing_on(2)
    key = subscribe(handler)
    publish(1, 2, 3)
    set_aside_all(key)
    (waiting,) = undelivered.set_aside(ACTOR)
    assert (waiting.handler, waiting.event, waiting.error) == (key, outbox.event_name(Happened), "ValueError")

    assert [one.error for one in undelivered.replay(ACTOR)] == ["ValueError"]
    assert effects() == [1, 3], "what the failed try wrote is gone"
    assert undelivered.set_aside(ACTOR) == [waiting]

    fails.clear()
    assert [one.error for one in undelivered.replay(ACTOR)] == [""]
    assert sorted(effects()) == [1, 2, 3]
    assert list(undelivered.replay(ACTOR)) == []
    assert undelivered.set_aside(ACTOR) == []
    assert Undelivered.objects.get().replayed_at is not None


def test_one_handlers_messages_alone_are_replayed(database):
    handler, fails = failing_on(1)
    key = subscribe(handler)
    publish(1)
    set_aside_all(key)
    fails.clear()

    assert list(undelivered.replay(ACTOR, handler="another")) == []
    assert len(undelivered.set_aside(ACTOR, handler=key)) == 1
    assert [one.error for one in undelivered.replay(ACTOR, handler=key)] == [""]


def test_a_handler_that_is_gone_leaves_its_messages_where_they_are(database, monkeypatch):
    handler, _ = failing_on(1)
    key = subscribe(handler)
    publish(1)
    set_aside_all(key)
    monkeypatch.setattr(outbox, "_handlers", {})

    assert [one.error for one in undelivered.replay(ACTOR)] == ["NotFound"]
    assert len(undelivered.set_aside(ACTOR)) == 1
