"""Recalls on pages: seen before they are done, done once, told to whoever was given it, and lifted."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from uuid import UUID

import pytest
from django.urls import reverse

from willowbark.dispensary.events import RecallContactSaid
from willowbark.dispensary.handlers import ask_back_after_recall, follow_what_was_said
from willowbark.dispensary.models import RecallContact
from willowbark.dispensary.tests.test_dispensing import Shelf
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import OutboxMessage
from willowbark.inventory.events import RecallChanged
from willowbark.inventory.models import Recall
from willowbark.inventory.selectors import on_hand, recalls, site_day
from willowbark.patients.selectors import get_patient
from willowbark.practice.selectors import system_actor
from willowbark.practice.testing import signed_in
from willowbark.worklist.models import Task

LIST = "dispensary:recalls"
NEW = "dispensary:new_recall"


@pytest.fixture
def shelf(practice):
    """Ann was given three zinc by the practitioner: two of the sooner lot, and one of the later."""
    shelf = Shelf(practice)
    shelf.hand_out(actor=practice.practitioner)
    return shelf


@pytest.fixture
def browser(practice):
    """The dispensary's, with the rights of its role alone."""
    return signed_in(practice.dispensary)


def said(shelf, **more) -> dict[str, object]:
    return {
        "product": shelf.zinc.key,
        "scope": "lots",
        "lot": [shelf.sooner.lot_number],
        "other_lots": "",
        "reason": "Glass in a bottle",
        "class_code": "fda_2",
        "source_text": "The maker's letter of 20 November",
        "told_by": "Rita of the supplier",
        "request_key": str(uuid7()),
    } | more


def read(answer) -> str:
    return unescape(answer.content.decode())


def recall(practice, browser, shelf, **more):
    """Recall through the page, and let the worker do what follows; the recall's id."""
    answer = browser.post(reverse(NEW), said(shelf, step="recall", **more))
    assert answer.status_code == 302, read(answer)[:2000]
    with acting_as(practice.dispensary) as actor:
        recall_id = recalls(actor)[0].id
    worked(practice, ask_back_after_recall, RecallChanged(recall_id))
    return recall_id


def worked(practice, handler, event):
    with acting_as(practice.everywhere):
        system = system_actor("worker")
    with acting_as(system) as actor:
        handler(actor, event)


def of(practice, model, **wanted):
    with acting_as(practice.everywhere):
        return list(model.objects.filter(**wanted))


def follow(practice):
    for each in of(practice, OutboxMessage, name="dispensary.RecallContactSaid"):
        told = {name: UUID(text) for name, text in each.payload.items()}
        worked(practice, follow_what_was_said, RecallContactSaid(**told))


def test_with_nothing_recalled_the_page_says_what_to_do(browser):
    text = read(browser.get(reverse(LIST)))
    assert "Nothing is recalled" in text
    assert reverse(NEW) in text


def test_before_it_is_done_one_sees_what_it_will_do_and_nothing_has_moved(practice, shelf, browser):
    text = read(browser.get(reverse(NEW), {"product": shelf.zinc.key}))
    assert f'value="{shelf.sooner.lot_number}"' in text
    assert "none left" in text
    before = shelf.moved()
    text = read(browser.post(reverse(NEW), said(shelf, step="preview", scope="all")))
    for words in ("Recall Zinc?", "Nothing has been done yet", f"4 of lot {shelf.later.lot_number}"):
        assert words in text
    assert "3 containers handed out on 1 occasion" in text
    assert "asked to stop or change it today" in text
    assert "FDA Class II: Temporary or medically reversible" in text
    with acting_as(practice.dispensary):
        assert not Recall.objects.exists()
    assert shelf.moved() == before


def test_names_are_for_those_who_may_see_them(practice, shelf, browser):
    with acting_as(practice.everywhere) as eve:
        ann = get_patient(eve, shelf.ann)
    asked = said(shelf, step="preview")
    assert f"{ann.family}, {ann.given}" in read(browser.post(reverse(NEW), asked))
    owners = read(signed_in(practice.owner).post(reverse(NEW), asked))
    assert ann.family not in owners
    assert "Their names are for those who hand out" in owners


def test_it_is_done_once_and_blocks_exactly_those_lots(practice, shelf, browser):
    form = said(shelf, step="recall", lot=[shelf.later.lot_number], other_lots=" to come ,\n")
    places = {browser.post(reverse(NEW), form).headers["Location"] for _ in range(2)}
    assert len(places) == 1
    (made,) = of(practice, Recall)
    assert made.lot_numbers == sorted([shelf.later.lot_number, "TO COME"])
    assert (made.class_code, made.told_by) == ("fda_2", "Rita of the supplier")
    with acting_as(practice.dispensary) as actor:
        assert shelf.zinc.id not in on_hand(actor, practice.north)
    product = reverse("inventory:product", args=[practice.north, shelf.zinc.id])
    assert "Recalled" in read(browser.get(product))
    assert "4 recalled" in read(browser.get(reverse("inventory:shelf")))
    other = browser.post(reverse(NEW), form | {"reason": "Something else"})
    assert other.status_code == 422
    assert "recalled something else before" in read(other)
    assert len(of(practice, Recall)) == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"product": ""}, "Choose the product."),
        ({"product": "no_such_product"}, "Choose the product."),
        ({"scope": ""}, "Choose the lots, or say that it is every lot."),
        ({"lot": []}, "Choose the lots, or say that it is every lot."),
        ({"reason": " "}, "Say it in 1 to 300 characters."),
        ({"source_text": "x" * 301}, "Say it in 1 to 300 characters."),
        ({"class_code": "fda_9"}, "There is no such class."),
        ({"told_by": "x" * 201}, "At most 200 characters."),
        ({"other_lots": "x" * 61}, "At most 200 lots, each by its number."),
    ],
    ids=["no product", "unknown", "no scope", "no lots", "no reason", "long", "class", "teller", "number"],
)
def test_what_says_too_little_is_said_and_nothing_moves(practice, shelf, browser, wrong, words):
    for step in ("preview", "recall"):
        answer = browser.post(reverse(NEW), said(shelf, step=step) | wrong)
        assert answer.status_code == 422
        assert words in read(answer)
    assert not of(practice, Recall)


def test_who_may_not_recall_finds_no_page_and_nothing_moves(practice, shelf):
    for actor in (practice.practitioner, practice.coach):
        client = signed_in(actor)
        for step in ("preview", "recall"):
            assert client.post(reverse(NEW), said(shelf, step=step)).status_code == 404
    assert not of(practice, Recall)


def test_whoever_was_given_it_is_told_and_their_task_follows(practice, shelf, browser):
    recall_id = recall(practice, browser, shelf)
    (task,) = of(practice, Task, kind="recall")
    assert (task.owner_id, task.state) == (practice.practitioner.user_id, "open")
    (row,) = of(practice, RecallContact)
    assert (row.containers, row.lot_numbers) == (2, [shelf.sooner.lot_number])
    assert row.due_on == task.due_on
    with acting_as(practice.dispensary):
        assert task.due_on == site_day(practice.north) + timedelta(days=2), "Class II leaves two days"
    pia = signed_in(practice.practitioner)
    url = reverse("dispensary:contact", args=[shelf.ann, recall_id])
    page = read(pia.get(reverse("tasks:list")))
    assert url in page
    assert reverse("tasks:finish", args=[shelf.ann, task.pk]) not in page, "its outcome closes it"
    assert "Glass in a bottle" in read(pia.get(url))

    pia.post(url, {"state": "not_reached", "note": "Voice mail"})
    follow(practice)
    assert of(practice, Task, kind="recall")[0].state == "open"
    browser.post(url, {"state": "contacted", "note": ""})
    follow(practice)
    assert of(practice, Task, kind="recall")[0].state == "done"
    listed = read(browser.get(reverse("dispensary:recall", args=[recall_id])))
    assert "1 of 1 know" in listed
    assert "All know" in read(browser.get(reverse(LIST)))

    undo = reverse("dispensary:undo_contact", args=[shelf.ann, recall_id])
    assert browser.post(undo, headers={"HX-Request": "true"}).status_code == 204
    follow(practice)
    assert of(practice, RecallContact)[0].state == "not_reached"
    assert of(practice, Task, kind="recall")[0].state == "open"
    again = browser.post(undo)
    assert (again.status_code, "nothing to take back" in read(again)) == (409, True)


def test_a_wrong_word_or_a_stranger_changes_nothing_of_a_contact(practice, shelf, browser):
    recall_id = recall(practice, browser, shelf)
    url = reverse("dispensary:contact", args=[shelf.ann, recall_id])
    before = of(practice, RecallContact)[0].__dict__ | {"_state": None}
    assert browser.post(url, {"state": "to_contact"}).status_code == 422
    assert browser.post(url, {"state": "contacted", "note": "x" * 301}).status_code == 422
    for actor in (practice.other_practitioner, practice.front_desk):
        assert signed_in(actor).post(url, {"state": "contacted"}).status_code == 404
        assert signed_in(actor).get(url).status_code == 404
    assert of(practice, RecallContact)[0].__dict__ | {"_state": None} == before


def test_lifted_with_a_reason_it_frees_the_shelf_and_closes_the_tasks(practice, shelf, browser):
    recall_id = recall(practice, browser, shelf, scope="all")
    url = reverse("dispensary:lift_recall", args=[recall_id])
    assert browser.post(url, {"reason": " "}).status_code == 422
    assert signed_in(practice.practitioner).post(url, {"reason": "No"}).status_code == 404
    assert [task.state for task in of(practice, Task, kind="recall")] == ["open"]
    assert browser.post(url, {"reason": "It was another product."}).status_code == 302
    worked(practice, ask_back_after_recall, RecallChanged(recall_id))
    (task,) = of(practice, Task, kind="recall")
    assert (task.state, task.close_reason) == (
        "dismissed",
        "The recall was lifted: It was another product.",
    )
    with acting_as(practice.dispensary) as actor:
        assert on_hand(actor, practice.north)[shelf.zinc.id] == 4
    contact = reverse("dispensary:contact", args=[shelf.ann, recall_id])
    late = browser.post(contact, {"state": "contacted"})
    assert (late.status_code, "was lifted" in read(late)) == (409, True)
    assert "It was another product." in read(browser.get(reverse(LIST)))
    assert browser.post(url, {"reason": "Again"}).status_code == 422
