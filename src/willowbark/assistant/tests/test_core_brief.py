from __future__ import annotations

import json
from datetime import timedelta
from importlib.resources import files

import pytest

from willowbark.assistant.core.brief import MOST_WORDS, brief_of
from willowbark.assistant.core.fitting import Brief, Part
from willowbark.assistant.core.lines import Section, Tier
from willowbark.assistant.core.situation import (
    Allergy,
    Carer,
    EndedProtocol,
    Handed,
    Medicine,
    Note,
    Problem,
    Protocol,
    Taking,
    Task,
    Unrecognised,
)

from .known import NOW, ZONE, ago, course, of, result, said_of, situation, visit


def section_of(brief: Brief, section: Section) -> Part:
    found = brief.part(section)
    assert found is not None
    return found


def part(known, section):
    found = brief_of(known, ZONE).part(section)
    return [] if found is None else [f"{line.lead} | {line.detail}" for line in found.lines]


def changed(**known):
    return part(situation(**{"visit": visit(30)} | known), Section.CHANGED)


def test_the_bound_is_the_one_that_the_reading_speed_gives():
    data = json.loads(files("willowbark.assistant").joinpath("data/reading.json").read_text(encoding="utf-8"))

    assert data["seconds"] * data["words_a_minute"] / 60 == MOST_WORDS


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (20, 80, "up from 20"),
        (80, 20, "down from 80"),
        (20, 20, "unchanged"),
        ("positive", "negative", "was positive"),
        ("positive", "positive", "unchanged"),
        (20, "negative", "was 20 ng/mL"),
    ],
)
def test_a_new_result_is_told_beside_the_one_before_the_visit(before, after, said):
    shown = after if isinstance(after, str) else f"{after} ng/mL"
    assert changed(courses=(course(result(after, 1), result(before, 90)),)) == [f"Ferritin {shown} | {said}"]


def test_the_first_result_of_a_test_says_so():
    assert changed(courses=(course(result(20, 1)),)) == ["Ferritin 20 ng/mL | first result"]


def test_results_of_two_units_are_not_compared():
    courses = (course(result(20, 1), result(2, 90, unit="ug/L", said="2 ug/L")),)
    assert changed(courses=courses) == ["Ferritin 20 ng/mL | was 2 ug/L"]


def test_several_new_results_of_a_test_are_one_line_against_what_was_known_at_the_visit():
    assert changed(courses=(course(result(30, 1), result(25, 5), result(20, 90)),)) == [
        "Ferritin 30 ng/mL | up from 20, rising over 3 results"
    ]


def test_a_result_that_came_back_into_range_says_that_it_was_out():
    assert changed(courses=(course(result(50, 1, "normal"), result(8, 90, "low")),)) == [
        "Ferritin 50 ng/mL | up from 8, which was out of range"
    ]


def test_what_was_found_at_the_visit_or_before_is_not_new():
    assert changed(courses=(course(result(20, 30.1), result(30, 90)),)) == []


def test_what_was_collected_before_the_visit_and_came_in_after_it_is_new():
    late = result(20, 31, recorded_at=ago(28))
    assert changed(courses=(course(late),)) == ["Ferritin 20 ng/mL | first result"]


def test_what_its_practitioner_wrote_down_after_the_visit_that_day_belongs_to_it():
    mine = {"recorded_by": "Pia Practitioner"}
    of_the_visit = Medicine(**said_of("medication", "Iron", 30 - 3 / 24, **mine))
    later = Medicine(**said_of("medication", "Zinc", 20, **mine))

    assert changed(medicines=(of_the_visit, later)) == ["New medicine: Zinc | "]


def test_an_import_of_a_whole_history_is_not_news_but_what_it_dates_after_the_visit_is():
    came = {"recorded_at": ago(1), "recorded_by": "System", "is_import": True}
    old, recent = (
        Problem(**said_of("condition", text, days, **came)) for text, days in (("Old", 400), ("Recent", 9))
    )

    assert changed(visit=visit(30, **came), problems=(old, recent)) == ["New problem: Recent | "]


def test_outside_records_that_come_in_after_a_visit_here_are_news():
    came = {"recorded_at": ago(1), "recorded_by": "System", "is_import": True}
    assert changed(problems=(Problem(**said_of("condition", "Old", 400, **came)),)) == ["New problem: Old | "]


def test_a_date_known_in_part_is_after_the_visit_only_if_all_of_it_is():
    def problem(precision, at):
        return Problem(**said_of("condition", precision, 0, precision=precision, at=at, recorded_at=ago(99)))

    year = NOW.replace(month=1, day=1, hour=0)
    month = NOW.replace(month=3, day=1, hour=0)
    day = NOW.replace(month=2, day=4, hour=0)
    assert changed(
        visit=visit(30, at=day.replace(hour=15)),
        problems=(problem("year", year), problem("month", month), problem("day", day)),
    ) == ["New problem: month | "]


def test_medicines_that_ended_since_are_told_and_those_that_will_end_are_not():
    def until(text, at):
        return Medicine(**said_of("medication", text, 200), ends_at=at, is_taken=at > NOW)

    assert changed(
        medicines=(
            until("Long ago", ago(60)),
            until("Since", ago(5)),
            until("Later", NOW + timedelta(days=1)),
        )
    ) == ["Stopped medicine: Since | "]


def test_the_reader_is_told_what_others_wrote_and_not_what_they_wrote_themselves():
    notes = tuple(
        Note(**said_of("note", text, 3), kind="Coaching note", author="Cleo", is_mine=mine)
        for text, mine in (("Sleeps badly", False), ("My own", True))
    )
    assert changed(notes=notes) == ["Coaching note by Cleo | Sleeps badly"]


def test_a_protocol_signed_ended_and_dispensed_since_is_told():
    protocol = Protocol(
        source=of("protocol"), number=2, days=90, starts_on=ago(10).date(), signed_at=ago(10), signed_by="Pia"
    )
    ended = EndedProtocol(of("protocol", 2), 1, ago(10), "superseded")
    handed = Handed(of("dispensing"), ago(9), ("Magnesium", "Zinc"))
    assert changed(protocol=protocol, ended=(ended,), handed=(handed,)) == [
        "Protocol 2 signed | by Pia, for 90 days",
        "Protocol 1 superseded | ",
        "Dispensed | Magnesium, Zinc",
    ]


@pytest.mark.parametrize(
    ("days_ago", "said"),
    [(0, "day 1 of 90"), (89, "day 90 of 90"), (90, "its 90 days ended 1 day ago"), (-3, "begins in 3 days")],
)
def test_the_programme_says_which_day_it_is(days_ago, said):
    protocol = Protocol(
        source=of("protocol"),
        number=1,
        days=90,
        starts_on=NOW.date() - timedelta(days=days_ago),
        signed_at=ago(200),
        signed_by="Pia",
        takings=(Taking("Breakfast", ("Zinc 1 capsule",), of("protocol")),),
    )
    team = (Carer(of("team"), "Cleo Coach", "Health coach", False),)
    assert part(situation(visit=visit(), protocol=protocol, team=team), Section.PROGRAMME) == [
        f"Protocol 1 | {said}, signed by Pia",
        "Breakfast | Zinc 1 capsule",
        "Cleo Coach | Health coach",
    ]


def test_the_programme_says_what_has_long_been_treated_and_taken():
    known = situation(
        visit=visit(30),
        problems=(Problem(**said_of("condition", "Asthma", 900)),),
        medicines=(Medicine(**said_of("medication", "Salbutamol", 900), dosage="when needed"),),
    )
    assert part(known, Section.PROGRAMME) == ["Asthma | ", "Salbutamol | when needed"]


def test_results_that_matter_are_out_of_range_or_on_their_way():
    courses = (
        course(result(5, 60, "low", text="Out")),
        course(result(40, 60, text="Going"), result(30, 90), result(20, 120)),
        course(result(40, 60, "normal", text="Fine")),
        course(result(40, 60, text="Nobody knows")),
    )
    assert part(situation(visit=visit(), courses=courses), Section.RESULTS) == [
        "Out 5 ng/mL | first result",
        "Going 40 ng/mL | up from 30, rising over 3 results",
    ]


def test_what_is_critical_comes_first_wherever_it_stands():
    known = situation(visit=visit(), courses=(course(result(900, 60, "critical_high")),))
    (line,) = section_of(brief_of(known, ZONE), Section.RESULTS).lines

    assert (line.tier, line.flag) == (Tier.VITAL, "critical_high")


def test_tasks_say_whose_they_are_and_which_are_overdue():
    def task(title, days):
        return Task(of("task"), title, "Pia", NOW.date() + timedelta(days=days))

    tasks = (task("Later", 5), task("Late", -1), task("Soon", 1))
    assert part(situation(tasks=tasks), Section.TASKS) == [
        "Late | Pia, overdue by 1 day",
        "Soon | Pia, due",
        "Later | Pia, due",
    ]


def test_what_is_not_known_is_said():
    protocol = Protocol(
        source=of("protocol"),
        number=1,
        days=90,
        starts_on=NOW.date(),
        signed_at=ago(1),
        signed_by="Pia",
        undispensed=("Zinc", "Iron"),
    )
    known = situation(
        none_known=False,
        protocol=protocol,
        unrecognised=(Unrecognised(of("medication"), "Grandma's tea", "not recognised"),),
    )
    assert part(known, Section.UNKNOWN) == [
        "No allergies recorded; nobody has stated that there are none | ",
        "Not checked: Grandma's tea | not recognised",
        "Zinc | signed, not dispensed",
        "Iron | signed, not dispensed",
    ]


def test_allergies_stand_first_the_grave_ones_before_the_others():
    allergies = tuple(
        Allergy(**said_of("allergy", text, 400), reaction=reaction, is_grave=grave)
        for text, reaction, grave in (("Pollen", "", False), ("Penicillin", "Hives", True))
    )
    assert part(situation(visit=visit(), allergies=allergies), Section.ALLERGIES) == [
        "Penicillin | Hives, high risk",
        "Pollen | ",
    ]


def test_somebody_new_has_everything_told_as_what_is_on_record():
    medicine = Medicine(**said_of("medication", "Warfarin", 900), dosage="5 mg at night")
    brief = brief_of(situation(medicines=(medicine,)), ZONE)

    assert section_of(brief, Section.CHANGED).title == "What is on record"
    assert [line.lead for line in section_of(brief, Section.CHANGED).lines] == [
        "No earlier visit is on record",
        "Medicine: Warfarin",
    ]


def test_a_record_too_long_to_read_is_cut_and_says_by_how_much():
    courses = tuple(
        course(result(1, 1, flag, text=f"Test {number}"))
        for number, flag in enumerate(["high"] * 40 + ["normal"] * 60)
    )
    brief = brief_of(situation(visit=visit(), courses=courses), ZONE)
    shown = section_of(brief, Section.CHANGED)

    assert {line.flag for line in shown.lines} == {"high"}
    assert [more.text for more in shown.remainders] == [
        f"and {40 - len(shown.lines)} more results out of range",
        "and 60 results within range",
    ]
    assert MOST_WORDS - 25 < brief.words <= MOST_WORDS
