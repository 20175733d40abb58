"""What was set aside is taken in later, as it is or mended, or is dismissed."""

from __future__ import annotations

from functools import partial

import pytest
from procrastinate.contrib.django import app

from willowbark.foundation.acting import acting_as
from willowbark.interop.fhir.core.layout import laid_out
from willowbark.interop.fhir.core.problems import Refused
from willowbark.interop.fhir.models import Quarantined
from willowbark.interop.fhir.models.sealed import mended_words_of, words_of
from willowbark.interop.fhir.selectors import original_of, to_mend
from willowbark.interop.fhir.services import replaying
from willowbark.interop.fhir.services.replaying import (
    ask_to_replay,
    dismiss,
    mend,
    replay,
    take_back_dismissal,
)
from willowbark.interop.fhir.tasks import replay as replay_job
from willowbark.interop.fhir.tests.shapes import bundle, encoded, patient, resource
from willowbark.kernel.errors import Conflict, Forbidden, Invalid, NotFound

BAD = resource("Observation", effectiveDateTime="2999-01-01")
MENDED = encoded(resource("Observation", effectiveDateTime="2019-01-01"))


@pytest.fixture
def waiting(desk):
    """A resource that waits for a person."""
    report = desk.run(bundle(patient(), BAD))
    return report.quarantined[0]


def status_of(desk, waiting) -> str:
    with acting_as(desk.practice.owner):
        return Quarantined.objects.values_list("status", flat=True).get(pk=waiting.id)


def test_a_mended_resource_goes_in(desk, waiting):
    replay(waiting.id, asked_by=desk.practice.owner.user_id, channel="test", mended=MENDED)

    assert [row.effective_at.year for row in desk.rows("observation")] == [2019]
    assert status_of(desk, waiting) == "replayed"
    with acting_as(desk.practice.owner):
        row = Quarantined.objects.get(pk=waiting.id)
    assert (row.settled_by_id, words_of(row)) == (desk.practice.owner.user_id, encoded(BAD))
    assert desk.rows("observation")[0].recorded_by_id == desk.practice.system.user_id


def test_what_is_still_bad_waits_on_with_todays_reason(desk, waiting):
    still_bad = encoded(resource("Observation", status="nonsense"))

    for words, reason in ((None, "date"), (still_bad, "unknown_code"), (b"{", "truncated")):
        with pytest.raises(Refused) as refusal:
            replay(waiting.id, asked_by=desk.practice.owner.user_id, channel="test", mended=words)
        assert refusal.value.reason == reason

    assert status_of(desk, waiting) == "waiting"
    assert not desk.rows("observation")


def test_what_is_settled_is_settled(desk, waiting):
    with acting_as(desk.practice.owner) as owner:
        dismiss(actor=owner, quarantined_id=waiting.id, reason="Not ours")

    assert status_of(desk, waiting) == "dismissed"
    with pytest.raises(Conflict):
        replay(waiting.id, asked_by=desk.practice.owner.user_id, channel="test", mended=MENDED)
    with acting_as(desk.practice.owner) as owner, pytest.raises(Conflict):
        ask_to_replay(actor=owner, quarantined_id=waiting.id)


def test_a_dismissed_resource_does_not_come_back_with_its_file(desk, waiting):
    with acting_as(desk.practice.owner) as owner:
        dismiss(actor=owner, quarantined_id=waiting.id, reason="Not ours")

    desk.run(BAD)

    assert status_of(desk, waiting) == "dismissed"
    assert desk.count("interop_fhir_quarantined", "status = 'waiting'") == 0


def mend_as_owner(desk, waiting, words):
    with acting_as(desk.practice.owner) as owner:
        mend(actor=owner, quarantined_id=waiting.id, words=words)


def test_what_a_person_has_mended_is_read_and_the_original_stays(desk, waiting):
    mend_as_owner(desk, waiting, MENDED.decode())
    replay(waiting.id, asked_by=desk.practice.owner.user_id, channel="test")

    assert [row.effective_at.year for row in desk.rows("observation")] == [2019]
    with acting_as(desk.practice.owner) as owner:
        row = Quarantined.objects.get(pk=waiting.id)
        assert original_of(owner, waiting.id)[1] == encoded(BAD)
    assert (row.status, row.mended_by_id, mended_words_of(row)) == ("replayed", owner.user_id, MENDED)


def test_what_came_said_again_takes_the_mending_back(desk, waiting):
    mend_as_owner(desk, waiting, MENDED.decode())
    with acting_as(desk.practice.owner) as owner:
        assert to_mend(owner, waiting.id).words == laid_out(MENDED.decode())
    mend_as_owner(desk, waiting, laid_out(encoded(BAD).decode()).replace("\n", "\r\n"))

    with acting_as(desk.practice.owner):
        row = Quarantined.objects.get(pk=waiting.id)
    assert (mended_words_of(row), row.mended_at, row.mended_by_id) == (None, None, None)
    with pytest.raises(Refused):
        replay(waiting.id, asked_by=desk.practice.owner.user_id, channel="test")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("{", "no JSON"),
        ("[1]", "begins with {"),
        ("", "no JSON"),
        ("[" * 100_000, "too deep"),
        ('{"a":"' + "x" * 200_000 + '"}', "At most"),
    ],
    ids=["cut", "list", "nothing", "deep", "long"],
)
def test_words_that_are_no_resource_mend_nothing(desk, waiting, words, said):
    with pytest.raises(Invalid, match=said):
        mend_as_owner(desk, waiting, words)
    with acting_as(desk.practice.owner):
        assert mended_words_of(Quarantined.objects.get(pk=waiting.id)) is None
    assert desk.count("procrastinate_jobs", "task_name = 'interop_fhir.replay'") == 0


def test_a_dismissal_is_taken_back_and_the_resource_waits_again(desk, waiting):
    with acting_as(desk.practice.owner) as owner:
        dismiss(actor=owner, quarantined_id=waiting.id, reason="Not ours")
        take_back_dismissal(actor=owner, quarantined_id=waiting.id)
    assert status_of(desk, waiting) == "waiting"
    with acting_as(desk.practice.owner) as owner, pytest.raises(Conflict):
        take_back_dismissal(actor=owner, quarantined_id=waiting.id)

    replay(waiting.id, asked_by=desk.practice.owner.user_id, channel="test", mended=MENDED)
    with acting_as(desk.practice.owner) as owner, pytest.raises(Conflict):
        take_back_dismissal(actor=owner, quarantined_id=waiting.id)
    with acting_as(desk.practice.owner) as owner, pytest.raises(Conflict):
        mend(actor=owner, quarantined_id=waiting.id, words=MENDED.decode())


def test_asking_to_replay_leaves_it_to_the_worker(desk, waiting):
    with acting_as(desk.practice.owner) as owner:
        ask_to_replay(actor=owner, quarantined_id=waiting.id)

    assert desk.count("procrastinate_jobs", "task_name = 'interop_fhir.replay'") == 1
    assert "interop_fhir.replay" in app.tasks


def test_the_bytes_come_back_as_they_came(desk, waiting):
    with acting_as(desk.practice.owner) as owner:
        name, content = original_of(owner, waiting.id)

    assert content == encoded(BAD)
    assert name.startswith("Observation-")


@pytest.mark.parametrize(
    "act",
    [ask_to_replay, partial(dismiss, reason="Not ours"), take_back_dismissal, partial(mend, words="{}")],
)
def test_who_may_not_import_settles_nothing(desk, waiting, act):
    actor = desk.practice.everywhere
    with acting_as(actor), pytest.raises(Forbidden):
        act(actor=actor, quarantined_id=waiting.id)
    with acting_as(actor), pytest.raises(Forbidden):
        original_of(actor, waiting.id)

    assert status_of(desk, waiting) == "waiting"


def test_what_is_not_there(desk):
    with acting_as(desk.practice.owner) as owner, pytest.raises(NotFound):
        dismiss(actor=owner, quarantined_id=desk.practice.north, reason="Not ours")


def test_references_that_only_their_file_explains_still_lead_there(desk):
    """A bundle may call a resource by an address that is not its id."""
    text = {
        "resourceType": "Bundle",
        "entry": [
            {"fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000001", "resource": patient()},
            {"resource": resource("Observation", effectiveDateTime="2999", subject={
                "reference": "urn:uuid:00000000-0000-4000-8000-000000000001"})},
        ],
    }  # fmt: skip
    report = desk.run(text)
    (waits,) = report.quarantined
    mended = encoded(
        resource("Observation", subject={"reference": "urn:uuid:00000000-0000-4000-8000-000000000001"})
    )

    replay(waits.id, asked_by=desk.practice.owner.user_id, channel="test", mended=mended)

    assert desk.rows("observation")[0].patient_id == desk.patients()[0].pk


def test_a_refusal_is_an_answer_that_the_worker_does_not_ask_for_again(desk, waiting):
    asked = {"quarantined_id": str(waiting.id), "asked_by": str(desk.practice.owner.user_id)}
    with acting_as(desk.practice.owner) as owner:
        ask_to_replay(actor=owner, quarantined_id=waiting.id)

    replay_job(**asked)

    with acting_as(desk.practice.owner):
        row = Quarantined.objects.get(pk=waiting.id)
    assert row.status == "waiting"
    assert row.replay_asked_at
    assert row.tried_at
    assert row.replay_asked_at <= row.tried_at

    with acting_as(desk.practice.owner) as owner:
        dismiss(actor=owner, quarantined_id=waiting.id, reason="Not ours")
    replay_job(**asked)
    assert status_of(desk, waiting) == "dismissed"


def test_a_crash_is_raised_to_be_tried_again(desk, waiting, monkeypatch):
    def crash(*_, **__):
        raise OSError("the disk is full")

    monkeypatch.setattr(replaying, "attempt", crash)

    with pytest.raises(OSError, match="full"):
        replay_job(quarantined_id=str(waiting.id), asked_by=str(desk.practice.owner.user_id))


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
def test_dismissing_takes_a_reason(desk, waiting, reason):
    with acting_as(desk.practice.owner) as owner, pytest.raises(Invalid):
        dismiss(actor=owner, quarantined_id=waiting.id, reason=reason)

    assert status_of(desk, waiting) == "waiting"
