"""The editor of a Master Protocol, as its pages have it."""

from __future__ import annotations

import html
import json
import re

import pytest
from django.urls import reverse

from willowbark.catalog.testing import load_demo_products
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.kernel.partial_date import parse_partial_date
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.practice.testing import signed_in
from willowbark.protocols.models import MasterVersion
from willowbark.protocols.selectors.library import in_force
from willowbark.protocols.selectors.signed import content_of
from willowbark.protocols.selectors.versions import one_master
from willowbark.protocols.services.library_drafts import hand_in, start_draft
from willowbark.protocols.services.library_versions import approve_version, retire_master
from willowbark.protocols.services.signing import StaleComposition
from willowbark.protocols.testing import make_composition, make_protocol, sign_composition

KEY = "restorative_sleep"


def patient_of(practice):
    load_demo_products(practice.owner)
    patient = make_patient(practice, birth_date=parse_partial_date("1970-05-05")).pk
    put_into_care(practice, patient, practice.practitioner)
    return patient


class Editor:
    """Pia at the open draft of a protocol."""

    def __init__(self, practice):
        self.practice, self.client = practice, signed_in(practice.practitioner)
        with acting_as(practice.practitioner) as pia:
            self.number = start_draft(actor=pia, key=KEY)

    @property
    def version(self):
        with acting_as(self.practice.practitioner) as pia:
            return one_master(pia, KEY).version(self.number)

    def page(self, **asked) -> str:
        return html.unescape(
            self.client.get(reverse("protocols:master_draft", args=[KEY]), asked).content.decode()
        )

    def post(self, name, *more, **said):
        sent = {"revision": self.version.sha256, "request_key": str(uuid7())} | said
        return self.client.post(reverse(f"protocols:{name}", args=[KEY, *more]), sent)

    def texts(self, section) -> list[str]:
        return [each["text"] for each in self.version.document[section]]

    def publish(self) -> None:
        with acting_as(self.practice.practitioner) as pia:
            hand_in(actor=pia, key=KEY, note="What is new")
        sha256 = self.version.sha256
        with acting_as(self.practice.senior) as sage:
            approve_version(actor=sage, key=KEY, number=self.number, revision=sha256, request_key=uuid7())


@pytest.fixture
def editor(practice):
    return Editor(practice)


def test_a_line_moves_up_and_down_by_buttons_that_keep_the_focus(editor):
    first, second, *others = editor.texts("advice")
    answer = editor.post("move_line", "advice", at="1", by="up")
    assert answer["Location"].endswith("?moved=advice&to=0&by=up")
    assert editor.texts("advice") == [second, first, *others]

    page = html.unescape(editor.client.get(answer["Location"]).content.decode())
    assert f"{second} is now line 1." in page
    (focused,) = [each for each in page.split("<button")[1:] if " autofocus" in each.split(">")[0]]
    assert f'aria-label="Move {second} down"' in focused, "it is the first: only down is left"
    assert f'aria-label="Move {second} up"' not in page

    again = editor.client.get(editor.post("move_line", "advice", at="0", by="down")["Location"])
    assert editor.texts("advice") == [first, second, *others]
    assert f'aria-label="Move {html.escape(second)} down"' in again.content.decode()


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"at": "0", "by": "up"}, 422),
        ({"at": "0", "by": "sideways"}, 422),
        ({"at": "99", "by": "up"}, 404),
        ({"at": "", "by": "up"}, 422),
        ({"at": "1", "by": "up", "revision": "0" * 64}, 409),
    ],
    ids=["first", "sideways", "no such line", "no line", "changed meanwhile"],
)
def test_what_cannot_move_stays_where_it_is(editor, said, status):
    before = editor.version.sha256
    assert editor.post("move_line", "advice", **said).status_code == status
    assert editor.version.sha256 == before


def test_moving_asked_for_twice_moves_once(editor):
    first, second, *others = editor.texts("advice")
    said = {"revision": editor.version.sha256, "request_key": str(uuid7()), "at": "0", "by": "down"}
    for _ in range(2):
        assert editor.post("move_line", "advice", **said).status_code == 302
    assert editor.texts("advice") == [second, first, *others]


def test_the_order_is_compared_approved_and_signed(practice, editor):
    advice, stops = editor.texts("advice"), editor.texts("stop_rules")
    editor.post("move_line", "advice", at="2", by="up")
    editor.post("move_line", "advice", at="1", by="up")
    editor.post("move_line", "stop_rules", at="1", by="up")
    editor.publish()
    page = html.unescape(
        editor.client.get(
            reverse("protocols:compare_versions", args=[KEY]), {"before": 1, "after": 2}
        ).content.decode()
    )
    assert page.count("Moved</") == 2
    assert "Place: <del>3</del> <ins>1</ins>" in page

    moved = [advice[2], advice[0], advice[1], *advice[3:]]
    assert [each.text for each in in_force().master(KEY).advice] == moved
    patient = patient_of(practice)
    signed = make_protocol(practice.practitioner, patient, masters=[KEY])
    with acting_as(practice.practitioner) as pia:
        content = json.loads(content_of(pia, patient, signed.id))
    phase = in_force().master(KEY).in_phase()
    assert [each["text"] for each in content["advice"]] == [each.text for each in phase.advice]
    assert [each["text"] for each in content["stop"]] == [stops[1], stops[0], *stops[2:]]
    assert MasterVersion.objects.count() == 1


def test_what_was_composed_with_an_older_version_shows_that_versions_advice(practice, editor):
    me, patient = practice.practitioner, patient_of(practice)
    old = make_composition(me, patient, [KEY])
    (advice, *_) = editor.texts("advice")
    line = editor.version.document["advice"][0]
    said = {key: ", ".join(value) if isinstance(value, list) else value for key, value in line.items()}
    editor.post("write_line", "advice", at="0", **(said | {"text": "Nothing but the new words."}))
    editor.publish()

    for name in ("review", "preview"):
        page = html.unescape(
            editor.client.get(reverse(f"protocols:{name}", args=[patient, old.id])).content.decode()
        )
        assert advice in page
        assert "Nothing but the new words." not in page
        assert "A newer version came since this was composed" in page
        assert "Restorative sleep is at version 2 by now" in page
        assert f'action="{reverse("protocols:begin", args=[patient])}"' in page
    review = reverse("protocols:review", args=[patient, old.id])
    assert reverse("protocols:sign", args=[patient, old.id]) not in editor.client.get(review).content.decode()
    with pytest.raises(StaleComposition):
        sign_composition(me, old)

    again = editor.client.post(reverse("protocols:begin", args=[patient]))
    assert again["Location"] == reverse("protocols:composer", args=[patient])
    composer = html.unescape(editor.client.get(again["Location"]).content.decode())
    newest = re.search(r'"(\S+/protocol/compositions/[^/"]+)/', composer)
    assert newest
    page = html.unescape(editor.client.get(newest[1]).content.decode())
    assert "Nothing but the new words." in page
    assert "A newer version came" not in page


def test_a_retired_protocol_is_still_read_as_it_was_composed(practice, editor):
    me, patient = practice.practitioner, patient_of(practice)
    old = make_composition(me, patient, [KEY])
    with acting_as(practice.senior) as sage:
        retire_master(actor=sage, key=KEY, reason="For a test")
    page = editor.client.get(reverse("protocols:review", args=[patient, old.id])).content.decode()
    assert "Restorative sleep was retired since" in html.unescape(page)
