"""The page of a brief, as its template reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from willowbark.assistant.core.fitting import Part
from willowbark.assistant.core.lines import Group, Line, Section
from willowbark.assistant.pages.links import url_of
from willowbark.assistant.selectors.brief import BriefOf, brief_for
from willowbark.dispensary.events import TOPIC_OF_PATIENT as DISPENSARY
from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.presentation.dates import known_date_iso, known_date_text
from willowbark.foundation.presentation.initials import initials_of
from willowbark.protocols.events import TOPIC as PROTOCOLS
from willowbark.record.events import TOPIC as RECORD
from willowbark.record.selectors.visits import TO_COME, DayVisit, VisitRow, visits_on
from willowbark.worklist.events import TOPIC_OF_PATIENT as TASKS

WORDS_A_MINUTE = 200
# Each of them is about one patient: whatever a brief is made from.
_TOPICS = (RECORD, PROTOCOLS, DISPENSARY, TASKS)


@dataclass(frozen=True, slots=True)
class LineShown:
    """One line with the address of its source; one that `is_short` stands beside others like it."""

    lead: str
    detail: str
    when_text: str
    when_iso: str
    flag: str
    url: str
    is_short: bool


@dataclass(frozen=True, slots=True)
class MoreShown:
    """What was left out of a section, and where all of it stands."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class PartShown:
    """One section."""

    key: str
    title: str
    lines: Sequence[LineShown]
    more: Sequence[MoreShown]


@dataclass(frozen=True, slots=True)
class OtherVisit:
    """Another visit of the day: whose, when, and their brief."""

    name: str
    at: datetime
    precision: str
    url: str


@dataclass(frozen=True, slots=True)
class BriefPage:
    """
    A brief. `allergies` stand above `first`, which is what changed; `rest` are the other sections that say
    something. `last_is_mine` tells whether the visit it goes back to was the reader's own.
    """

    patient_id: UUID
    name: str
    initials: str
    birth_date: date | None
    birth_date_precision: str
    sex: str
    is_deceased: bool
    deceased_at: datetime | None
    merged_into_url: str
    coming: VisitRow | None
    coming_is_today: bool
    last: VisitRow | None
    allergies: PartShown | None
    first: PartShown | None
    rest: Sequence[PartShown]
    words: int
    seconds: int
    made_at: datetime
    earlier: OtherVisit | None
    later: OtherVisit | None
    here_url: str
    live_topics: str

    @property
    def live_triggers(self) -> str:
        """The events of the page on which the brief is made anew."""
        topics = [*self.live_topics.split(), "resync"]
        return ", ".join(f"willow:{topic} from:body" for topic in topics)


def page_of(actor: Actor, patient_id: UUID) -> BriefPage:
    """The brief of a patient, between the visits of today before and after theirs."""
    zone = timezone.get_current_timezone()
    now = clock.now()
    known = brief_for(actor, patient_id, zone)
    today = now.astimezone(zone).date()
    earlier, later = _beside(visits_on(actor, today, zone).rows, known)
    parts = {part.section: _part(part, actor, known.patient_id) for part in known.brief.parts}
    topics = [f"{topic}:{each}" for each in known.patient_ids for topic in _TOPICS]
    return BriefPage(
        patient_id=known.patient_id,
        name=known.name,
        initials=initials_of(known.name),
        birth_date=known.birth_date,
        birth_date_precision=known.birth_date_precision,
        sex=known.sex,
        is_deceased=known.is_deceased,
        deceased_at=known.deceased_at,
        merged_into_url=url_of_brief(known.merged_into) if known.merged_into else "",
        coming=known.coming,
        coming_is_today=_is_on(known.coming, today),
        last=known.last,
        allergies=parts.pop(Section.ALLERGIES, None),
        first=parts.pop(Section.CHANGED, None),
        rest=[parts[section] for section in Section if section in parts],
        words=known.brief.words,
        seconds=round(known.brief.words * 60 / WORDS_A_MINUTE),
        made_at=now,
        earlier=earlier,
        later=later,
        here_url=url_of_brief(known.patient_id),
        live_topics=" ".join(topics),
    )


def url_of_brief(patient_id: UUID) -> str:
    """The address of a patient's brief."""
    return reverse("assistant:brief", args=[patient_id])


def _is_on(visit: VisitRow | None, day: date) -> bool:
    if visit is None or visit.effective_at is None:
        return False
    return timezone.localtime(visit.effective_at).date() == day


def _beside(day: Sequence[DayVisit], known: BriefOf) -> tuple[OtherVisit | None, OtherVisit | None]:
    """
    The visits of the day before and after this patient's with the same practitioner.

    Somebody who has no visit today stands before all that are still to come: the reader's own, if they
    have any.
    """
    own = [visit for visit in day if visit.patient_id == known.patient_id]
    if not own:
        to_come = [visit for visit in day if visit.status in TO_COME]
        mine = [visit for visit in to_come if visit.is_mine]
        return None, _other(next(iter(mine or to_come), None))
    row = [visit for visit in day if visit.practitioner_name == own[0].practitioner_name]
    before = [each for each in row[: row.index(own[0])] if each.patient_id != known.patient_id]
    after = [each for each in row[row.index(own[0]) + 1 :] if each.patient_id != known.patient_id]
    return _other(before[-1] if before else None), _other(after[0] if after else None)


def _other(visit: DayVisit | None) -> OtherVisit | None:
    if visit is None:
        return None
    return OtherVisit(visit.name, visit.at, visit.precision, url_of_brief(visit.patient_id))


def _part(part: Part, actor: Actor, patient_id: UUID) -> PartShown:
    return PartShown(
        key=part.section,
        title=part.title,
        lines=[_line(line, actor, patient_id) for line in part.lines],
        more=[MoreShown(each.text, url_of(each.source, actor, patient_id)) for each in part.remainders],
    )


def _when(line: Line, zone: tzinfo) -> str:
    """The date of a line as far as it is known; the year that it is now goes without saying."""
    if line.at is None:
        return ""
    said = known_date_text(line.at, line.precision, zone)
    this_year = f" {clock.now().astimezone(zone).year}"
    return said.removesuffix(this_year) if line.precision in ("instant", "day") else said


def _line(line: Line, actor: Actor, patient_id: UUID) -> LineShown:
    zone = timezone.get_current_timezone()
    return LineShown(
        lead=line.lead,
        detail=line.detail,
        when_text=_when(line, zone),
        when_iso=known_date_iso(line.at, line.precision, zone) if line.at else "",
        flag=line.flag,
        url=url_of(line.source, actor, patient_id),
        is_short=line.section is Section.PROGRAMME and line.group is Group.PROBLEM,
    )
