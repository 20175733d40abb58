"""Cut a brief to what can be read in time: the least important goes first, and what goes is said."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from willowbark.assistant.core.lines import Group, Line, Section, Source, Tier, count_words

_UNDATED = datetime(1, 1, 2, tzinfo=UTC)

_MORE: dict[Group, tuple[str, str]] = {
    Group.ALLERGY: ("allergy", "allergies"),
    Group.VISIT: ("visit", "visits"),
    Group.OUT_OF_RANGE: ("result out of range", "results out of range"),
    Group.UNJUDGED: ("result without a range", "results without a range"),
    Group.IN_RANGE: ("result within range", "results within range"),
    Group.MEDICINE: ("medicine", "medicines"),
    Group.PROBLEM: ("problem", "problems"),
    Group.NOTE: ("note", "notes"),
    Group.DONE: ("procedure or report", "procedures and reports"),
    Group.PROTOCOL: ("line of protocols", "lines of protocols"),
    Group.TAKEN: ("thing taken", "things taken"),
    Group.TEAM: ("person in the care team", "people in the care team"),
    Group.TASK: ("task", "tasks"),
    Group.GAP: ("thing not known", "things not known"),
}


@dataclass(frozen=True, slots=True)
class Remainder:
    """
    What was left out of one group: how many, in words, and where they all are.

    `is_alone` says that nothing else stands in its section, `has_others` that some of its group do.
    """

    section: Section
    group: Group
    number: int
    source: Source
    is_alone: bool
    has_others: bool

    @property
    def text(self) -> str:
        """`and 6 more results within range`."""
        begins = "" if self.is_alone else "and "
        more = "more " if self.has_others else ""
        return f"{begins}{self.number} {more}{_MORE[self.group][self.number != 1]}"

    @property
    def words(self) -> int:
        """How many words it takes."""
        return count_words(self.text)


@dataclass(frozen=True, slots=True)
class Part:
    """One section: its title, the lines that fit, and what did not."""

    section: Section
    title: str
    lines: tuple[Line, ...]
    remainders: tuple[Remainder, ...]

    @property
    def words(self) -> int:
        """How many words the section takes, its title with them."""
        inside = sum(each.words for each in self.lines) + sum(each.words for each in self.remainders)
        return count_words(self.title) + inside


@dataclass(frozen=True, slots=True)
class Brief:
    """What to know before a visit; `parts` in the order of reading, none of them empty."""

    parts: tuple[Part, ...]

    @property
    def words(self) -> int:
        """How many words somebody reads who reads all of it."""
        return sum(part.words for part in self.parts)

    def part(self, section: Section) -> Part | None:
        """A section, None when there is nothing in it."""
        return next((part for part in self.parts if part.section is section), None)


def by_importance(lines: Sequence[Line]) -> list[Line]:
    """What matters most first; of equals what is read first, then the newest, and of tasks the next due."""
    order = list(Section)
    return sorted(
        lines,
        key=lambda line: (
            line.tier,
            order.index(line.section),
            _nearness(line),
        ),
    )


def _nearness(line: Line) -> timedelta:
    since = (line.at or _UNDATED) - _UNDATED
    return since if line.section is Section.TASKS else -since


def fit(
    lines: Sequence[Line], *, titles: dict[Section, str], lists: dict[Group, Source], most_words: int
) -> Brief:
    """
    The brief of the most important lines, of at most `most_words` words, titles included.

    Whatever is left out matters no more than anything that is kept, and is counted with a link to it
    (`lists` names where each group stands in full). What is as it should be is only counted.

    Raises:
        ValueError: not even the sentences about what is left out fit.
    """
    ranked = by_importance([line for line in lines if line.tier is not Tier.NORMAL])
    normal = [line for line in lines if line.tier is Tier.NORMAL]
    # More lines than fit by themselves need not be tried.
    enough = bisect_right(list(accumulate(line.words for line in ranked)), most_words)
    for kept in range(enough, -1, -1):
        brief = _brief(ranked[:kept], [*ranked[kept:], *normal], titles, lists)
        if brief.words <= most_words:
            return brief
    raise ValueError(f"{most_words} words are too few for a brief")


def _brief(
    kept: Sequence[Line], left: Sequence[Line], titles: dict[Section, str], lists: dict[Group, Source]
) -> Brief:
    missing = Counter((line.section, line.group) for line in left)
    parts = []
    for section in Section:
        mine = tuple(line for line in kept if line.section is section)
        groups = {line.group for line in mine}
        rest = tuple(
            Remainder(section, group, missing[section, group], lists[group], not mine, group in groups)
            for group in Group
            if missing[section, group]
        )
        if mine or rest:
            parts.append(Part(section, titles[section], mine, rest))
    return Brief(tuple(parts))
