"""The practice's own library: versions from draft to superseded, who is on which, and the way to the next."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction

from willowbark.catalog.testing import load_demo_products
from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Forbidden, Invalid, RequestKeyReused
from willowbark.patients.testing import link, make_patient, put_into_care
from willowbark.protocols.core.canonical import sorted_bytes
from willowbark.protocols.core.master_diff import changes_between
from willowbark.protocols.core.masters import RetiredMaster
from willowbark.protocols.models import MasterVersion, SignedProtocol
from willowbark.protocols.selectors.drafts import draft as read_draft
from willowbark.protocols.selectors.library import in_force, shipped, today
from willowbark.protocols.selectors.patients_on import counted, patients_on
from willowbark.protocols.selectors.versions import one_master, shipped_documents
from willowbark.protocols.services.composing import compose
from willowbark.protocols.services.drafts import change_draft, open_draft
from willowbark.protocols.services.library_drafts import (
    DraftChanged,
    MasterExists,
    NoDraft,
    NotReady,
    change_head,
    discard_draft,
    hand_in,
    remove_line,
    save_line,
    start_draft,
    start_master,
    take_back,
    write_document,
)
from willowbark.protocols.services.library_reviews import ask_for_due_reviews
from willowbark.protocols.services.library_versions import (
    AlreadyApproved,
    OwnWork,
    adopt_shipped,
    approve_version,
    note_review,
    restore_master,
    retire_master,
)
from willowbark.protocols.services.migrating import (
    Asked,
    DraftIsOpen,
    NotInForce,
    OnVersionInForce,
    ask_for_reviews,
    migrate,
)
from willowbark.protocols.services.signing import end_protocol
from willowbark.protocols.testing import make_protocol, publish
from willowbark.worklist.selectors import open_tasks, practice_tasks

KEY = "restorative_sleep"
LINE = {
    "key": "taurine",
    "layer": "targeted",
    "ingredient_key": "taurine",
    "least": "500",
    "aim": "1000",
    "most": "3000",
    "unit": "mg",
    "phases": "",
    "why": "Used in practice; evidence is thin.",
    "grade": "D",
    "source_keys": "nccih_herbs",
}


@pytest.fixture
def writer(practice):
    """Pia, who writes; Sage approves."""
    return practice.practitioner


def version(actor, number=2):
    with acting_as(actor) as acting:
        return one_master(acting, KEY).version(number)


def drafted(actor, **line):
    """The open draft with one more target; its revision."""
    with acting_as(actor) as acting:
        number = start_draft(actor=acting, key=KEY)
        revision = one_master(acting, KEY).version(number).sha256
        return save_line(
            actor=acting,
            key=KEY,
            revision=revision,
            section="targets",
            at=None,
            texts=LINE | line,
            request_key=uuid7(),
        )


def handed_in(actor, **line):
    drafted(actor, **line)
    with acting_as(actor) as acting:
        hand_in(actor=acting, key=KEY, note="Taurine, as many ask for it.")


def approved(actor, **said):
    found = version(actor)
    with acting_as(actor) as acting:
        return approve_version(
            actor=acting,
            key=KEY,
            number=2,
            **({"revision": found.sha256, "request_key": uuid7()} | said),
        )


def test_what_is_shipped_is_version_1_until_the_practice_decides(practice):
    with acting_as(practice.practitioner) as pia:
        found = one_master(pia, KEY)

    assert [(each.number, each.standing, each.is_in_force) for each in found.versions] == [
        (1, "shipped", True)
    ]
    assert found.review_due_on is None
    assert in_force() == shipped()


def test_a_draft_changes_nothing_that_is_composed(practice, writer):
    drafted(writer)

    assert in_force().master(KEY) == shipped().master(KEY)
    assert version(writer).standing == "draft"


def test_a_version_goes_from_draft_to_approval_and_is_composed_from_its_day_on(practice, writer):
    handed_in(writer)
    assert version(writer).standing == "waiting"

    day = approved(practice.senior)

    assert day == today()
    found = version(writer)
    assert (found.standing, found.is_in_force, found.approved_by_name) == ("in_force", True, "Sage Senior")
    assert found.note == "Taurine, as many ask for it."
    now = in_force().master(KEY)
    assert (now.version, now.status) == (2, "the practice's own")
    assert "taurine" in {each.key for each in now.targets}
    assert version(writer, 1).standing == "shipped"
    assert in_force().id != shipped().id


def test_before_its_day_what_was_in_force_is_composed(practice, writer):
    handed_in(writer)
    later = today() + timedelta(days=10)
    approved(practice.senior, effective_on=later)

    assert version(writer).standing == "coming"
    assert in_force().master(KEY).version == 1
    assert in_force(later).master(KEY).version == 2


@pytest.mark.parametrize("days", [-1, 366], ids=["yesterday", "in more than a year"])
def test_a_day_that_cannot_be_is_refused(practice, writer, days):
    handed_in(writer)

    with pytest.raises(Invalid) as refusal:
        approved(practice.senior, effective_on=today() + timedelta(days=days))
    assert refusal.value.field == "effective_on"
    assert version(writer).standing == "waiting"


def test_the_request_again_changes_nothing_and_another_one_is_told_that_it_is_late(practice, writer):
    handed_in(writer)
    key = uuid7()
    before = version(writer).sha256

    first = approved(practice.senior, request_key=key, revision=before)

    assert approved(practice.senior, request_key=key, revision=before) == first
    with pytest.raises(AlreadyApproved):
        approved(practice.everywhere)


def test_another_day_under_the_same_request_is_refused_and_not_passed_over(practice, writer):
    handed_in(writer)
    said = {"revision": version(writer).sha256, "request_key": uuid7()}
    day = approved(practice.senior, **said)
    with pytest.raises(RequestKeyReused, match=f"from {day}"):
        approved(practice.senior, **said, effective_on=day + timedelta(days=7))


def test_who_wrote_in_it_does_not_approve_it_as_long_as_somebody_else_can(practice):
    handed_in(practice.senior)

    with pytest.raises(OwnWork):
        approved(practice.senior)
    approved(practice.everywhere)


def test_what_is_approved_is_what_was_read(practice, writer):
    handed_in(writer)

    with pytest.raises(DraftChanged):
        approved(practice.senior, revision="0" * 64)
    assert version(writer).standing == "waiting"


@pytest.mark.parametrize("who", ["coach", "owner", "front_desk"])
def test_nobody_else_writes(practice, who):
    with acting_as(getattr(practice, who)) as actor, pytest.raises(Forbidden):
        start_draft(actor=actor, key=KEY)


def test_a_practitioner_approves_and_retires_nothing(practice, writer):
    handed_in(writer)

    with pytest.raises(Forbidden):
        approved(practice.other_practitioner)
    with acting_as(writer) as pia, pytest.raises(Forbidden):
        retire_master(actor=pia, key=KEY, reason="No more")
    assert version(writer).standing == "waiting"


def test_the_database_itself_keeps_what_was_approved_and_lets_nobody_else_approve(practice, writer):
    handed_in(writer)
    with acting_as(writer), pytest.raises(DatabaseError), transaction.atomic():
        MasterVersion.objects.update(
            state="approved",
            approved_by=writer.user_id,
            approved_at=clock.now(),
            approved_by_request=uuid7(),
            effective_on=today(),
        )
    approved(practice.senior)
    with acting_as(practice.senior), pytest.raises(DatabaseError), transaction.atomic():
        MasterVersion.objects.update(note="Something else")


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(practice, writer):
    first = drafted(writer)
    with acting_as(practice.other_practitioner) as otto:
        change_head(
            actor=otto,
            key=KEY,
            revision=first,
            texts={"title": "Sleep", "summary": "Habits first.", "from_age_years": "18"},
            request_key=uuid7(),
        )
    with acting_as(writer) as pia, pytest.raises(DraftChanged):
        remove_line(actor=pia, key=KEY, revision=first, section="targets", at=0, request_key=uuid7())

    assert version(writer).title == "Sleep"
    assert len(version(writer).document["targets"]) == 5


def test_a_line_that_is_sent_twice_is_written_once(practice, writer):
    with acting_as(writer) as pia:
        start_draft(actor=pia, key=KEY)
        before = one_master(pia, KEY).version(2).sha256
        request_key = uuid7()
        once, again = (
            save_line(
                actor=pia,
                key=KEY,
                revision=before,
                section="targets",
                at=None,
                texts=LINE,
                request_key=request_key,
            )
            for _ in range(2)
        )

    assert once == again
    assert [each["key"] for each in version(writer).document["targets"]].count("taurine") == 1


def test_a_dose_that_is_mended_after_going_back_is_never_taken_for_the_one_before(practice, writer):
    """The form of a page that was gone back to has the key and the revision of the first save."""
    with acting_as(writer) as pia:
        start_draft(actor=pia, key=KEY)
        form = partial(
            save_line,
            actor=pia,
            key=KEY,
            revision=one_master(pia, KEY).version(2).sha256,
            section="targets",
            at=None,
            request_key=uuid7(),
        )
        form(texts=LINE | {"aim": "1000"})
        with pytest.raises(DraftChanged):
            form(texts=LINE | {"aim": "700"})

    (line,) = [each for each in version(writer).document["targets"] if each["key"] == "taurine"]
    assert line["aim"] == "1000"


@pytest.mark.parametrize(
    ("line", "field", "words"),
    [
        ({"aim": "a lot"}, "aim", "Aim a day: an amount, such as 100 or 0.5"),
        ({"why": ""}, "why", "Why: say something"),
        ({"unit": "lb"}, "unit", "Unit"),
        ({"source_keys": ""}, "source_keys", "Sources: the list is empty"),
        ({"key": "No Key"}, "key", "Key"),
        ({"least": "-5"}, "least", "At least a day: an amount above zero, not -5"),
        ({"unit": ""}, "unit", "Unit: say something"),
    ],
    ids=["no amount", "nothing", "no unit", "no source", "no key", "negative", "unit left out"],
)
def test_a_line_that_does_not_say_what_it_must_is_refused_by_its_field(practice, writer, line, field, words):
    with pytest.raises(Invalid, match=words) as refusal:
        drafted(writer, **line)
    assert refusal.value.field == field
    with acting_as(writer) as pia:
        assert one_master(pia, KEY).open is None


def test_by_the_api_an_amount_that_cannot_be_is_said_like_on_the_page(practice, writer):
    drafted(writer)
    found = version(writer)
    document = dict(found.document)
    document["targets"] = [{**document["targets"][0], "least": "-5"}, *document["targets"][1:]]
    said = {"key": KEY, "revision": found.sha256, "request_key": uuid7()}
    with (
        acting_as(writer) as pia,
        pytest.raises(Invalid, match="targets, line 1: least: an amount above zero, not -5"),
    ):
        write_document(actor=pia, document=document, **said)
    document["targets"][0] |= {"least": "900", "aim": "200"}
    with acting_as(writer) as pia:
        write_document(actor=pia, document=document, **said)
    assert any("least is above aim" in each.text for each in version(writer).faults())


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"least": "2000"}, "least is above aim \\(2000 and 1000 mg\\)"),
        ({"aim": "4000"}, "aim is above most \\(4000 and 3000 mg\\)"),
        ({"least": "0"}, "least is not above zero"),
        ({"unit": "g"}, "more than the .* that can be meant; is the unit right"),
        (
            {"ingredient_key": "zinc", "layer": "foundation", "least": "50", "aim": "60", "most": ""},
            "at least 50 mg in the foundation, and no upper limit of an adult allows more than 40 mg",
        ),
        (
            {"ingredient_key": "magnesium", "least": "600", "aim": "700", "most": ""},
            "600 mg is wanted, and the line magnesium of this protocol allows at most",
        ),
        ({"ingredient_key": "moon_dust"}, "no ingredient moon_dust"),
        ({"unit": "million_cfu"}, "not counted in million_cfu"),
        ({"source_keys": "hearsay"}, "no source hearsay"),
        ({"grade": "A"}, "nobody has seen every source"),
        ({"key": "glycine"}, "the key glycine comes twice"),
        ({"phases": "dream"}, "there is no phase dream"),
    ],
)
def test_what_contradicts_itself_is_said_with_its_line_and_cannot_be_handed_in(practice, writer, line, words):
    drafted(writer, **line)

    said = [each for each in version(writer).faults() if re.search(words, each.text.lower())]
    assert said
    assert "targets" in {each.section for each in said}
    with acting_as(writer) as pia, pytest.raises(NotReady, match=f"(?i){words}"):
        hand_in(actor=pia, key=KEY, note="Taurine")
    assert version(writer).standing == "draft"


def test_what_waits_is_not_written_in_until_it_is_taken_back_and_can_be_dropped(practice, writer):
    handed_in(writer)
    with pytest.raises(NoDraft):
        drafted(writer)
    with acting_as(writer) as pia:
        take_back(actor=pia, key=KEY)
        take_back(actor=pia, key=KEY)
        discard_draft(actor=pia, key=KEY, number=2)
        discard_draft(actor=pia, key=KEY, number=2)
        assert one_master(pia, KEY).open is None
        assert start_draft(actor=pia, key=KEY) == 2


def test_a_protocol_of_the_practice_s_own_begins_empty_or_with_what_another_says(practice, writer):
    with acting_as(writer) as pia:
        empty = start_master(actor=pia, title="Long-haul recovery")
        copied = start_master(actor=pia, title="Sleep for shift workers", copy_of=KEY)
        with pytest.raises(MasterExists):
            start_master(actor=pia, title="Long haul: recovery")
        assert (empty, copied) == ("long_haul_recovery", "sleep_for_shift_workers")
        assert one_master(pia, empty).version(1).faults()
        assert one_master(pia, copied).version(1).faults() == ()
    assert empty not in in_force().masters


def test_what_is_shipped_can_be_approved_as_it_is(practice):
    with acting_as(practice.senior) as sage:
        request_key = uuid7()
        first = adopt_shipped(actor=sage, key=KEY, request_key=request_key)
        assert adopt_shipped(actor=sage, key=KEY, request_key=request_key) == first
        found = one_master(sage, KEY)

    assert [(each.number, each.standing) for each in found.versions] == [(1, "in_force")]
    assert found.is_newer_shipped is False
    assert in_force().own == {KEY}


def test_a_newer_shipped_text_is_told_of_and_changes_nothing_by_itself(practice, writer, monkeypatch):
    publish(writer, practice.senior, KEY)
    with acting_as(writer) as pia:
        assert one_master(pia, KEY).is_newer_shipped is False
    newer = {**shipped_documents()[KEY], "summary": "Something better.", "version": 2}
    monkeypatch.setattr("willowbark.protocols.selectors.versions.shipped_documents", lambda: {KEY: newer})
    with acting_as(writer) as pia:
        found = one_master(pia, KEY)

    assert found.is_newer_shipped
    assert in_force().master(KEY).summary == shipped().master(KEY).summary


def test_a_review_is_due_a_quarter_of_a_year_after_the_last(practice, writer):
    publish(writer, practice.senior, KEY)
    with acting_as(writer) as pia:
        assert one_master(pia, KEY).is_review_due is False
    with clock.at(clock.now() + timedelta(days=92)), acting_as(practice.senior) as sage:
        assert one_master(sage, KEY).is_review_due
        note_review(actor=sage, key=KEY)
        assert one_master(sage, KEY).is_review_due is False


def test_a_retired_one_is_composed_no_more_until_it_is_taken_up_again(practice, writer):
    with acting_as(practice.senior) as sage:
        with pytest.raises(Invalid):
            retire_master(actor=sage, key=KEY, reason=" ")
        retire_master(actor=sage, key=KEY, reason="Superseded by the clinic's own")
        retire_master(actor=sage, key=KEY, reason="Again")
        assert one_master(sage, KEY).retire_reason == "Superseded by the clinic's own"
    with pytest.raises(RetiredMaster, match="Restorative sleep was retired"):
        in_force().master(KEY)
    with acting_as(writer) as pia, pytest.raises(RetiredMaster):
        start_draft(actor=pia, key=KEY)
    with acting_as(practice.senior) as sage:
        restore_master(actor=sage, key=KEY)
    assert in_force().master(KEY).version == 1


def test_two_versions_are_compared_line_by_line_in_words():
    before = shipped_documents()[KEY]
    after = json.loads(sorted_bytes(before))
    after["targets"][0]["aim"] = "250"
    del after["targets"][1]
    after["stop_rules"][0]["text"] = "Drowsiness in the daytime, confusion or any fall."
    after["targets"].append({**after["targets"][0], "key": "taurine", "ingredient_key": "taurine"})

    found = {
        (section.title, line.kind, line.name): line
        for section in changes_between(before, after, lambda key: key.capitalize())
        for line in section.lines
    }

    assert set(found) == {
        ("Targets a day", "changed", "Magnesium"),
        ("Targets a day", "added", "Taurine"),
        ("Targets a day", "removed", "Glycine"),
        ("When to stop", "changed", "Drowsiness in the daytime, confusion or any fall."),
    }
    (aim,) = found["Targets a day", "changed", "Magnesium"].fields
    assert (aim.label, aim.before, aim.after) == ("Aim a day", "200 mg", "250 mg")
    (text,) = found["When to stop", "changed", "Drowsiness in the daytime, confusion or any fall."].fields
    assert [(each.kind, each.text) for each in text.parts if each.kind != "same"] == [
        ("gone", "a"),
        ("new", "any"),
    ]


@pytest.mark.parametrize(
    ("order", "moved"),
    [
        ([0, 1, 2, 3], []),
        ([1, 0, 2, 3], [("2", "1")]),
        ([3, 0, 1, 2], [("4", "1")]),
        ([1, 2, 3, 0], [("1", "4")]),
        ([3, 2, 1, 0], [("4", "1"), ("3", "2"), ("2", "3")]),
    ],
)
def test_as_few_lines_as_can_be_are_said_to_have_moved(order, moved):
    before = {
        "stop_rules": [{"text": f"{word} in the morning"} for word in ("Alpha", "Beta", "Gamma", "Delta")]
    }
    after = {"stop_rules": [before["stop_rules"][at] for at in order]}

    found = [line for section in changes_between(before, after, str) for line in section.lines]

    assert {each.kind for each in found} <= {"moved"}
    assert [(each.fields[0].before, each.fields[0].after) for each in found] == moved


def test_what_is_added_or_gone_moves_nothing_and_a_changed_line_may_have_moved_too():
    lines = [{"text": f"{word} in the morning", "why": "x"} for word in ("Alpha", "Beta", "Gamma")]
    after = {
        "stop_rules": [{**lines[2], "why": "y"}, {"text": "Something else entirely", "why": "x"}, lines[1]]
    }

    found = [
        (line.kind, line.name)
        for section in changes_between({"stop_rules": lines}, after, str)
        for line in section.lines
    ]

    assert found == [
        ("changed", "Gamma in the morning"),
        ("moved", "Gamma in the morning"),
        ("added", "Something else entirely"),
        ("removed", "Alpha in the morning"),
    ]


class TestOnPatients:
    """What was signed under version 1, when version 2 is published."""

    @pytest.fixture
    def patient(self, practice) -> UUID:
        load_demo_products(practice.owner)
        made = make_patient(practice, site_id=practice.north).pk
        put_into_care(practice, made, practice.practitioner)
        return made

    @pytest.fixture
    def signed(self, practice, patient):
        """A protocol of version 1 with a product fixed by hand."""
        with acting_as(practice.practitioner) as pia:
            draft = open_draft(actor=pia, patient_id=patient, master_keys=[KEY])
            change_draft(
                actor=pia,
                patient_id=patient,
                draft_id=draft.id,
                change=lambda it: it.exclude("melatonin_1"),
            )
        return make_protocol(practice.practitioner, patient)

    def test_what_was_signed_says_of_which_version_it_is_and_stays(self, practice, patient, signed):
        publish(practice.practitioner, practice.senior, KEY)

        assert signed.masters == ((KEY, 1),)
        with acting_as(practice.practitioner) as pia:
            (on,) = patients_on(pia, KEY)
            assert counted(pia) == {KEY: {1: 1}}
            row = SignedProtocol.objects.get(patient=patient, pk=signed.id)
        assert (on.patient_id, on.version, on.phase) == (patient, 1, "restore")
        assert row.masters[0]["sha256"] == shipped().digests[KEY]
        assert row.ended_at is None

    def test_who_does_not_reach_a_patient_does_not_see_them(self, practice, patient, signed):
        with acting_as(practice.other_practitioner) as otto:
            assert patients_on(otto, KEY) == []
            assert counted(otto) == {}

    def test_a_review_of_each_is_filed_once(self, practice, patient, signed):
        publish(practice.practitioner, practice.senior, KEY)
        with acting_as(practice.senior) as sage:
            first = ask_for_reviews(actor=sage, key=KEY)
            second = ask_for_reviews(actor=sage, key=KEY)
        with acting_as(practice.practitioner) as pia:
            (task,) = [each for each in open_tasks(pia, patient) if each.kind == "master_review"]

        assert (first, second) == (Asked(1, 0, 0), Asked(0, 1, 0))
        assert task.owner_id == practice.practitioner.user_id
        assert task.title == "Review: Restorative sleep is at version 2"

    def test_everybody_is_asked_about_however_few_a_page_lists(self, practice, patient, signed):
        another = make_patient(practice).pk
        put_into_care(practice, another, practice.practitioner)
        make_protocol(practice.practitioner, another, (KEY,))
        publish(practice.practitioner, practice.senior, KEY)
        with acting_as(practice.senior) as sage:
            assert len(patients_on(sage, KEY, most=1)) == 1
            assert ask_for_reviews(actor=sage, key=KEY) == Asked(2, 0, 0)

    def test_one_patient_is_migrated_with_what_was_decided_by_hand_and_signed_as_always(
        self, practice, patient, signed
    ):
        publish(practice.practitioner, practice.senior, KEY)
        with acting_as(practice.senior) as sage:
            ask_for_reviews(actor=sage, key=KEY)
        with acting_as(practice.practitioner) as pia:
            draft = migrate(actor=pia, patient_id=patient, protocol_id=signed.id)
            again = migrate(actor=pia, patient_id=patient, protocol_id=signed.id)
            view = compose(actor=pia, patient_id=patient, draft_id=draft.id)

        assert again == draft
        assert draft.choices.excluded == ("melatonin_1",)
        assert view.situation["masters"][0]["version"] == 2
        now = make_protocol(practice.practitioner, patient)
        assert now.masters == ((KEY, 2),)
        with acting_as(practice.practitioner) as pia:
            assert [each.version for each in patients_on(pia, KEY)] == [2]
            assert [each.kind for each in open_tasks(pia, patient) if each.kind == "master_review"] == []
            assert read_draft(pia, patient, draft.id).state == "signed"
            with pytest.raises(OnVersionInForce):
                migrate(actor=pia, patient_id=patient, protocol_id=now.id)
            with pytest.raises(NotInForce):
                migrate(actor=pia, patient_id=patient, protocol_id=signed.id)

    def test_of_two_rows_that_became_one_person_nothing_stays_in_force_beside_the_new(
        self, practice, patient, signed
    ):
        """Two protocols in force would be handed out and taken side by side: twice the dose."""
        standing = make_patient(practice, site_id=practice.north).pk
        put_into_care(practice, standing, practice.practitioner)
        link(practice, patient, to=standing)
        publish(practice.practitioner, practice.senior, KEY)
        with acting_as(practice.practitioner) as pia:
            draft = migrate(actor=pia, patient_id=patient, protocol_id=signed.id)
            assert draft.patient_id == standing
            assert draft.choices.excluded == ("melatonin_1",)
            assert migrate(actor=pia, patient_id=standing, protocol_id=signed.id) == draft
        now = make_protocol(practice.practitioner, standing)
        with acting_as(practice.practitioner) as pia:
            assert [each.protocol_id for each in patients_on(pia, KEY)] == [now.id]
            old = SignedProtocol.objects.get(patient=patient, pk=signed.id)
        assert (old.ending, now.number) == ("superseded", signed.number + 1)

    def test_who_cares_for_the_standing_row_alone_supersedes_what_was_signed_on_the_other(
        self, practice, patient, signed
    ):
        standing = make_patient(practice, site_id=practice.north).pk
        put_into_care(practice, standing, practice.other_practitioner)
        link(practice, patient, to=standing)
        make_protocol(practice.other_practitioner, standing)
        with acting_as(practice.everywhere):
            rows = SignedProtocol.objects.filter(patient__in=[patient, standing], ended_at__isnull=True)
            assert [each.patient_id for each in rows] == [standing]

    def test_a_draft_of_something_else_is_not_overwritten(self, practice, patient, signed):
        publish(practice.practitioner, practice.senior, KEY)
        with acting_as(practice.practitioner) as pia:
            other = open_draft(actor=pia, patient_id=patient, master_keys=["stress_resilience"])
            with pytest.raises(DraftIsOpen):
                migrate(actor=pia, patient_id=patient, protocol_id=signed.id)
            assert read_draft(pia, patient, other.id).master_keys == ("stress_resilience",)

    def test_after_it_was_retired_it_stays_in_force_and_is_listed(self, practice, patient, signed):
        with acting_as(practice.senior) as sage:
            retire_master(actor=sage, key=KEY, reason="No more")
        with acting_as(practice.practitioner) as pia:
            assert [each.protocol_id for each in patients_on(pia, KEY)] == [signed.id]
            with pytest.raises(RetiredMaster):
                migrate(actor=pia, patient_id=patient, protocol_id=signed.id)
            end_protocol(actor=pia, patient_id=patient, protocol_id=signed.id, reason="Enough")
            with pytest.raises(RetiredMaster):
                open_draft(actor=pia, patient_id=patient, master_keys=[KEY])


def practice_titles(actor):
    with acting_as(actor) as acting:
        return [each.title for each in practice_tasks(acting, whose="everyone")]


def test_what_waits_is_a_task_of_who_can_approve_it_until_it_is_decided(practice, writer):
    handed_in(writer)
    assert practice_titles(practice.senior) == ["Approve: Restorative sleep, version 2"]
    with acting_as(writer) as pia:
        take_back(actor=pia, key=KEY)
    assert practice_titles(practice.senior) == []
    with acting_as(writer) as pia:
        hand_in(actor=pia, key=KEY, note="Taurine after all.")
    approved(practice.senior)
    assert practice_titles(practice.senior) == []


def test_a_review_that_is_due_is_asked_for_once_and_done_by_making_it(practice, writer):
    publish(writer, practice.senior, KEY)
    with clock.at(clock.now() + timedelta(days=92)):
        with acting_as(practice.system) as system:
            assert (ask_for_due_reviews(actor=system), ask_for_due_reviews(actor=system)) == (1, 0)
        with acting_as(practice.senior) as sage:
            (task,) = practice_tasks(sage)
            assert (task.title, task.path) == (
                "Review: Restorative sleep",
                "/protocols/library/restorative_sleep",
            )
            note_review(actor=sage, key=KEY)
            assert practice_tasks(sage) == []
        with acting_as(practice.system) as system:
            assert ask_for_due_reviews(actor=system) == 0
