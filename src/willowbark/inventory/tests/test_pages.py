"""The pages of the shelf: what they show, what their forms do, and what they ask of the database."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from willowbark.foundation import clock, live
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.inventory import handlers, selectors
from willowbark.inventory.events import TOPIC, StockMoved
from willowbark.inventory.models import StockMove
from willowbark.inventory.services import take_first_expiring
from willowbark.inventory.testing import put_on_shelf
from willowbark.practice.testing import signed_in

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


def url(practice, product, name="product"):
    return reverse(f"inventory:{name}", args=[practice.north, product.id])


def dispense(practice, product, containers, at=NOW):
    with clock.at(at), acting_as(practice.dispensary) as actor:
        take_first_expiring(
            actor=actor,
            site_id=practice.north,
            takes=[(product.id, containers)],
            source_id=uuid7(),
            request_key=uuid7(),
        )


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode()))


def test_the_shelf_says_what_is_there_and_how_long_it_lasts(practice, zinc, algae):
    with clock.at(NOW - timedelta(days=90)):
        put_on_shelf(practice.owner, practice.north, zinc.id, 24, expires_on=date(2027, 1, 10))
    dispense(practice, zinc, 18, NOW - timedelta(days=60))
    browser = signed_in(practice.front_desk)

    shown = text_of(browser.get(reverse("inventory:shelf")))
    assert "Zinc 15" in shown
    assert "Algae oil" not in shown
    # 18 in 90 days are one in five days, so six last thirty.
    assert "30 days" in shown
    assert "6 in 60 days" in shown
    low = browser.get(reverse("inventory:shelf"), {"show": "low"})
    assert "Nothing runs low" in text_of(low)
    dispense(practice, zinc, 1)
    assert "Zinc 15" in text_of(browser.get(reverse("inventory:shelf"), {"show": "low"}))
    assert "Zinc 15" in text_of(browser.get(reverse("inventory:shelf"), {"show": "expiring"}))
    assert "Algae oil" in text_of(browser.get(reverse("inventory:shelf"), {"show": "never"}))
    assert "Algae oil" in text_of(browser.get(reverse("inventory:shelf"), {"show": "never", "q": "algae"}))
    assert "No product matches" in text_of(browser.get(reverse("inventory:shelf"), {"q": "nonsense"}))


def test_the_fragment_of_the_shelf_is_asked_for_anew_when_something_moves(practice, zinc):
    put_on_shelf(practice.owner, practice.north, zinc.id, 24)
    answer = signed_in(practice.front_desk).get(reverse("inventory:shelf"), headers={"HX-Target": "shelf"})
    assert answer.content.decode().lstrip().startswith('<div id="shelf"')
    assert f"willow:{TOPIC} from:body" in answer.content.decode()


def test_a_delivery_is_received_once_though_the_form_is_sent_twice(practice, zinc):
    browser = signed_in(practice.dispensary)
    form = {
        "lot_number": "ab-1",
        "expires_on": "2027-05-31",
        "containers": "12",
        "request_key": str(uuid7()),
    }
    for _ in range(2):
        answer = browser.post(url(practice, zinc, "receive"), form)
        assert answer.status_code == 302
    shown = text_of(browser.get(answer["Location"]))
    assert "AB-1" in shown
    assert "Received onto the shelf." in shown
    with acting_as(practice.owner):
        assert selectors.on_hand(practice.owner, practice.north) == {zinc.id: 12}


def test_htmx_gets_the_product_as_it_is_now_and_a_toast(practice, zinc):
    form = {"lot_number": "A", "expires_on": "2027-05-31", "containers": "12", "request_key": str(uuid7())}
    answer = signed_in(practice.dispensary).post(
        url(practice, zinc, "receive"), form, headers={"HX-Request": "true", "HX-Target": "keeping"}
    )
    assert answer.status_code == 200
    assert answer.content.decode().lstrip().startswith('<div id="keeping"')
    assert "Received onto the shelf." in answer["HX-Trigger"]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("lot_number", "", "A lot number has"),
        ("expires_on", "2027-13-01", "YYYY-MM-DD"),
        ("expires_on", "2026-11-19", "It expired on 2026-11-19"),
        ("expires_on", "2099-01-01", "is the year right?"),
        ("containers", "0", "1 to 100,000"),
        ("containers", "-1", "whole number"),
        ("containers", "1.5", "whole number"),
        ("containers", "\u0661", "whole number"),
    ],
)
def test_what_cannot_be_received_is_said_beside_its_field_and_nothing_moves(
    practice, zinc, field, value, said
):
    form = {"lot_number": "A", "expires_on": "2027-05-31", "containers": "12", "request_key": str(uuid7())}
    answer = signed_in(practice.dispensary).post(url(practice, zinc, "receive"), form | {field: value})
    assert answer.status_code == 422
    assert said in answer.content.decode().replace("&#x27;", "'")
    with acting_as(practice.owner):
        assert not StockMove.objects.exists()


def test_a_count_against_a_number_that_moved_is_refused(practice, zinc):
    lot = put_on_shelf(practice.dispensary, practice.north, zinc.id, 10)
    browser = signed_in(practice.dispensary)
    form = {"lot": f"{lot.lot_id}:10", "counted": "9", "reason": "Monthly count"}
    dispense(practice, zinc, 1)

    refused = browser.post(url(practice, zinc, "count"), form | {"request_key": str(uuid7())})
    assert refused.status_code == 422
    assert "moved while it was counted: 10 then, 9 now" in text_of(refused)

    form |= {"lot": f"{lot.lot_id}:9", "counted": "7", "request_key": str(uuid7())}
    assert browser.post(url(practice, zinc, "count"), form).status_code == 302
    right = form | {"lot": f"{lot.lot_id}:7", "request_key": str(uuid7())}
    assert browser.post(url(practice, zinc, "count"), right).status_code == 302
    with acting_as(practice.owner):
        assert selectors.on_hand(practice.owner, practice.north) == {zinc.id: 7}
        assert StockMove.objects.filter(kind="adjust").count() == 1


def test_what_is_thrown_away_needs_a_reason_and_must_be_there(practice, zinc):
    lot = put_on_shelf(practice.dispensary, practice.north, zinc.id, 2)
    browser = signed_in(practice.dispensary)
    form = {"lot": f"{lot.lot_id}:2", "containers": "1"}

    def send(**more):
        said = form | {"request_key": str(uuid7())} | more
        return browser.post(url(practice, zinc, "waste"), said)

    assert "Say why" in text_of(send(reason=" "))
    assert "2 of lot" in text_of(send(reason="Broken", containers="3"))
    assert send(reason="Broken").status_code == 302
    with acting_as(practice.owner):
        assert selectors.on_hand(practice.owner, practice.north) == {zinc.id: 1}


def test_a_mistake_is_undone_by_who_made_it_and_both_moves_stay(practice, zinc):
    put_on_shelf(practice.dispensary, practice.north, zinc.id, 7)
    with acting_as(practice.dispensary) as actor:
        (mistaken,) = selectors.moves(actor, practice.north, zinc.id).rows
    page = url(practice, zinc)
    assert ">Undo<" in signed_in(practice.dispensary).get(page).content.decode()
    assert ">Undo<" not in signed_in(practice.senior).get(page).content.decode()

    def undo(actor):
        form = {"move": str(mistaken.id), "request_key": str(uuid7())}
        return signed_in(actor).post(url(practice, zinc, "undo"), form)

    assert undo(practice.dispensary).status_code == 302
    assert "undone already" in text_of(undo(practice.dispensary))
    with acting_as(practice.owner) as actor:
        rows = selectors.moves(actor, practice.north, zinc.id).rows
        assert [(row.kind, row.containers, row.left_containers) for row in rows] == [
            ("adjust", -7, 0),
            ("receive", 7, 7),
        ]
        assert rows[1].undone_by_id == rows[0].id
    assert ">Undo<" not in signed_in(practice.dispensary).get(page).content.decode()


def test_who_reads_only_is_offered_no_form(practice, zinc):
    put_on_shelf(practice.dispensary, practice.north, zinc.id, 7)
    assert (
        "<form" not in signed_in(practice.senior).get(url(practice, zinc)).content.decode().split("<main")[1]
    )


def test_the_ledger_goes_on_page_by_page_without_a_gap(practice, zinc):
    lot = put_on_shelf(practice.dispensary, practice.north, zinc.id, 200)
    for _ in range(30):
        dispense(practice, zinc, 1)
    browser, seen, address = signed_in(practice.senior), [], url(practice, zinc)
    while address:
        page = browser.get(address).content.decode()
        seen += re.findall(r'id="move-([0-9a-f-]+)"', page)
        older = re.search(r'href="([^"]*before=[^"]*)" rel="next"', page)
        address = older[1] if older else ""
    with acting_as(practice.owner):
        ids = [str(pk) for pk in StockMove.objects.order_by("-at", "-id").values_list("pk", flat=True)]
    assert seen == ids
    assert len(seen) == 31
    assert lot.on_hand_containers == 200


def asked(call):
    with CaptureQueriesContext(connection) as captured:
        assert call().status_code == 200
    return len(captured)


def test_pages_ask_as_much_for_many_as_for_one(practice, zinc, algae):
    browser = signed_in(practice.dispensary)
    put_on_shelf(practice.dispensary, practice.north, zinc.id, 5)
    addresses = [reverse("inventory:shelf"), url(practice, zinc), "/"]
    for address in addresses:
        browser.get(address)
    few = [asked(lambda address=address: browser.get(address)) for address in addresses]
    for day in range(12):
        for product in (zinc, algae):
            put_on_shelf(
                practice.dispensary, practice.north, product.id, 3, expires_on=date(2026, 12, 1 + day)
            )
        dispense(practice, zinc, 2)
    many = [asked(lambda address=address: browser.get(address)) for address in addresses]
    assert many[:2] == few[:2]
    # The panel asks for names when there is something to say.
    assert many[2] - few[2] <= 1


def test_the_day_sheet_says_what_is_out_runs_low_and_expires(practice, zinc, algae):
    put_on_shelf(practice.dispensary, practice.north, zinc.id, 5)
    dispense(practice, zinc, 5)
    put_on_shelf(practice.dispensary, practice.north, algae.id, 5, expires_on=date(2026, 12, 24))
    shown = text_of(signed_in(practice.front_desk).get("/"))
    assert "On the shelf" in shown
    assert "Zinc 15 none on hand" in shown
    assert "5 expiring within 60 days" in shown
    assert "On the shelf" not in text_of(signed_in(practice.coach).get("/"))


def test_one_selector_call_says_what_is_on_hand(practice, zinc, algae):
    for product in (zinc, algae):
        for _ in range(3):
            put_on_shelf(practice.dispensary, practice.north, product.id, 2)
    with acting_as(practice.practitioner) as actor, CaptureQueriesContext(connection) as captured:
        assert selectors.on_hand(actor, practice.north) == {zinc.id: 6, algae.id: 6}
    assert len(captured) == 1


def test_open_shelves_are_told(practice, zinc, monkeypatch):
    told = []
    monkeypatch.setattr(live, "publish", lambda topic, ids: told.append((topic, ids)))
    handlers.tell_open_shelves(practice.system, StockMoved(practice.north, zinc.id))
    assert told == [(TOPIC, {"site_id": str(practice.north), "product_id": str(zinc.id)})]


def test_only_who_reads_shelves_hears_of_them(practice):
    assert live.may_hear(practice.front_desk, [TOPIC]) == {TOPIC}
    assert live.may_hear(practice.coach, [TOPIC]) == frozenset()
