"""The pages of the work list: what a person sees, and what comes of pressing a button."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.practice.testing import signed_in, today_there
from willowbark.worklist import selectors
from willowbark.worklist.models import Task
from willowbark.worklist.testing import make_task


@pytest.fixture
def ann(practice):
    patient = make_patient(practice, family="Rivera", given="Ana").pk
    put_into_care(practice, patient, practice.practitioner, practice.coach)
    return patient


@pytest.fixture
def browser(practice):
    return signed_in(practice.practitioner)


def test_overdue_tasks_stand_first(practice, ann, browser):
    today = today_there()
    for title, days in (("Later on", 30), ("Long ago", -3), ("This day", 0), ("Soon", 2)):
        make_task(practice.practitioner, ann, title=title, due_on=today + timedelta(days=days))
    text = browser.get(reverse("tasks:list")).content.decode()
    places = [text.index(title) for title in ("Long ago", "This day", "Soon", "Later on")]
    assert places == sorted(places)
    for heading in ("Overdue", "Today", "Within a week", "Later"):
        assert f">{heading}</h2>" in text
    assert "1 overdue, 1 due today" in text


def test_everybodys_tasks_are_those_within_reach(practice, ann, browser):
    elsewhere = make_patient(practice).pk
    make_task(practice.coach, ann, title="The coach's own")
    make_task(practice.everywhere, elsewhere, title="Not within reach")
    mine = browser.get(reverse("tasks:list")).content.decode()
    everyones = browser.get(reverse("tasks:list"), {"whose": "everyone"}).content.decode()
    assert "The coach" not in mine
    assert "The coach&#x27;s own" in everyones
    assert "Not within reach" not in everyones


def test_done_is_one_press_and_can_be_taken_back(practice, ann, browser):
    task = make_task(practice.practitioner, ann)
    answer = browser.post(reverse("tasks:finish", args=[ann, task]), headers={"HX-Request": "true"})
    said = json.loads(answer.headers["HX-Trigger"])
    assert answer.status_code == 204
    assert "willow:tasks-changed" in said
    undone = browser.post(said["willow:toast"]["undo_url"], headers={"HX-Request": "true"})
    assert (undone.status_code, undone.headers["HX-Refresh"]) == (204, "true")
    with acting_as(practice.practitioner) as pia:
        assert [row.task_id for row in selectors.open_tasks(pia, ann)] == [task]


def test_without_scripts_done_leads_back_to_the_list(practice, ann, browser):
    task = make_task(practice.practitioner, ann)
    answer = browser.post(reverse("tasks:finish", args=[ann, task]), follow=True)
    assert "Nothing is waiting for you" in answer.content.decode()


def test_a_form_that_is_sent_twice_files_one_task(practice, ann, browser):
    form = {
        "title": "Call about sleep",
        "kind": "call",
        "owner_id": str(practice.coach.user_id),
        "due_on": today_there().isoformat(),
        "next_action": "Telephone",
        "request_key": str(uuid7()),
    }
    for _ in range(2):
        answer = browser.post(reverse("tasks:file", args=[ann]), form, follow=True)
        assert answer.status_code == 200
        assert "Call about sleep" in answer.content.decode()
    with acting_as(practice.coach):
        assert Task.objects.filter(patient=ann).count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": ""}, "Say what is to be done."),
        ({"due_on": "soon"}, "Say by which day."),
        ({"owner_id": ""}, "Choose who is to do it."),
        ({"next_action": " "}, "Say the first thing to do."),
    ],
)
def test_what_is_missing_is_said_beside_the_field_and_nothing_typed_is_lost(
    practice, ann, browser, wrong, said
):
    form = {
        "title": "Call about sleep",
        "kind": "call",
        "owner_id": str(practice.coach.user_id),
        "due_on": today_there().isoformat(),
        "next_action": "Telephone",
        "detail": "About the dreams",
        "request_key": str(uuid7()),
    }
    answer = browser.post(reverse("tasks:file", args=[ann]), form | wrong)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert said in text
    assert "About the dreams" in text
    assert form["request_key"] in text


def test_a_task_is_handed_over_and_dismissed_on_its_page(practice, ann, browser):
    task = make_task(practice.practitioner, ann, title="Look again")
    page = reverse("tasks:task", args=[ann, task])
    assert "Look again" in browser.get(page).content.decode()
    wrong = browser.post(
        reverse("tasks:hand_over", args=[ann, task]), {"owner_id": str(practice.other_practitioner.user_id)}
    )
    assert (wrong.status_code, b"reaches this patient" in wrong.content) == (422, True)
    browser.post(reverse("tasks:hand_over", args=[ann, task]), {"owner_id": str(practice.coach.user_id)})
    assert b"Look again" in signed_in(practice.coach).get(reverse("tasks:list")).content
    empty = browser.post(reverse("tasks:dismiss", args=[ann, task]), {"reason": " "})
    assert (empty.status_code, b"Say why" in empty.content) == (422, True)
    assert browser.post(reverse("tasks:dismiss", args=[ann, task]), {"reason": "Moved"}).status_code == 302
    assert browser.get(page).status_code == 404


def test_the_day_sheet_and_the_chart_show_what_is_open(practice, ann, browser):
    make_task(practice.practitioner, ann, title="Look at ferritin", due_on=clock.now().date())
    for url, target in (
        (reverse("practice:day"), "your-tasks"),
        (reverse("record:chart", args=[ann]), "patient-tasks"),
    ):
        text = browser.get(url).content.decode()
        assert "Look at ferritin" in text
        assert f'id="{target}"' in text
    for url, target in (
        (reverse("tasks:list"), "your-tasks"),
        (reverse("tasks:of_patient", args=[ann]), "patient-tasks"),
    ):
        fragment = browser.get(url, headers={"HX-Request": "true", "HX-Target": target}).content.decode()
        assert "Look at ferritin" in fragment
        assert "<html" not in fragment


def test_on_the_day_sheet_what_may_harm_somebody_stands_first_of_what_is_due(practice, ann, browser):
    today = today_there()
    for number in range(6):
        make_task(practice.practitioner, ann, title=f"Old {number}", due_on=today - timedelta(days=9))
    make_task(practice.practitioner, ann, title="Stop it", kind="recheck", due_on=today)
    make_task(practice.practitioner, ann, title="Next week", kind="recheck", due_on=today + timedelta(days=7))
    text = browser.get(reverse("practice:day")).content.decode()
    assert text.index("Stop it") < text.index("Old 0")
    assert "Next week" not in text


def test_a_task_left_behind_says_so(practice, ann):
    from willowbark.patients.services.care import end_care
    from willowbark.practice.testing import staff_of

    make_task(practice.coach, ann, title="Weigh in")
    with acting_as(practice.everywhere) as eve:
        end_care(actor=eve, patient_id=ann, staff_id=staff_of(practice.coach))
    text = signed_in(practice.senior).get(reverse("tasks:list")).content.decode()
    assert "Left behind" in text
    assert "Cleo Coach" in text


def test_lists_go_on_where_the_last_one_ended(practice, ann, browser):
    for number in range(51):
        make_task(practice.practitioner, ann, title=f"Task {number:02}")
    first = browser.get(reverse("tasks:list"))
    further = first.context["page"].further_url
    second = browser.get(further, headers={"HX-Request": "true", "HX-Target": "tasks"}).content.decode()
    assert second.count("data-task") == 1
    assert first.context["page"].counts.open == 51
    assert "<html" not in second
