"""The lines of a brief: what each says, how much it matters, and what in the record it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from uuid import UUID

LONGEST_LEAD = 12
LONGEST_DETAIL = 16
DATE_WORDS = 3
"""`3 May 2014`; less when less of it is known."""


class Section(StrEnum):
    """The parts of a brief, in the order in which they are read."""

    ALLERGIES = "allergies"
    CHANGED = "changed"
    PROGRAMME = "programme"
    RESULTS = "results"
    TASKS = "tasks"
    UNKNOWN = "unknown"


class Tier(IntEnum):
    """How much a line matters; the higher the number, the sooner it is left out."""

    VITAL = 0
    """Allergies, and results that are critical."""
    SAFETY = 1
    """What nobody knows and somebody should: no allergies stated, a medicine nobody recognised."""
    DECISION = 2
    """What has changed in treatment: medicines, problems, protocols."""
    ABNORMAL = 3
    """The first results out of range, tasks that are overdue."""
    PLAN = 4
    """The programme in force, who else treats, what was not dispensed."""
    ALSO_ABNORMAL = 5
    """Further results out of range."""
    HEARD = 6
    """What colleagues wrote and did; what moved; tasks to come."""
    BACKGROUND = 7
    """What has long been taken; results that nobody judged."""
    NORMAL = 8
    """What is as it should be: counted, never told one by one."""


class Group(StrEnum):
    """Lines of one kind: what is left out of it is said in one sentence."""

    ALLERGY = "allergy"
    VISIT = "visit"
    OUT_OF_RANGE = "out_of_range"
    UNJUDGED = "unjudged"
    IN_RANGE = "in_range"
    MEDICINE = "medicine"
    PROBLEM = "problem"
    NOTE = "note"
    DONE = "done"
    PROTOCOL = "protocol"
    TAKEN = "taken"
    TEAM = "team"
    TASK = "task"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Source:
    """
    What a line comes from: `kind` and `id` of one thing, or of a list of `patient_id`'s record (no `id`).

    `code` is a result's test, by which its course is found.
    """

    kind: str
    patient_id: UUID
    id: UUID | None = None
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """
    One thing to know: `lead` in few words, `detail` after it, the date it is of.

    `flag` is that of a result, `direction` where it went since the one before: 'up', 'down', 'same' or ''.
    A line says nothing that its source does not.
    """

    section: Section
    tier: Tier
    group: Group
    lead: str
    source: Source
    detail: str = ""
    at: datetime | None = None
    precision: str = ""
    flag: str = ""
    direction: str = ""

    @property
    def words(self) -> int:
        """How many words somebody reads who reads the line."""
        date = DATE_WORDS if self.at else 0
        return count_words(self.lead) + count_words(self.detail) + date + flag_words(self.flag)


def count_words(text: str) -> int:
    """What stands between spaces counts as a word."""
    return len(text.split())


def flag_words(flag: str) -> int:
    """`high` is one word, `critically high` two; what is in range is not said."""
    return 0 if flag in ("", "normal") else flag.count("_") + 1


def clipped(text: str, most: int) -> str:
    """The first words of a text in one line; an ellipsis says that there were more."""
    words = text.split()
    return " ".join(words) if len(words) <= most else " ".join(words[:most]) + "…"
