"""What results say: which are new, which lie out of range, where they went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise, takewhile

from willowbark.assistant.core.lines import LONGEST_DETAIL, Group, Line, Section, Tier, clipped
from willowbark.assistant.core.news import Since
from willowbark.assistant.core.situation import Course, Result

# These choose what is read first; they judge nobody. A flag is the laboratory's, or its range's.
MOVED = Decimal("0.25")
"""A change by this part of the former value is told before one that is smaller."""
FIRST_ABNORMAL = 6
"""So many results out of range stand before the programme; the others after it."""
STALE = timedelta(days=730)
"""Results out of range that are older stand after those that are not."""
TREND = 3
"""So many results that go one way are a course."""

LONGEST_NAME = 8
LONGEST_VALUE = 8
_CRITICAL = ("critical_low", "critical_high")
_OUT = ("low", "high", "abnormal", *_CRITICAL)
_UNDATED = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Seen:
    """
    The latest result of a test, and the one that it is compared with (None: there is none).

    `went` is 'up', 'down', 'same', or '' where the two cannot be compared; `steps` how many results up
    to the latest go one way, when that took them far, else 0.
    """

    latest: Result
    former: Result | None
    is_new: bool
    went: str
    steps: int

    @property
    def is_out(self) -> bool:
        return self.latest.flag in _OUT

    @property
    def is_critical(self) -> bool:
        return self.latest.flag in _CRITICAL

    @property
    def is_back(self) -> bool:
        """Whether it was out of range and is in it now."""
        return self.former is not None and self.former.flag in _OUT and self.latest.flag == "normal"

    @property
    def has_moved(self) -> bool:
        """Whether it went far since the one before, or over several."""
        before = self.former.value if self.former else None
        now = self.latest.value
        far = before is not None and now is not None and self.went in ("up", "down") and _is_far(now, before)
        return far or self.steps >= TREND


def lines_of(courses: Sequence[Course], since: Since, now: datetime) -> Iterator[Line]:
    """A line for the latest result of each test that is new, out of range, or on its way somewhere."""
    seen = sorted((_seen(course, since) for course in courses), key=_at, reverse=True)
    abnormal = [each for each in seen if each.is_out and not each.is_critical]
    known = [each for each in abnormal if not each.is_new and now - _at(each) <= STALE]
    first = [*(each for each in abnormal if each.is_new), *known][:FIRST_ABNORMAL]
    for each in seen:
        if each.is_new or each.is_out or each.steps >= TREND:
            yield _line(each, _tier(each, is_first=each in first))


def _seen(course: Course, since: Since) -> _Seen:
    latest, *before = course.results
    is_new = since.is_new(latest)
    if is_new and since.visit is not None:
        # What came meanwhile is compared with what was known at the visit, if anything was.
        before = [each for each in before if not since.is_new(each)] or before
    former = before[0] if before else None
    return _Seen(latest, former, is_new, _way(latest, former), _steps(course.results))


def _at(seen: _Seen) -> datetime:
    return seen.latest.at or _UNDATED


def _way(latest: Result, former: Result | None) -> str:
    if former is None or latest.value is None or former.value is None or latest.unit != former.unit:
        return ""
    if latest.value == former.value:
        return "same"
    return "up" if latest.value > former.value else "down"


def _steps(results: Sequence[Result]) -> int:
    ways = [_way(newer, older) for newer, older in pairwise(results)]
    one_way = list(takewhile(lambda way: way == ways[0] and way in ("up", "down"), ways))
    count = len(one_way)
    first, last = results[0].value, results[count].value
    if count == 0 or first is None or last is None or not _is_far(first, last):
        return 0
    return count + 1


def _is_far(value: Decimal, former: Decimal) -> bool:
    return abs(value - former) >= MOVED * abs(former) > 0


def _tier(seen: _Seen, *, is_first: bool) -> Tier:
    if seen.is_critical:
        return Tier.VITAL
    if seen.is_out:
        return Tier.ABNORMAL if is_first else Tier.ALSO_ABNORMAL
    if seen.is_back or seen.has_moved:
        return Tier.HEARD
    return Tier.NORMAL if seen.latest.flag == "normal" else Tier.BACKGROUND


def _line(seen: _Seen, tier: Tier) -> Line:
    latest = seen.latest
    inside = Group.IN_RANGE if latest.flag == "normal" else Group.UNJUDGED
    return Line(
        section=Section.CHANGED if seen.is_new else Section.RESULTS,
        tier=tier,
        group=Group.OUT_OF_RANGE if seen.is_out else inside,
        lead=f"{clipped(latest.text, LONGEST_NAME)} {clipped(latest.said, LONGEST_VALUE)}".strip(),
        detail=clipped(_compared(seen), LONGEST_DETAIL),
        at=latest.at,
        precision=latest.precision,
        flag=latest.flag,
        direction=seen.went,
        source=latest.source,
    )


def _compared(seen: _Seen) -> str:
    """The result beside the former one, in words."""
    former = seen.former
    if former is None:
        return "first result"
    if seen.went == "same" or (not seen.went and former.said == seen.latest.said):
        return "unchanged"
    # The unit stands with the latest already.
    said = f"{seen.went} from {former.number or former.said}" if seen.went else f"was {former.said}"
    if seen.is_back:
        return f"{said}, which was out of range"
    if seen.steps >= TREND:
        return f"{said}, {'rising' if seen.went == 'up' else 'falling'} over {seen.steps} results"
    return said
