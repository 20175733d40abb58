"""Build a demo: write the script, play it, and say in the access log that it is complete."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection

from willowbark.demo.players import by_bulk, by_services, programmes_by_bulk
from willowbark.demo.players.cast import Cast
from willowbark.demo.script import PatientHistory, Script, write_script
from willowbark.demo.script.events import Occasion
from willowbark.demo.script.ids import IdMaker
from willowbark.demo.script.practice import OWNER, SITE_NAMES
from willowbark.demo.stages import Stages
from willowbark.demo.status import BUILT, Plan, written_down
from willowbark.foundation import access
from willowbark.foundation.acting import acting_as

# How many threads play staff.
STAFF_AT_WORK = 2
# How many occasions of each site's programmes are played by services: the last ones.
LATEST_BY_SERVICES = 6


@dataclass(frozen=True, slots=True)
class Built:
    """The script that was played, and the seconds that each stage took."""

    script: Script
    seconds: dict[str, float]


@dataclass(frozen=True, slots=True)
class Parts:
    """The histories of a script by the way in which they are played."""

    by_services: tuple[PatientHistory, ...]
    by_bulk: tuple[PatientHistory, ...]


def script_of(plan: Plan) -> Script:
    """The script of a plan."""
    return write_script(seed=plan.seed, today=plan.today, patients=plan.patients)


def parts_of(script: Script, plan: Plan) -> Parts:
    """
    Say who is played by services: a fifth of them from all over, the others are those who came last.

    So it is where a practice takes its earlier patients over from another system.
    """
    wanted = min(plan.by_services, len(script.histories))
    from_all_over = wanted // 5
    chosen = {number * len(script.histories) // from_all_over for number in range(from_all_over)}
    for history in sorted(script.histories, key=lambda one: one.occasions[0].at, reverse=True):
        if len(chosen) < wanted:
            chosen.add(history.number)
    return Parts(
        tuple(history for history in script.histories if history.number in chosen),
        tuple(history for history in script.histories if history.number not in chosen),
    )


def build(
    plan: Plan,
    *,
    write: Callable[[Plan], Script] | None = None,
    begun: Callable[[int], None] = lambda total: None,
    done: Callable[[int], None] = lambda n: None,
) -> Built:
    """
    Build the planned demo in a database that holds no practice.

    Acts as the application's role; Django is set up. `write` gives the plan's script where somebody has begun
    to write it already. `begun` is called with the number of occasions, `done`
    with how many more of them have been played.

    Raises:
        Conflict: the database holds a practice.
    """
    stages = Stages()
    with stages.stage("script"):
        script = (write or script_of)(plan)
    parts = parts_of(script, plan)
    parts_played = [*(history.occasions for history in script.histories), *script.programmes]
    begun(sum(len(occasions) for occasions in parts_played))
    cast = Cast()
    with stages.stage("opening"):
        by_services.play(cast, script.opening)
    # Half of the time passes in waiting for the database: what belongs to different people goes side by side.
    with ThreadPoolExecutor(max_workers=STAFF_AT_WORK + 1, thread_name_prefix="demo") as pool:
        with stages.stage("histories"):
            playing = [pool.submit(_by_bulk, cast, parts.by_bulk, done)]
            for number in range(STAFF_AT_WORK):
                playing.append(
                    pool.submit(_by_services, cast, parts.by_services[number::STAFF_AT_WORK], done)
                )
            for each in playing:
                each.result()
        # A protocol follows from what is written and from the shelf, so these come when all is written, one
        # after the other at each site.
        with stages.stage("programmes"):
            playing = [
                pool.submit(_programmes, cast, site, occasions, done)
                for site, occasions in zip(SITE_NAMES, script.programmes, strict=True)
            ]
            for each in playing:
                each.result()
    with stages.stage("closing"):
        by_services.play(cast, script.closing)
    _write_down(cast, script, plan)
    return Built(script, stages.seconds)


def _by_services(cast: Cast, histories: Sequence[PatientHistory], done: Callable[[int], None]) -> None:
    occasions = sorted(
        (occasion for history in histories for occasion in history.occasions),
        key=lambda occasion: (occasion.at, occasion.id),
    )
    _in_order(cast, occasions, done)


def _in_order(cast: Cast, occasions: Sequence[Occasion], done: Callable[[int], None]) -> None:
    try:
        by_services.play(cast, occasions, done=lambda: done(1))
    finally:
        # A thread's connection is its own to give back.
        connection.close()


def _programmes(cast: Cast, site: str, occasions: Sequence[Occasion], done: Callable[[int], None]) -> None:
    """What happened last is played by services, all before it by bulk."""
    earlier = max(0, len(occasions) - LATEST_BY_SERVICES)
    try:
        programmes_by_bulk.play(cast, site, occasions[:earlier], done=done)
    finally:
        connection.close()
    _in_order(cast, occasions[earlier:], done)


def _by_bulk(cast: Cast, histories: Sequence[PatientHistory], done: Callable[[int], None]) -> None:
    played = iter(histories)

    def patients_done(count: int) -> None:
        done(sum(len(next(played).occasions) for _ in range(count)))

    try:
        by_bulk.play(cast, histories, done=patients_done)
    finally:
        connection.close()


def _write_down(cast: Cast, script: Script, plan: Plan) -> None:
    at = max(occasion.at for occasion in script.closing) + timedelta(minutes=1)
    actor = dataclasses.replace(cast.actor(OWNER), request_id=IdMaker(f"{script.seed}/built").next(at))
    with acting_as(actor):
        access.record_change(actor, BUILT, subject=written_down(plan))
