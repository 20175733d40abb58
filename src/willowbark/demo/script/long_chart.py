"""A very long chart, for measuring how pages behave with thousands of visits."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from . import wording
from .body import Body
from .chart import Chart, Sitting
from .dice import Dice
from .events import BeginCare, ReceivePatient
from .histories import PatientHistory
from .people import Invented, invent, with_key
from .practice import FRONT_DESKS, PRACTITIONERS, RIVERSIDE, SITE_NAMES, local
from .stories import STORIES, Story

YEARS = 40
PANEL = ("tsh", "ft4", "hba1c", "glucose", "cholesterol", "hdl", "triglycerides", "ldl", "ferritin", "hscrp")


def long_chart(encounters: int, *, today: date, seed: int = 1, number: int = 900_000) -> PatientHistory:
    """
    One patient with so many visits over forty years, all received from an earlier system.

    Each visit has a blood pressure with its parts and a weight, every fifth a panel of ten results, every
    fourth a note: about 5.75 observations a visit. It is played on a practice that the script has opened.
    Different numbers give different people.

    Raises:
        ValueError: fewer than one visit.
    """
    if encounters < 1:
        raise ValueError("a long chart has at least one visit")
    dice = Dice(f"{seed}/long/{number}")
    story = next(story for story in STORIES if story.key == "hashimoto")
    practitioner = next(one for one in PRACTITIONERS if one.site == RIVERSIDE)
    arrives = local(today - timedelta(days=2), time(11, 0))
    begins = arrives - timedelta(days=365 * YEARS)
    chart = Chart(f"{seed}/long/{number}/{encounters}", arrives)
    person = invent(dice, number=number, sex="female", age=68, on=today, site=RIVERSIDE)
    details = with_key(person.details, chart.patient_id, chart.patient_id.bytes * 2)
    body = Body(dice, sex="female", age=68, stories=(story,), begins=begins, response=1.0)
    chart.first("system", arrives, ReceivePatient, site=RIVERSIDE, details=details)
    with chart.sitting(FRONT_DESKS[RIVERSIDE].key, arrives + timedelta(minutes=1)) as sitting:
        sitting.happens(BeginCare, staff=practitioner.key, kind="primary")
    gap = timedelta(days=365 * YEARS - 30) / encounters
    with chart.arrival(arrives + timedelta(minutes=2)) as sitting:
        for count in range(encounters):
            _visit(sitting, dice, body, story, count, begins + count * gap)
    return PatientHistory(
        number=number,
        patient_id=chart.patient_id,
        site=RIVERSIDE,
        practitioner=practitioner.key,
        story=story.key,
        details=Invented(details, person.born_on).details,
        occasions=tuple(chart.occasions),
    )


def _visit(sitting: Sitting, dice: Dice, body: Body, story: Story, count: int, at: datetime) -> None:
    at = at.replace(microsecond=0)
    encounter = sitting.receive(
        wording.visit(
            "follow-up",
            at=at,
            ends_at=at + timedelta(minutes=30),
            reason=story.title,
            practitioner="Earlier practice",
            place=SITE_NAMES[RIVERSIDE],
        )
    )
    whole = sitting.receive(wording.blood_pressure(at=at, encounter_id=encounter))
    for name, parent in (("systolic", whole), ("diastolic", whole), ("weight", None)):
        sitting.receive(
            wording.result(
                name, body.value(name, at), at=at, sex="female", encounter_id=encounter, parent_id=parent
            )
        )
    if count % 5 == 0:
        for name in PANEL:
            sitting.receive(
                wording.result(name, body.value(name, at), at=at, sex="female", encounter_id=encounter)
            )
    if count % 4 == 0:
        said = dice.pick((*story.better, *story.same))
        sitting.receive(wording.note("clinical", f"Visit {count + 1}", [said], at=at, encounter_id=encounter))
