"""What happens between the practitioner's visits: blood draws and results, calls, coaching."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

from willowbark.record.core.entries import Note

from . import wording
from .case import Case, Visit
from .catalogue.measures import BASE_PANEL, MEASURES
from .events import BeginCare, EndCare
from .practice import BY_KEY, ZONE, local

SHORTEST_GAP = timedelta(days=24)
BASE_PANEL_EVERY = timedelta(days=330)
LABORATORY = "Northfield Laboratories"


def write_results(case: Case, draw: datetime, received: datetime, *, whole_panel: bool) -> None:
    """The results of one blood draw, as the laboratory sends them."""
    names = case.measures([*case.panel(), *(BASE_PANEL if whole_panel else ())])
    if not names:
        return
    with case.chart.arrival(received) as sitting:
        out_of_range = []
        for name in names:
            measure = MEASURES[name]
            value = case.measure(name, draw)
            # The laboratory does not tell how much less than its least it was.
            is_least = name == "ttg" and float(value) <= measure.least
            found = wording.result(name, value, at=draw, sex=case.sex, comparator="<" if is_least else "")
            sitting.receive(replace(found, author_name=LABORATORY))
            low, high = measure.range_for(case.sex)
            if (low is not None and float(value) < low) or (high is not None and float(value) > high):
                out_of_range.append(measure.said(value))
        summary = "Out of range: " + "; ".join(out_of_range) + "." if out_of_range else "All within range."
        report = wording.report("Laboratory report", summary, at=draw)
        sitting.receive(replace(report, author_name=LABORATORY))


def results_between(case: Case, before: Visit, after: Visit | None) -> None:
    """A blood draw between two visits, where one is due and there is time for it."""
    if before.number > 1 and before.number % case.story.labs_every:
        return
    gap_ends = after.at if after else case.diary.until
    if gap_ends - before.at < SHORTEST_GAP:
        return
    if after and before.number:
        wanted = after.at - timedelta(days=case.dice.between(12, 16))
    else:
        wanted = before.at + timedelta(days=case.dice.between(2, 8))
    draw = local(wanted.astimezone(ZONE).date(), time(7, 30)) + timedelta(minutes=case.dice.between(0, 150))
    received = draw + timedelta(days=case.dice.between(1, 4), hours=case.dice.between(7, 12))
    if draw <= before.at or received >= gap_ends - timedelta(minutes=30):
        return
    whole_panel = case.base_panel_at is None or draw - case.base_panel_at > BASE_PANEL_EVERY
    if whole_panel:
        case.base_panel_at = draw
    write_results(case, draw, received, whole_panel=whole_panel)


def reports_after(case: Case, first: Visit) -> None:
    """Reports of others that arrive after the first visit."""
    for story in case.stories:
        for title, conclusion in story.reports:
            at = case.diary.moment(
                case.practitioner.key, (first.at + timedelta(days=case.dice.between(9, 20))).date(), case.dice
            )
            if at is None:
                continue
            with case.chart.sitting(case.practitioner.key, at) as sitting:
                if case.dice.chance(0.5):
                    sitting.add(wording.report(title, conclusion, at=at - timedelta(days=2)))
                else:
                    name = f"{case.invented.details.given} {case.invented.details.family}".strip()
                    body = f"{title}\n\nRe: {name}\n\n{conclusion}\n\nInvented for demonstration."
                    sitting.add(wording.letter(title, body, at=at - timedelta(days=2), conclusion=conclusion))


def call_between(case: Case, before: Visit, after: Visit | None) -> None:
    """Now and then somebody calls."""
    ends = after.at if after else case.diary.until
    if not case.dice.chance(0.22) or ends - before.at < SHORTEST_GAP:
        return
    day = (before.at + timedelta(days=case.dice.between(8, 20))).astimezone(ZONE).date()
    at = case.diary.book(case.practitioner.key, "", day, 15, case.dice)
    if at is None or at + timedelta(hours=1) >= ends:
        return
    reason, answer = case.dice.pick(CALLS)
    with case.chart.sitting(case.practitioner.key, at + timedelta(minutes=15)) as sitting:
        encounter = sitting.add(
            wording.visit(
                "phone",
                at=at,
                ends_at=at + timedelta(minutes=15),
                reason=reason,
                practitioner=case.practitioner.name,
                place=case.place,
            )
        )
        sitting.add(
            wording.note("clinical", f"Telephone: {reason.lower()}", [answer], at=at, encounter_id=encounter)
        )


CALLS = (
    ("Question about the dose", "Went through the list. To be taken with food from now on."),
    ("Loose stools since the new capsule", "Half the dose for a week, then full again."),
    ("Wants the results", "Explained the results; the rest at the next visit."),
    ("Cold for five days", "No fever, drinks enough. Fluids and rest; to call again if short of breath."),
    ("Travels and runs out", "Supply for three months agreed with the dispensary."),
    ("Slept badly since the change", "To be taken in the morning instead."),
)


def coaching(case: Case) -> None:
    """The health coach joins the team after the first visit and sees the patient a few times."""
    if not case.story.coaching or len(case.visits) < 2 or not case.dice.chance(0.62):
        return
    began = case.visits[0].at
    at = case.diary.moment(case.desk, began.astimezone(ZONE).date() + timedelta(days=1), case.dice)
    coach_joined = case.diary.opened_on + timedelta(days=BY_KEY[case.coach].joins)
    if at is None or at.date() <= coach_joined:
        return
    with case.chart.sitting(case.desk, at) as sitting:
        sitting.happens(BeginCare, staff=case.coach, kind="team")
    sessions = case.dice.between(2, 2 + len(case.story.coaching))
    for number in range(sessions):
        wanted = (at + timedelta(days=case.dice.between(12, 30))).astimezone(ZONE).date()
        start = case.diary.book(case.coach, "", wanted, 30, case.dice)
        if start is None:
            return
        at = start + timedelta(minutes=35)
        with case.chart.sitting(case.coach, at) as sitting:
            sitting.add(_coaching_note(case, number, start))
    if case.dice.chance(0.4):
        ended = case.diary.moment(case.desk, (at + timedelta(days=10)).astimezone(ZONE).date(), case.dice)
        if ended is not None:
            with case.chart.sitting(case.desk, ended) as sitting:
                sitting.happens(EndCare, staff=case.coach)


def _coaching_note(case: Case, number: int, at: datetime) -> Note:
    topics = case.story.coaching
    topic = topics[number] if number < len(topics) else case.dice.pick(topics)
    confidence = case.dice.between(5, 10)
    return wording.note(
        "coaching",
        f"Coaching session {number + 1}, 30 minutes by video",
        [topic, f"Says how sure of it: {confidence} of 10. Next session in three weeks."],
        at=at,
        encounter_id=None,
    )
