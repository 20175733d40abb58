"""The pages of the dispensary: what a person sees, and what comes of pressing the button."""

from __future__ import annotations

import pytest
from django.urls import reverse

from willowbark.catalog.testing import make_products, new_product
from willowbark.dispensary import selectors
from willowbark.dispensary.models import Dispensing
from willowbark.dispensary.tests.signed import end, sign
from willowbark.dispensary.tests.test_dispensing import Shelf, make_into_care
from willowbark.foundation import explaining
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.practice.testing import signed_in
from willowbark.record.testing import make_entry


@pytest.fixture
def shelf(practice):
    return Shelf(practice)


@pytest.fixture
def browser(practice):
    """The dispensary's, with the rights of its role alone."""
    return signed_in(practice.dispensary)


def form(shelf, **said) -> dict[str, str]:
    return {
        "site": str(shelf.practice.north),
        f"line-{shelf.three_zinc}": "3",
        f"line-{shelf.two_iron}": "2",
        "request_key": str(uuid7()),
        "note": "",
    } | said


def url_of(shelf, patient=None, protocol=None) -> str:
    return reverse("dispensary:dispense", args=[patient or shelf.ann, protocol or shelf.protocol])


def test_from_the_queue_to_the_label(practice, shelf, browser):
    queue = browser.get(reverse("dispensary:queue")).content.decode()
    assert "3 × Zinc, 2 × Iron" in queue
    assert "All there" in queue
    assert url_of(shelf) in queue
    page = browser.get(url_of(shelf)).content.decode()
    for lot, containers in ((shelf.sooner, 2), (shelf.later, 1), (shelf.lot, 2)):
        assert f"{containers} of lot {lot.lot_number}" in page
    assert "2 capsules with breakfast" in page
    assert "$75.00" in page
    answer = browser.post(url_of(shelf), form(shelf), follow=True)
    text = answer.content.decode()
    assert "It is handed out." in text
    assert text.count(f"Lot {shelf.sooner.lot_number}") == 1
    assert "Nothing waits" in browser.get(reverse("dispensary:queue")).content.decode()
    assert "All of it is handed out" in browser.get(url_of(shelf)).content.decode()


def test_what_the_patient_must_not_take_stands_above_what_the_label_says(practice, shelf, browser):
    page = browser.get(url_of(shelf)).content.decode()
    assert "No allergies recorded; nobody has stated that there are none" in page
    make_entry(practice.everywhere, shelf.ann, "allergy", text="Fish", severity="severe")
    (oil,) = make_products(practice.senior, new_product(name="Fish oil", allergens=["fish", "soy"]))
    end(practice.practitioner, shelf.ann, shelf.protocol)
    protocol, _ = sign(practice.practitioner, shelf.ann, practice.north, [(oil, 1)], number=2)
    page = browser.get(url_of(shelf, shelf.ann, protocol)).content.decode()
    assert "<b>Fish</b>" in page
    assert "Severe" in page
    assert "Contains fish, soy" in page


def test_other_numbers_show_the_lots_that_they_would_come_from(shelf, browser):
    asked = {f"line-{shelf.three_zinc}": "1", "site": str(shelf.practice.north)}
    answer = browser.get(url_of(shelf), asked, headers={"HX-Request": "true", "HX-Target": "sheet"})
    text = answer.content.decode()
    assert "<html" not in text
    assert f"1 of lot {shelf.sooner.lot_number}" in text
    assert f"lot {shelf.later.lot_number}" not in text


def test_a_form_that_is_sent_twice_hands_out_once(practice, shelf, browser):
    said = form(shelf)
    places = {browser.post(url_of(shelf), said).headers["Location"] for _ in range(2)}
    assert len(places) == 1
    with acting_as(practice.dispensary):
        assert Dispensing.objects.count() == 1


def test_what_is_short_is_said_before_and_after_asking(practice, shelf, browser):
    patient = make_into_care(practice)
    protocol, (line,) = sign(practice.practitioner, patient, practice.north, [(shelf.iron, 9)])
    url = url_of(shelf, patient, protocol)
    page = browser.get(url).content.decode()
    assert "5 short" in page
    assert f'id="line-{line}" value="4"' in page
    answer = browser.post(
        url, {"site": str(practice.north), f"line-{line}": "9", "request_key": str(uuid7()), "note": "Kept"}
    )
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Iron: 9 asked for, 4 on hand" in text
    assert "Only 4 on hand" in text
    assert "Kept" in text
    assert "Short: Iron (4 of 9)" in browser.get(reverse("dispensary:queue")).content.decode()


@pytest.mark.parametrize("typed", ["-1", "1.5", "x", "٣", "99999999", "1e3"])
def test_what_is_no_number_is_said_beside_it(practice, shelf, browser, typed):
    answer = browser.post(url_of(shelf), form(shelf, **{f"line-{shelf.three_zinc}": typed}))
    assert answer.status_code == 422
    assert "A number of containers, such as 2." in answer.content.decode()
    with acting_as(practice.dispensary):
        assert not Dispensing.objects.exists()


def test_more_than_was_signed_is_said_and_nothing_moves(practice, shelf, browser):
    answer = browser.post(url_of(shelf), form(shelf, **{f"line-{shelf.three_zinc}": "4"}))
    assert answer.status_code == 409
    assert "Nothing was handed out" in answer.content.decode()


def test_a_protocol_that_has_ended_says_so(practice, shelf, browser):
    end(practice.practitioner, shelf.ann, shelf.protocol)
    page = browser.get(url_of(shelf)).content.decode()
    assert "No longer in force" in page
    assert "Hand it out" not in page


def test_taking_back_asks_why(practice, shelf, browser):
    where = browser.post(url_of(shelf), form(shelf)).headers["Location"].partition("?")[0]
    wrong = browser.post(f"{where}/take-back", {"reason": " "})
    assert (wrong.status_code, b"Say why." in wrong.content) == (422, True)
    text = browser.post(f"{where}/take-back", {"reason": "Wrong person"}, follow=True).content.decode()
    assert "It is back on the shelf." in text
    assert "Wrong person" in text
    assert "Take it back" not in text
    assert "3 × Zinc" in browser.get(reverse("dispensary:queue")).content.decode()


def test_the_chart_and_the_day_show_it(practice, shelf):
    pia = signed_in(practice.practitioner)
    assert "5 containers" in pia.get(reverse("practice:day")).content.decode()
    pia.post(url_of(shelf), form(shelf))
    chart = pia.get(reverse("record:chart", args=[shelf.ann])).content.decode()
    assert "Dispensed" in chart
    assert "2 × Iron" in chart
    fragment = pia.get(reverse("dispensary:history", args=[shelf.ann]), headers={"HX-Target": "dispensed"})
    assert "2 × Iron" in fragment.content.decode()
    assert "<html" not in fragment.content.decode()
    day = pia.get(reverse("dispensary:queue"), headers={"HX-Target": "to-dispense"}).content.decode()
    assert "Nothing waits to be handed out." in day


def test_the_history_says_what_is_still_due(shelf, browser):
    page = reverse("dispensary:history", args=[shelf.ann])
    assert "5 containers of protocol 1 still to hand out" in browser.get(page).content.decode()
    browser.post(url_of(shelf), form(shelf, **{f"line-{shelf.two_iron}": "0"}))
    text = browser.get(page).content.decode()
    assert "2 containers of protocol 1 still to hand out" in text
    assert "3 × Zinc" in text


def test_a_coach_reads_and_does_not_dispense(practice, shelf):
    coach = signed_in(practice.coach)
    queue = coach.get(reverse("dispensary:queue")).content.decode()
    assert "3 × Zinc" in queue
    assert "Short" not in queue
    assert "Dispense for" not in queue
    assert coach.get(url_of(shelf)).status_code == 404
    assert coach.post(url_of(shelf), form(shelf)).status_code == 404


def test_why_something_was_handed_out(practice, shelf, browser):
    browser.post(url_of(shelf), form(shelf))
    with acting_as(practice.dispensary) as dan:
        (given,) = selectors.dispensed(dan, shelf.ann)
        asked = explaining.reference("dispensed", shelf.ann, given.id, given.lines[0].id)
        found = explaining.explain(dan, asked)
    assert found.title == f"Zinc, lot {shelf.sooner.lot_number}"
    assert found.figure_text == "2 containers, 120 capsule"
    assert "Protocol 1 was signed by Pia Practitioner" in found.facts[0].text
    assert browser.get(explaining.why_url(asked)).status_code == 200
    assert signed_in(practice.other_practitioner).get(explaining.why_url(asked)).status_code == 404
