"""What was before: registration, consents, and records that arrive from other practices."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from willowbark.record.core.entries import Entry

from . import wording
from .case import Case
from .catalogue.findings import PAST_PROCEDURES, PROBLEMS, VACCINES
from .catalogue.measures import BASE_PANEL
from .catalogue.products import PRODUCTS
from .chart import Sitting
from .dice import Dice
from .events import BeginCare, GiveConsent, RegisterPatient, WithdrawConsent
from .practice import ZONE

CONSENTS = (
    ("treatment", "I agree to be examined and treated at Willow Creek.", 1.0),
    ("data_processing", "I agree that my health data are kept and used for my treatment.", 1.0),
    ("messaging", "I agree to be written to about appointments and results.", 0.85),
    ("research", "My data may be used for studies without my name.", 0.25),
)
Received = TypeVar("Received", bound=Entry)
EARLIER_PRACTICES = ("Ashford Family Medicine", "Granite Bend Clinic", "Northfield Medical Group")


def register(case: Case) -> None:
    """The front desk takes the patient in."""
    case.chart.first(case.desk, case.joined, RegisterPatient, site=case.site, details=case.invented.details)
    welcome(case, case.joined + timedelta(seconds=40))


def welcome(case: Case, at: datetime) -> None:
    """The front desk writes down what the patient agrees to and who cares for them."""
    with case.chart.sitting(case.desk, at) as sitting:
        for scope, words, likely in CONSENTS:
            if case.dice.chance(likely):
                sitting.happens(GiveConsent, scope=scope, wording=words)
        sitting.happens(BeginCare, staff=case.practitioner.key, kind="primary")
    agreed = [event.scope for event in sitting.events if isinstance(event, GiveConsent)]
    if "messaging" in agreed and case.dice.chance(0.05):
        wanted = (at + timedelta(days=case.dice.between(30, 200))).astimezone(ZONE).date()
        withdrawn = case.diary.moment(case.desk, wanted, case.dice)
        if withdrawn is not None:
            with case.chart.sitting(case.desk, withdrawn) as sitting:
                sitting.happens(WithdrawConsent, scope="messaging")


def earlier_records(case: Case, at: datetime, *, years: int) -> None:
    """What another practice sends: years of results, vaccines and problems, some without a date."""
    dice = case.dice.fork("earlier")
    practice = dice.pick(EARLIER_PRACTICES)
    with case.chart.arrival(at) as sitting:
        _past_procedures(case, sitting, dice, at, practice)
        _past_vaccines(case, sitting, dice, at, practice)
        _past_results(case, sitting, dice, at, years, practice)
        _loose_ends(case, sitting, dice, at, practice)


def _past_procedures(case: Case, sitting: Sitting, dice: Dice, at: datetime, practice: str) -> None:
    age = case.invented.age_on(at.date())
    for finding, sexes, (young, old) in PAST_PROCEDURES:
        if case.sex not in sexes or age <= young + 1 or not dice.chance(0.2):
            continue
        then = case.invented.born_on + timedelta(
            days=int(365.25 * dice.between(young, min(old, age - 1))) + dice.between(0, 364)
        )
        precision = dice.weighted((("year", 5.0), ("month", 2.0), ("day", 3.0)))
        done = wording.procedure(finding, at=wording.partly(then, precision), precision=precision)
        sitting.receive(_by(done, practice))


def _past_vaccines(case: Case, sitting: Sitting, dice: Dice, at: datetime, practice: str) -> None:
    for finding in VACCINES:
        if not dice.chance(0.3):
            continue
        on = _earlier(dice, at, 9, case.invented.born_on)
        sitting.receive(_by(wording.vaccine(finding, on=on, lot=""), practice))


def _past_results(case: Case, sitting: Sitting, dice: Dice, at: datetime, years: int, practice: str) -> None:
    wanted = case.measures([*case.panel()[:6], *BASE_PANEL[:10]])
    for year in range(years, 0, -1):
        drawn = at - timedelta(days=365 * year - dice.between(0, 200), hours=dice.between(1, 9))
        if drawn.date() <= case.invented.born_on or drawn >= at:
            continue
        for name in wanted:
            sitting.receive(
                _by(wording.result(name, case.measure(name, drawn), at=drawn, sex=case.sex), practice)
            )


def _loose_ends(case: Case, sitting: Sitting, dice: Dice, at: datetime, practice: str) -> None:
    """What makes old records old: no date, half a date, a medicine that nobody takes any more."""
    old = PROBLEMS[dice.pick(("sinusitis", "cystitis", "pneumonia", "vitamin_d_deficiency"))]
    undated = wording.problem(old, since=at, precision="instant")
    sitting.receive(
        _by(replace(undated, effective_at=None, effective_precision="", clinical_status="resolved"), practice)
    )
    if case.sex == "female" and dice.chance(0.15):
        year = _earlier(dice, at, 15, case.invented.born_on)
        since = wording.partly(year, "year")
        then = wording.problem(PROBLEMS["gestational_diabetes"], since=since, precision="year")
        ended = replace(then, clinical_status="resolved", abated_at=since, abated_precision="year")
        if case.invented.age_on(year) >= 20:
            sitting.receive(_by(ended, practice))
    if dice.chance(0.5):
        since = wording.partly(_earlier(dice, at, 8, case.invented.born_on), "month")
        taken = wording.taken(
            PRODUCTS[dice.pick(("famotidine 20", "omeprazole 20", "multivitamin", "melatonin"))],
            since=since,
            precision="month",
            until=since + timedelta(days=90),
            reason="",
            by_order=False,
        )
        sitting.receive(_by(replace(taken, status="completed"), practice))


def _by(entry: Received, practice: str) -> Received:
    return replace(entry, author_name=practice)


def _earlier(dice: Dice, at: datetime, years: int, born_on: date) -> date:
    """Some day within so many years before an instant, and after birth."""
    day = at.date() - timedelta(days=dice.between(100, 365 * years))
    return max(day, born_on + timedelta(days=90))
