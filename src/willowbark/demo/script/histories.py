"""The whole history of one patient, from the day they call to the day the script ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from willowbark.patients.core.details import PatientDetails

from .background import earlier_records, register, welcome
from .between import call_between, coaching, reports_after, results_between
from .body import Body
from .case import BOOKED_MINUTES, Case, Visit
from .chart import Chart
from .diary import Diary
from .dice import Dice
from .events import Occasion, ReceivePatient
from .names import unusual_name
from .people import Invented, invent, misspelt, with_key
from .practice import FRONT_DESKS, HILLSIDE, HILLSIDE_OPENS, PRACTITIONERS, RIVERSIDE, ZONE, Person
from .stories import STORIES, Story
from .visits import ENOUGH_COURSES, write_visit

FIRST_INTERVALS = (38, 55, 75)
TRANSFERRED_EVERY, TRANSFERRED_AT = 18, 11
DIED_EVERY, DIED_AT = 54, 29
AGAIN_EVERY, AGAIN_AT = 40, 23
LEAVES = 0.035
SEXES = ("female", "male")
RESPONSES = ((1.0, 6.0), (0.55, 2.5), (0.08, 1.5))


@dataclass(frozen=True, slots=True)
class PatientHistory:
    """
    One patient's occasions in time order, and what the script knows of them.

    `site` and `practitioner` are the script's names. `again_of` is the row that is the same person, for
    somebody who comes in twice.
    """

    number: int
    patient_id: UUID
    site: str
    practitioner: str
    story: str
    details: PatientDetails
    occasions: tuple[Occasion, ...]
    again_of: UUID | None = None


def write_history(seed: str, number: int, diary: Diary) -> PatientHistory:
    """Write the history of patient `number`, counted from 0; appointments are taken in the diary."""
    dice = Dice(f"{seed}/patient/{number}")
    died = number % DIED_EVERY == DIED_AT
    transferred = died or number % TRANSFERRED_EVERY == TRANSFERRED_AT
    stories, sex, age = _who(dice, number, old=died)
    joining_day = _joining_day(dice, number, diary, early=died)
    practitioner, site = _practitioner(dice, diary, joining_day)
    joined = diary.moment(FRONT_DESKS[site].key, joining_day, dice)
    if joined is None:
        raise ValueError(f"the front desk has no time on {joining_day}")
    case = Case(
        number=number,
        invented=invent(dice, number=number, sex=sex, age=age, on=joining_day, site=site),
        site=site,
        practitioner=practitioner,
        joined=joined,
        stories=stories,
        dice=dice,
        chart=Chart(f"{seed}/chart/{number}", joined),
        diary=diary,
        body=Body(
            dice.fork("body"),
            sex=sex,
            age=age,
            stories=stories,
            begins=joined,
            response=max(dice.weighted(RESPONSES), stories[0].least_response),
        ),
    )
    _write(case, transferred=transferred)
    if died:
        _die(case)
    return PatientHistory(
        number=number,
        patient_id=case.chart.patient_id,
        site=site,
        practitioner=practitioner.key,
        story=case.story.key,
        details=case.invented.details,
        occasions=_in_order(case.chart.occasions),
    )


def write_again(seed: str, number: int, diary: Diary, known: PatientHistory) -> PatientHistory:
    """Somebody who is known comes in a second time, by an import that spells them a little differently."""
    dice = Dice(f"{seed}/again/{number}")
    after = max(occasion.at for occasion in known.occasions).astimezone(ZONE).date()
    arrives = min(after, diary.until.astimezone(ZONE).date() - timedelta(days=5))
    at = diary.moment(FRONT_DESKS[known.site].key, arrives, dice)
    if at is None:
        raise ValueError(f"the front desk has no time on {arrives}")
    chart = Chart(f"{seed}/chart/{number}", at)
    details = with_key(_as_heard(dice, known.details), chart.patient_id, _digest(chart.patient_id, 0))
    born_on = known.details.birth_date or arrives
    sex = known.details.sex
    case = Case(
        number=number,
        invented=Invented(details, born_on),
        site=known.site,
        practitioner=next(one for one in PRACTITIONERS if one.key == known.practitioner),
        joined=at,
        stories=(next(story for story in STORIES if story.key == known.story),),
        dice=dice,
        chart=chart,
        diary=diary,
        body=Body(dice.fork("body"), sex=sex, age=50, stories=(), begins=at, response=1.0),
    )
    chart.first("system", at, ReceivePatient, site=known.site, details=details)
    earlier_records(case, at + timedelta(seconds=20), years=1)
    return PatientHistory(
        number=number,
        patient_id=chart.patient_id,
        site=known.site,
        practitioner=known.practitioner,
        story=known.story,
        details=details,
        occasions=_in_order(chart.occasions),
        again_of=known.patient_id,
    )


def _write(case: Case, *, transferred: bool) -> None:
    if transferred:
        case.invented = replace(
            case.invented,
            details=with_key(case.invented.details, case.chart.patient_id, _digest(case.chart.patient_id, 0)),
        )
        case.chart.first("system", case.joined, ReceivePatient, site=case.site, details=case.invented.details)
        welcome(case, case.joined + timedelta(minutes=10))
    else:
        register(case)
    if transferred or case.dice.chance(0.3):
        years = case.dice.between(1, 4)
        earlier_records(case, case.joined + timedelta(minutes=20), years=years)
    _book(case)
    chosen = [course for course in case.courses() if case.dice.chance(course.likely)][:ENOUGH_COURSES]
    for visit, after in zip(case.visits, [*case.visits, None][1:], strict=True):
        write_visit(case, visit, chosen)
        results_between(case, visit, after)
        call_between(case, visit, after)
    if case.visits:
        reports_after(case, case.visits[0])
        coaching(case)


def _book(case: Case) -> None:
    """All visits of this patient, one after the other until they stop coming or the script ends."""
    dice, diary = case.dice, case.diary
    wanted = case.joined.astimezone(ZONE).date() + timedelta(days=dice.between(3, 16))
    kind = "initial"
    while True:
        visit = Visit(len(case.visits), kind, case.joined)
        site = case.site if kind in ("initial", "follow-up") else ""
        at = diary.book(case.practitioner.key, site, wanted, BOOKED_MINUTES[kind], dice)
        if at is None:
            return
        case.visits.append(replace(visit, at=at))
        if dice.chance(LEAVES) and case.number >= len(STORIES):
            return
        number = len(case.visits)
        usual = (
            FIRST_INTERVALS[number - 1] if number <= len(FIRST_INTERVALS) else 365 / case.story.visits_a_year
        )
        if case.story.visits_a_year < 3:
            usual = max(usual, 330 / case.story.visits_a_year)
        wanted = at.astimezone(ZONE).date() + timedelta(days=max(20, int(dice.spread(usual, usual * 0.12))))
        kind = dice.weighted((("follow-up", 6.0), ("video", 3.0), ("nutrition", 0.6)))


def _die(case: Case) -> None:
    """The register of deaths tells of the patient: nothing is written about them after that day."""
    last = case.visits[-1].at if case.visits else case.joined
    dies = last - timedelta(days=case.dice.between(20, 60)) if len(case.visits) > 3 else last
    dies = dies.replace(hour=0, minute=0, second=0, microsecond=0)
    told = case.diary.moment(case.desk, (dies + timedelta(days=6)).date(), case.dice)
    if told is None:
        return
    case.chart.occasions = [one for one in case.chart.occasions if one.at < dies]
    key = case.chart.patient_id
    case.invented = replace(
        case.invented,
        details=replace(case.invented.details, deceased_at=dies, source_digest=_digest(key, 1)),
    )
    with case.chart.arrival(told) as sitting:
        sitting.happens(ReceivePatient, of_patient=False, site=case.site, details=case.invented.details)


def _who(dice: Dice, number: int, *, old: bool) -> tuple[tuple[Story, ...], str, int]:
    """The stories, the sex and the age at the beginning."""
    unusual = unusual_name(number)
    its_sex = unusual[2] if unusual else ""
    told = [story for story in STORIES if its_sex not in SEXES or story.sexes[SEXES.index(its_sex)] > 0]
    if old:
        story = next(story for story in STORIES if story.key == "anticoagulated")
    elif number < len(STORIES):
        # The first patients show every story once.
        story = STORIES[number]
    else:
        story = dice.weighted([(story, story.weight) for story in told])
    sex = dice.weighted([one for one in zip(SEXES, story.sexes, strict=True) if one[1] > 0])
    if its_sex in SEXES:
        sex = its_sex
    young, oldest = story.ages
    age = dice.between(max(young, oldest - 8) if old else young, oldest)
    second = [
        other
        for other in STORIES
        if other.key != story.key
        and other.ages[0] <= age <= other.ages[1]
        and other.sexes[0 if sex == "female" else 1] > 0
        and other.key != "prevention"
    ]
    if story.key == "prevention" or not second or not dice.chance(0.28):
        return (story,), sex, age
    return (story, dice.weighted([(other, other.weight) for other in second])), sex, age


def _joining_day(dice: Dice, number: int, diary: Diary, *, early: bool) -> date:
    span = (diary.until.astimezone(ZONE).date() - diary.opened_on).days
    if early or number < len(STORIES):
        return diary.opened_on + timedelta(days=dice.between(1, max(2, span // 3)))
    # The practice grows: later days are likelier.
    share = max(dice.unit(), dice.unit()) if dice.chance(0.5) else dice.unit()
    return diary.opened_on + timedelta(days=1 + int(share * (span - 8)))


def _practitioner(dice: Dice, diary: Diary, day: date) -> tuple[Person, str]:
    days = (day - diary.opened_on).days
    person = dice.weighted([(one, one.share) for one in PRACTITIONERS if one.joins <= days])
    if person.site:
        return person, person.site
    # Whose role is held everywhere sees people at both sites.
    return person, HILLSIDE if days > HILLSIDE_OPENS and dice.chance(0.4) else RIVERSIDE


def _as_heard(dice: Dice, details: PatientDetails) -> PatientDetails:
    """The same person as another practice knows them: near enough to be found, or only to be asked about."""
    if dice.chance(0.6):
        return replace(
            details,
            given=misspelt(dice, details.given),
            identifiers=details.identifiers[1:],
            prefix="Ms." if details.sex == "female" else "",
        )
    moved = tuple(replace(one, line=f"{dice.between(1, 990)} Harbor Street") for one in details.addresses)
    return replace(
        details,
        family=misspelt(dice, details.family),
        identifiers=(),
        contacts=details.contacts[:1],
        addresses=moved,
    )


def _digest(key: UUID, version: int) -> bytes:
    return key.bytes + version.to_bytes(16, "big")


def _in_order(occasions: Sequence[Occasion]) -> tuple[Occasion, ...]:
    return tuple(sorted(occasions, key=lambda one: (one.at, one.id)))
