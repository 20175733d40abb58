"""What the database holds: nothing, a demo, half of one, or a real practice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import psycopg

from willowbark.demo.script.version import script_version

Connection = psycopg.Connection[tuple[Any, ...]]

BUILT = "demo.built"
MADE_EARLIER = (
    "this demo was made by an earlier version and is kept as it is; `willow demo --anew` builds today's"
    " (what visitors did in it is then lost)"
)
_MADE_BY = " script="


class State(StrEnum):
    """What the database holds."""

    EMPTY = "empty"
    UNFINISHED = "unfinished"
    BUILT = "built"
    REAL = "real"


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What to build.

    `patients` are there in the end; `by_services` of them are played as staff would, the others by bulk.
    The script ends with the day before `today`.
    """

    seed: int
    today: date
    patients: int
    by_services: int

    def __str__(self) -> str:
        """The plan as it is written down when it has been carried out."""
        return (
            f"seed={self.seed} today={self.today.isoformat()}"
            f" patients={self.patients} by_services={self.by_services}"
        )

    @classmethod
    def read(cls, text: str) -> Plan:
        """
        Read a plan that was written down.

        Raises:
            ValueError: it is none.
        """
        try:
            said = dict(part.split("=", 1) for part in text.split())
            return cls(
                int(said["seed"]),
                date.fromisoformat(said["today"]),
                int(said["patients"]),
                int(said["by_services"]),
            )
        except KeyError as error:
            raise ValueError(f"{text!r} is no plan of a demo") from error


@dataclass(frozen=True, slots=True)
class Status:
    """
    What the database holds; `plan` is what was built, None unless a demo is complete.

    `made_by` is the version of the script that made it; '' when nobody wrote that down yet.
    """

    state: State
    practice_name: str = ""
    plan: Plan | None = None
    made_by: str = ""

    @property
    def is_earlier(self) -> bool:
        """Whether another script than this one made the demo: it may hold other people and other counts."""
        return self.state is State.BUILT and self.made_by != script_version()


def status_of(owner: Connection) -> Status:
    """
    What the migrated database holds that the tables' owner is connected to.

    A demo counts as built when the access log says so: that line is the last that a build writes.

    Raises:
        ValueError: the line cannot be read.
    """
    practice = owner.execute("SELECT name, is_demo FROM practice_organisation").fetchone()
    if practice is None:
        return Status(State.EMPTY)
    name, is_demo = practice
    if not is_demo:
        return Status(State.REAL, name)
    said = owner.execute(
        "SELECT subject FROM foundation_accessentry WHERE action = %s AND channel = 'demo'"
        " ORDER BY at DESC LIMIT 1",
        [BUILT],
    ).fetchone()
    if said is None:
        return Status(State.UNFINISHED, name)
    plan, _, made_by = said[0].partition(_MADE_BY)
    return Status(State.BUILT, name, Plan.read(plan), made_by)


def written_down(plan: Plan) -> str:
    """What the last line of a build says: the plan, and which script carried it out."""
    return f"{plan}{_MADE_BY}{script_version()}"
