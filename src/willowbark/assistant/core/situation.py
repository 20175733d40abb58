"""
What is known of a patient when somebody is about to see them: the facts from which a brief is made.

Texts are as they are recorded. Times are aware; a precision of '' goes with no time. Numbers are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from willowbark.assistant.core.lines import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What every entry of a record has: what, when as far as it is known, and when and by whom written."""

    source: Source
    text: str
    at: datetime | None
    precision: str
    recorded_at: datetime
    recorded_by: str
    is_import: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit(Entry):
    """A visit that took place. `is_mine` when the reader of the brief saw the patient then."""

    ends_at: datetime | None = None
    reason: str = ""
    practitioner: str = ""
    is_mine: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Entry):
    """
    One result: `said` is the value with its unit as shown, `number` without it ('' when it is none).

    `value` is the number itself when it is exactly one.
    """

    said: str
    number: str = ""
    value: Decimal | None = None
    unit: str = ""
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """The results of one test, newest first; at least one."""

    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Medicine(Entry):
    """A medicine or supplement; `is_taken` now. `ends_at` is when it ended or will, None when nobody said."""

    is_supplement: bool = False
    dosage: str = ""
    is_taken: bool = True
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem(Entry):
    """A problem; `is_active` now. `abated_at` is when it ended."""

    is_active: bool = True
    abated_at: datetime | None = None
    abated_precision: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allergy(Entry):
    """An allergy or intolerance that stands; `is_grave` when it was severe or its risk is high."""

    reaction: str = ""
    is_grave: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Entry):
    """What somebody wrote; `kind` in words. `is_mine` when the reader did."""

    kind: str
    author: str
    is_mine: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Entry):
    """
    A procedure, an immunisation, a report or a letter; `status` in words, '' when it says nothing more.

    `said` is a report's conclusion, and `is_report` tells it from a letter.
    """

    status: str = ""
    said: str = ""
    is_report: bool = False


@dataclass(frozen=True, slots=True)
class Taking:
    """What a protocol gives at one moment of the day, in words: `2 capsules Magnesium`."""

    moment: str
    products: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """
    The protocol in force: day 1 is `starts_on`, the last day is `days` later.

    `undispensed` are the products of it of which nothing was handed out.
    """

    source: Source
    number: int
    days: int
    starts_on: date
    signed_at: datetime
    signed_by: str
    takings: tuple[Taking, ...] = ()
    undispensed: tuple[str, ...] = ()
    dispensary: Source | None = None


@dataclass(frozen=True, slots=True)
class EndedProtocol:
    """A protocol that was ended; `ending` in words."""

    source: Source
    number: int
    ended_at: datetime
    ending: str


@dataclass(frozen=True, slots=True)
class Handed:
    """What was handed out on one occasion: the products by name."""

    source: Source
    at: datetime
    products: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Carer:
    """Somebody else who treats the patient; `modality` as their title says it, '' when it says none."""

    source: Source
    name: str
    modality: str
    is_primary: bool


@dataclass(frozen=True, slots=True)
class Task:
    """Something that somebody has to do by a day."""

    source: Source
    title: str
    owner: str
    due_on: date
    next_action: str = ""


@dataclass(frozen=True, slots=True)
class Unrecognised:
    """A medicine that nobody can check, or not all of it: `reason` says why."""

    source: Source
    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """
    Everything that a brief is made from.

    `today` is the day where the practice is. `visit` is the last one before now, None when there is none.
    `since_then` are visits after it: colleagues' and other houses'. `none_known` says that somebody
    stated that there are no allergies; `sees_protocols` and `sees_tasks` that the reader may know of them.
    """

    chart: Source
    now: datetime
    today: date
    visit: Visit | None = None
    since_then: tuple[Visit, ...] = ()
    courses: tuple[Course, ...] = ()
    medicines: tuple[Medicine, ...] = ()
    problems: tuple[Problem, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    none_known: bool = False
    notes: tuple[Note, ...] = ()
    done: tuple[Done, ...] = ()
    protocol: Protocol | None = None
    ended: tuple[EndedProtocol, ...] = ()
    handed: tuple[Handed, ...] = ()
    team: tuple[Carer, ...] = ()
    tasks: tuple[Task, ...] = ()
    unrecognised: tuple[Unrecognised, ...] = ()
    sees_protocols: bool = True
    sees_tasks: bool = True
