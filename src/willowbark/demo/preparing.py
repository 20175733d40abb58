"""Make sure that the database holds a whole demo: keep it, build it, or build again what was interrupted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from willowbark.demo.emptying import empty_demo
from willowbark.demo.status import MADE_EARLIER, Plan, State, Status, status_of
from willowbark.foundation.database import ConnectionParams
from willowbark.kernel.errors import Conflict

if TYPE_CHECKING:
    from willowbark.demo.script import Script

Connection = psycopg.Connection[tuple[Any, ...]]


class HoldsRealPractice(Conflict):
    """The data folder holds a real practice, among which no invented people belong."""

    code = "holds_real_practice"


@dataclass(slots=True)
class Prepared:
    """The demo that is there now, and what was done for it; `is_earlier` when another script made it."""

    plan: Plan
    is_earlier: bool = False
    script: Script | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def just_built(self) -> bool:
        """Whether it was built just now: its script is then still in hand."""
        return self.script is not None


def prepare(
    owner: ConnectionParams,
    wanted: Plan,
    *,
    say: Callable[[str], None],
    anew: bool = False,
    write: Callable[[Plan], Script] | None = None,
) -> Prepared:
    """
    Have a complete demo in the migrated database; an existing one is kept, whatever is wanted now.

    A demo whose build was interrupted is emptied and built again, as is any with `anew`. `write` is as in
    `build`.

    Raises:
        HoldsRealPractice: the database holds a practice that is no demo.
    """
    with psycopg.connect(**owner.libpq(), autocommit=True) as connection:
        status = status_of(connection)
        if status.state is State.REAL:
            raise HoldsRealPractice(
                f"the database holds {status.practice_name!r}, which is a real practice: a demo needs a data"
                " folder of its own, which WILLOWBARK_DATA names"
            )
        if status.state is State.BUILT and status.plan and not anew:
            if status.is_earlier:
                say(MADE_EARLIER)
            return Prepared(status.plan, status.is_earlier)
        _make_room(connection, status, say)
        return _build(connection, wanted, say, write)


def _make_room(connection: Connection, status: Status, say: Callable[[str], None]) -> None:
    if status.state is State.EMPTY:
        return
    if status.state is State.UNFINISHED:
        say("an earlier build of the demo was interrupted; building it again")
    empty_demo(connection)


def _build(
    connection: Connection,
    plan: Plan,
    say: Callable[[str], None],
    write: Callable[[Plan], Script] | None,
) -> Prepared:
    # Django and all businesses: loaded only where something is built.
    from willowbark.demo.building import build

    say(f"inventing a practice of {plan.patients} patients up to {plan.today.isoformat()}")
    started = time.monotonic()
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("Playing a year and a half", total=None)
        built = build(
            plan,
            write=write,
            begun=lambda total: bar.update(task, total=total),
            done=lambda count: bar.advance(task, count),
        )
    # The planner knows nothing yet of so many new rows.
    connection.execute("ANALYZE")
    seconds = {**built.seconds, "build": time.monotonic() - started}
    return Prepared(plan, script=built.script, seconds=seconds)
