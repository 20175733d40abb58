"""Sources that a practice adds itself: in the version that cites them, never verified, never mixed up."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
from django.urls import reverse

from willowbark.foundation.acting import acting_as
from willowbark.foundation.explaining import explain
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Invalid
from willowbark.knowledge.selectors import release
from willowbark.practice.testing import signed_in
from willowbark.protocols.core.master_diff import changes_between
from willowbark.protocols.core.own_sources import PREFIX, named_in
from willowbark.protocols.core.reading_masters import cited_by
from willowbark.protocols.selectors.library import in_force, shipped, today
from willowbark.protocols.selectors.versions import one_master
from willowbark.protocols.services.library_drafts import NotReady, hand_in, write_document
from willowbark.protocols.testing import make_composition, sign_composition
from willowbark.protocols.tests.test_library_editor import KEY, Editor, patient_of

OWN = {
    "key": "own_sleep_audit",
    "kind": "document",
    "title": "Our audit of magnesium at bedtime",
    "authors": "Northside Practice",
    "year": "2026",
    "locator": "https://example.org/audit, binder 3",
    "grade": "C",
    "reviewed_on": "2026-01-15",
}


@pytest.fixture
def editor(practice):
    return Editor(practice)


def cite(editor, grade="C"):
    """The first target rests on the practice's own source."""
    line = editor.version.document["targets"][0]
    said = {
        key: ", ".join(value) if isinstance(value, list) else (value or "") for key, value in line.items()
    }
    said |= {"grade": grade, "source_keys": "own_sleep_audit"}
    return editor.post("write_line", "targets", **(said | {"at": "0"}))


def test_it_is_added_with_who_and_when_and_shown_as_the_practices_own(practice, editor):
    assert editor.post("write_line", "own_sources", **OWN).status_code == 302
    assert editor.version.document["own_sources"] == [
        OWN | {"year": 2026, "added_by": "Pia Practitioner", "added_on": today().isoformat()}
    ]
    page = editor.page()
    assert "The practice's own sources: not verified by Willowbark" in page
    assert f"Added by Pia Practitioner · on {today().isoformat()}" in page
    form = editor.client.get(reverse("protocols:master_line", args=[KEY, "targets"]), {"at": 0})
    assert "(the practice's own, not verified by Willowbark)" in html.unescape(form.content.decode())

    sage = signed_in(practice.senior)
    sage.post(
        reverse("protocols:write_line", args=[KEY, "own_sources"]),
        OWN | {"at": "0", "year": "2025", "revision": editor.version.sha256, "request_key": str(uuid7())},
    )
    (changed,) = editor.version.document["own_sources"]
    assert (changed["year"], changed["added_by"]) == (2025, "Pia Practitioner")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"key": "nccih_herbs"}, "Key"),
        ({"grade": "A"}, "Evidence, as the practice grades it"),
        ({"grade": ""}, "Evidence, as the practice grades it"),
        ({"year": "26"}, "Year"),
        ({"title": " "}, "Title"),
        ({"locator": ""}, "Identifier or address"),
        ({"reviewed_on": "last week"}, "Reviewed on"),
        ({"reviewed_on": "2999-01-01"}, "Reviewed on"),
    ],
    ids=["key of another", "A", "no grade", "year", "title", "locator", "no day", "still to come"],
)
def test_what_says_too_little_or_too_much_is_refused_by_its_field(editor, said, field):
    before = editor.version.sha256
    answer = editor.post("write_line", "own_sources", **(OWN | said))
    assert answer.status_code == 422
    assert f"{field}: " in html.unescape(answer.content.decode())
    assert editor.version.sha256 == before


def test_a_line_that_rests_on_it_is_no_a_and_one_that_is_not_there_is_said(practice, editor):
    assert cite(editor).status_code == 302
    assert [each.text for each in editor.version.faults()] == ["Sources: no source own_sleep_audit."]
    editor.post("write_line", "own_sources", **OWN)
    assert editor.version.faults() == ()
    cite(editor, grade="A")
    assert [each.text for each in editor.version.faults()] == [
        "Evidence: nobody has seen every source, so it is no A."
    ]
    with acting_as(practice.practitioner) as pia, pytest.raises(NotReady):
        hand_in(actor=pia, key=KEY, note="New")


def test_it_goes_with_the_version_into_comparison_composition_and_signature(practice, editor):
    editor.post("write_line", "own_sources", **OWN)
    cite(editor)
    editor.publish()
    with acting_as(practice.practitioner) as pia:
        view = one_master(pia, KEY)
    compared = changes_between(view.version(1).document, view.version(2).document, str)
    assert ("added", OWN["title"]) in {(line.kind, line.name) for each in compared for line in each.lines}

    assert named_in(KEY, OWN["key"]) in cited_by(in_force().master(KEY))
    page = html.unescape(editor.client.get(reverse("protocols:master", args=[KEY])).content.decode())
    assert "Not verified by Willowbark" in page
    assert "the practice's own source, not verified by Willowbark; graded C by the practice" in page
    assert 'href="https://example.org/audit' not in page

    me, patient = practice.practitioner, patient_of(practice)
    composed = make_composition(me, patient, [KEY])
    kept = composed.situation["sources"][f"{KEY}.own_sleep_audit"]
    assert (kept["is_verified"], kept["own"]["added_by"]) == (False, "Pia Practitioner")
    assert "unverified" in {each.kind for each in composed.review}
    signed = sign_composition(me, composed)
    with acting_as(me) as pia:
        line = next(each for each in signed.lines if "Magnesium" in each.product_name)
        sources = explain(pia, f"line:{patient}/{line.id}").sources
    (own,) = [each for each in sources if "the practice's own source" in each.title]
    assert not own.is_verified


def test_by_the_api_nobody_adds_a_source_in_somebody_elses_name(practice, editor):
    editor.post("write_line", "own_sources", **OWN)
    document = dict(editor.version.document)
    forged = {**document["own_sources"][0], "added_by": "Professor Paracelsus", "added_on": "1541-09-24"}
    document["own_sources"] = [forged, {**forged, "key": "own_other"}]

    def write():
        with acting_as(practice.senior) as sage:
            revision = one_master(sage, KEY).version(2).sha256
            write_document(actor=sage, key=KEY, document=document, revision=revision, request_key=uuid7())

    write()
    assert [each["added_by"] for each in editor.version.document["own_sources"]] == [
        "Pia Practitioner",
        practice.senior.name,
    ]
    document["own_sources"] = [{**forged, "reviewed_on": str(today() + timedelta(days=1))}]
    with pytest.raises(Invalid, match="a day up to today"):
        write()
    document["own_sources"] = ["a book"]
    with pytest.raises(Invalid):
        write()


def test_a_document_without_the_section_is_written_as_before(practice, editor):
    before = editor.version
    document = {key: value for key, value in before.document.items() if key != "own_sources"}
    with acting_as(practice.practitioner) as pia:
        write_document(actor=pia, key=KEY, document=document, revision=before.sha256, request_key=uuid7())
    assert editor.version.faults() == ()


def test_what_is_shipped_has_none_and_no_key_of_theirs():
    assert not any(master.own_sources for master in shipped().masters.values())
    assert not any(key.startswith(PREFIX) for key in (*release().sources, *shipped().guidelines))


def test_two_protocols_may_each_have_one_of_the_same_key():
    assert named_in(KEY, "own_x") != named_in("thyroid_support", "own_x")
    assert named_in(KEY, "nccih_herbs") == "nccih_herbs"
