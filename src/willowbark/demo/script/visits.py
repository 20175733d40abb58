"""The practitioner's visits: what is asked, measured, prescribed and written down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from willowbark.record.core.entries import Allergy, Note

from . import wording
from .case import Case, Visit
from .catalogue.findings import ALLERGIES, FLU, NO_KNOWN_ALLERGY, PROBLEMS, PROCEDURES_HERE, SNOMED
from .catalogue.measures import MEASURES
from .catalogue.products import PRODUCTS
from .chart import Sitting
from .stories import Course

FLU_MONTHS = (10, 11)
SLIPS = 0.05
ENOUGH_COURSES = 9
OBESE = 30


def write_visit(case: Case, visit: Visit, courses: Sequence[Course]) -> None:
    """Everything that is written of one visit, right after it."""
    ends_at = visit.at + timedelta(minutes=visit.minutes)
    written_at = ends_at + timedelta(minutes=case.dice.between(1, 12))
    is_first = visit.number == 0
    in_person = visit.kind in wording.IN_PERSON
    with case.chart.sitting(case.practitioner.key, written_at) as sitting:
        encounter = sitting.add(
            wording.visit(
                visit.kind,
                at=visit.at,
                ends_at=ends_at,
                reason=case.story.title if is_first else f"Follow-up: {case.story.title.lower()}",
                practitioner=case.practitioner.name,
                place=case.place,
            )
        )
        case.visit_ids[visit.number] = encounter
        if in_person:
            _vitals(case, sitting, visit.at, encounter, with_height=is_first)
        _scores(case, sitting, visit.at, encounter)
        if is_first:
            _problems(case, sitting, visit.at, encounter)
            if not case.allergies_known:
                _allergies(case, sitting, visit.at)
        _prescribe(case, sitting, visit, courses, encounter)
        if in_person and not is_first:
            _done_here(case, sitting, visit.at, encounter)
        sitting.add(_note(case, visit, encounter))


def _vitals(case: Case, sitting: Sitting, at: datetime, encounter: UUID, *, with_height: bool) -> None:
    whole = sitting.add(wording.blood_pressure(at=at, encounter_id=encounter))
    for name in ("systolic", "diastolic"):
        value = case.body.value(name, at)
        sitting.add(wording.result(name, value, at=at, sex=case.sex, encounter_id=encounter, parent_id=whole))
    weight = case.body.value("weight", at)
    if case.dice.chance(SLIPS):
        wrong = sitting.add(
            wording.result("weight", weight * 10, at=at, sex=case.sex, encounter_id=encounter)
        )
        sitting.void("observation", wrong, "Decimal point was missing; entered again")
    sitting.add(wording.result("weight", weight, at=at, sex=case.sex, encounter_id=encounter))
    for name in ("heart_rate", *(("height", "bmi") if with_height else ())):
        value = case.body.value(name, at)
        sitting.add(wording.result(name, value, at=at, sex=case.sex, encounter_id=encounter))


def _scores(case: Case, sitting: Sitting, at: datetime, encounter: UUID) -> None:
    for name in case.scores():
        value = case.measure(name, at)
        sitting.add(wording.result(name, value, at=at, sex=case.sex, encounter_id=encounter))


def _problems(case: Case, sitting: Sitting, at: datetime, encounter: UUID) -> None:
    dice = case.dice
    noted: set[str] = set()
    for story in case.stories:
        for name, years in story.problems:
            if name in noted or (name == "obesity" and case.body.value("bmi", at) < OBESE):
                continue
            noted.add(name)
            finding = PROBLEMS[name]
            began = at.date() - timedelta(days=dice.between(60, max(90, years * 365)))
            precision = dice.weighted((("year", 4.0), ("month", 4.0), ("day", 2.0)))
            since = _not_before(wording.partly(began, precision), case.invented.born_on)
            if dice.chance(SLIPS / 2) and name == "hypothyroidism":
                wrong = sitting.add(
                    wording.problem(
                        PROBLEMS["fatigue"], since=since, precision=precision, encounter_id=encounter
                    )
                )
                sitting.void("condition", wrong, "Diagnosis revised: explained by hypothyroidism")
            sitting.add(wording.problem(finding, since=since, precision=precision, encounter_id=encounter))


def _not_before(at: datetime, born_on: date) -> datetime:
    """A date known in part may begin before birth: its year is then the birth's."""
    return max(at, wording.midnight(born_on))


def _allergies(case: Case, sitting: Sitting, at: datetime) -> None:
    case.allergies_known = True
    if case.dice.chance(0.55):
        sitting.add(
            Allergy(
                effective_at=at,
                effective_precision="instant",
                code_system=SNOMED,
                code=NO_KNOWN_ALLERGY.code,
                text=NO_KNOWN_ALLERGY.text,
                clinical_status="active",
                verification_status="confirmed",
            )
        )
        return
    for _ in range(case.dice.weighted(((1, 8.0), (2, 2.0)))):
        finding, category, criticality, reactions, _weight = case.dice.weighted(
            [(one, one[-1]) for one in ALLERGIES]
        )
        sitting.add(
            Allergy(
                effective_at=at,
                effective_precision="instant",
                code_system=SNOMED if finding.code else "",
                code=finding.code,
                text=finding.text,
                clinical_status="active",
                verification_status="confirmed" if case.dice.chance(0.8) else "unconfirmed",
                category=category,
                criticality=criticality,
                reaction_text=case.dice.pick(reactions),
                severity=case.dice.pick(
                    ("mild", "moderate") if criticality == "low" else ("moderate", "severe")
                ),
            )
        )


def _prescribe(
    case: Case, sitting: Sitting, visit: Visit, courses: Sequence[Course], encounter: UUID
) -> None:
    for course in courses:
        is_now = course.begins == visit.number or (visit.number == 0 and course.begins < 0)
        if not is_now:
            continue
        product = PRODUCTS[course.product]
        since, precision = visit.at, "instant"
        if course.begins < 0:
            before = visit.at.date() - timedelta(days=case.dice.between(60, 900))
            precision = case.dice.pick(("month", "year"))
            since = _not_before(wording.partly(before, precision), case.invented.born_on)
        sitting.add(
            wording.taken(
                product,
                since=since,
                precision=precision,
                until=_until(case, course, visit),
                reason=course.reason,
                by_order=course.begins >= 0,
                encounter_id=encounter,
            )
        )


def _until(case: Case, course: Course, visit: Visit) -> datetime | None:
    """When a course ends, as planned at the visit at which it is written down."""
    if course.days is not None:
        return visit.at + timedelta(days=course.days)
    if course.ends is None or course.ends >= len(case.visits):
        return None
    return case.visits[course.ends].at


def _done_here(case: Case, sitting: Sitting, at: datetime, encounter: UUID) -> None:
    if at.month in FLU_MONTHS and case.dice.chance(0.4):
        lot = f"FL{case.dice.between(1000, 9999)}"
        sitting.add(wording.vaccine(FLU, on=at.date(), lot=lot, encounter_id=encounter))
    if case.dice.chance(0.12):
        finding = case.dice.pick(PROCEDURES_HERE)
        sitting.add(
            wording.procedure(
                finding, at=at, precision="instant", encounter_id=encounter, reason=case.story.title
            )
        )


def _note(case: Case, visit: Visit, encounter: UUID) -> Note:
    story, dice = case.story, case.dice
    number = visit.number
    if number == 0:
        title = f"Initial consultation: {story.title.lower()}"
        said = dice.pick(story.says)
    else:
        title = f"{wording.VISITS[visit.kind].text} {number}: {story.title.lower()}"
        said = dice.pick(story.better if case.goes_well and number > 1 else story.same or story.better)
    plan = story.plans[min(number, len(story.plans) - 1)]
    also = [other.assessment for other in case.stories[1:]]
    course = _course_so_far(case) if number else ""
    return wording.note(
        "clinical",
        title,
        [
            f"Says: {said}",
            *([f"Results: {course}"] if course else []),
            f"Assessment: {' '.join([story.assessment, *also])}",
            f"Plan: {plan}",
        ],
        at=visit.at,
        encounter_id=encounter,
    )


def _course_so_far(case: Case) -> str:
    """The main markers as they were reported, first and last: `TSH 8.40 to 2.10 mIU/L`."""
    parts: list[str] = []
    for marker in case.story.markers:
        reported = case.reported.get(marker.measure, [])
        if len(reported) > 1 and len(parts) < 3:
            parts.append(MEASURES[marker.measure].said(f"{reported[0]} to {reported[-1]}"))
    return "; ".join(parts) + "." if parts else ""
