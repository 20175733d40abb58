"""Build a demo: write the script, play it, and say in the access log that it is complete."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection

from willowbark.demo.players import by_bulk, by_services
from willowbark.demo.players.cast import Cast
from willowbark.demo.script import PatientHistory, Script, write_script
from willowbark.demo.script.ids import IdMaker
from willowbark.demo.script.practice import OWNER
from willowbark.demo.status import BUILT, Plan
from willowbark.foundation import access
from willowbark.foundation.acting import acting_as


@dataclass(frozen=True, slots=True)
class Parts:
    """The histories of a script by the way in which they are played."""

    by_services: tuple[PatientHistory, ...]
    by_bulk: tuple[PatientHistory, ...]


def parts_of(script: Script, plan: Plan) -> Parts:
    """Spread the patients that are played by services evenly over all."""
    wanted = min(plan.by_services, len(script.histories))
    chosen = {number * len(script.histories) // wanted for number in range(wanted)} if wanted else set()
    return Parts(
        tuple(history for number, history in enumerate(script.histories) if number in chosen),
        tuple(history for number, history in enumerate(script.histories) if number not in chosen),
    )


def build(
    plan: Plan,
    *,
    begun: Callable[[int], None] = lambda total: None,
    done: Callable[[int], None] = lambda n: None,
) -> Script:
    """
    Build the planned demo in a database that holds no practice, and return its script.

    Acts as the application's role; Django is set up. `begun` is called with the number of occasions, `done`
    with how many more of them have been played.

    Raises:
        Conflict: the database holds a practice.
    """
    script = write_script(seed=plan.seed, today=plan.today, patients=plan.patients)
    parts = parts_of(script, plan)
    acted = sorted(
        (occasion for history in parts.by_services for occasion in history.occasions),
        key=lambda occasion: (occasion.at, occasion.id),
    )
    copied = {history.patient_id: len(history.occasions) for history in parts.by_bulk}
    begun(len(acted) + sum(copied.values()))
    cast = Cast()
    by_services.play(cast, script.opening)
    # Both wait for the database, for different reasons: beside each other they take the time of one.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="demo-bulk") as pool:
        beside = pool.submit(_play_by_bulk, cast, parts.by_bulk, done)
        by_services.play(cast, acted, done=lambda: done(1))
        beside.result()
    by_services.play(cast, script.closing)
    _write_down(cast, script, plan)
    return script


def _play_by_bulk(cast: Cast, histories: tuple[PatientHistory, ...], done: Callable[[int], None]) -> None:
    played = iter(histories)

    def patients_done(count: int) -> None:
        done(sum(len(next(played).occasions) for _ in range(count)))

    try:
        by_bulk.play(cast, histories, done=patients_done)
    finally:
        # A thread's connection is its own to give back.
        connection.close()


def _write_down(cast: Cast, script: Script, plan: Plan) -> None:
    at = max(occasion.at for occasion in script.closing) + timedelta(minutes=1)
    actor = dataclasses.replace(cast.actor(OWNER), request_id=IdMaker(f"{script.seed}/built").next(at))
    with acting_as(actor):
        access.record_change(actor, BUILT, subject=str(plan))
