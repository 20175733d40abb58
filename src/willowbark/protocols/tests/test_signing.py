from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from willowbark.catalog.core.reading import demo_products
from willowbark.catalog.services import retire_product
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import AccessEntry, OutboxMessage
from willowbark.inventory.selectors import site_day
from willowbark.kernel.errors import Forbidden, Invalid, NotFound, RequestKeyReused
from willowbark.kernel.partial_date import parse_partial_date
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.practice.testing import today_there
from willowbark.protocols.core import checking, solving
from willowbark.protocols.core import plan as plans
from willowbark.protocols.core import problem as problems
from willowbark.protocols.core.review import CannotBeSigned, NotAcknowledged
from willowbark.protocols.models import Composition, Draft, SignedProtocol
from willowbark.protocols.selectors.compositions import composition, stored_problem
from willowbark.protocols.selectors.signed import content_of, current_protocol, protocol, protocols
from willowbark.protocols.services.composing import NoMasters, compose
from willowbark.protocols.services.drafts import DraftClosed, change_draft, open_draft, set_draft_aside
from willowbark.protocols.services.signing import (
    Infeasible,
    StaleComposition,
    end_protocol,
    sign,
)
from willowbark.protocols.testing import make_composition, make_protocol, sign_composition, words_for
from willowbark.record.services.voiding import void_entry
from willowbark.record.testing import make_entry
from willowbark.worklist.models import Task
from willowbark.worklist.services import file_task, finish_task

BORN = parse_partial_date("1970-05-05")
THYROID = ("thyroid_support",)


@pytest.fixture
def me(practice):
    return practice.practitioner


@pytest.fixture
def patient(practice):
    patient = make_patient(practice, birth_date=BORN).pk
    put_into_care(practice, patient, practice.practitioner, practice.coach)
    return patient


def signed(actor, view, *, words=None, key=None, **said):
    with acting_as(actor):
        return sign(
            actor=actor,
            patient_id=view.patient_id,
            composition_id=view.id,
            acknowledged=words_for(view) if words is None else words,
            request_key=key or uuid7(),
            **said,
        )


def rows(practice, model, patient):
    with acting_as(practice.everywhere):
        return list(model.objects.filter(patient=patient))


def nothing_was_signed(practice, patient) -> bool:
    return (
        not rows(practice, SignedProtocol, patient)
        and not rows(practice, Task, patient)
        and not OutboxMessage.objects.filter(name="protocols.ProtocolSigned")
    )


# --- composing


def test_a_composition_keeps_problem_plan_and_situation_whole_and_sound(practice, me, patient):
    drug = make_entry(me, patient, "medication", text="Levothyroxine Sodium 0.075 MG Oral Tablet")
    view = make_composition(me, patient, THYROID)

    problem, plan = problems.parse(view.problem_bytes), plans.parse(view.plan_bytes)
    assert plan.status == view.status == "proven"
    assert plan.problem_sha256 == problem.sha256 == view.problem_sha256
    assert checking.broken_rules(problem, plan) == ()
    assert solving.solve(problem).to_bytes() == view.plan_bytes
    assert [each["entry_id"] for each in view.situation["drugs"]] == [str(drug)]
    assert set(view.explanation["chosen"]) == {each.product for each in plan.lines}
    assert str(patient) not in view.problem_bytes.decode()
    with acting_as(me) as actor:
        assert composition(actor, patient, view.id).situation == view.situation
        stored = stored_problem(actor, view.id)
    assert (stored.problem, stored.plan) == (view.problem_bytes, view.plan_bytes)


def test_composing_again_while_nothing_changed_keeps_nothing_more(practice, me, patient):
    first, again = (make_composition(me, patient) for _ in range(2))
    assert first.id == again.id
    make_entry(me, patient, "medication", text="Foobarium")
    other = make_composition(me, patient)

    assert other.id != first.id
    assert other.problem_sha256 == first.problem_sha256
    assert other.basis_sha256 != first.basis_sha256
    assert len(rows(practice, Composition, patient)) == 2


def test_nothing_is_composed_of_no_protocol_or_of_a_closed_draft(practice, me, patient):
    with acting_as(me) as actor:
        draft = open_draft(actor=actor, patient_id=patient)
        with pytest.raises(NoMasters):
            compose(actor=actor, patient_id=patient, draft_id=draft.id)
        set_draft_aside(actor=actor, patient_id=patient, draft_id=draft.id)
        with pytest.raises(DraftClosed):
            compose(actor=actor, patient_id=patient, draft_id=draft.id)
    assert rows(practice, Composition, patient) == []


def test_a_composition_never_changes_and_a_signed_line_neither(practice, me, patient):
    made = make_protocol(me, patient)
    for statement in (
        "UPDATE protocols_composition SET plan = ''",
        "DELETE FROM protocols_composition",
        "UPDATE protocols_signedprotocol SET content = ''",
        "UPDATE protocols_signedprotocol SET number = 7",
        "DELETE FROM protocols_signedprotocol",
        "UPDATE protocols_protocolline SET containers = 99",
        "DELETE FROM protocols_protocolline",
    ):
        with (
            acting_as(me),
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    with acting_as(me) as actor:
        assert protocol(actor, patient, made.id) == made


# --- signing


def test_a_signature_makes_a_numbered_hashed_version_with_its_lines(practice, me, patient):
    make_entry(me, patient, "medication", text="Levothyroxine Sodium 0.075 MG Oral Tablet")
    view = make_composition(me, patient, THYROID)
    made = sign_composition(me, view)

    assert (made.number, made.is_in_force, made.signed_by) == (1, True, me.user_id)
    assert made.composition_id == view.id
    assert made.starts_on == site_day(practice.north)
    with acting_as(me) as actor:
        content = content_of(actor, patient, made.id)
        assert current_protocol(actor, patient) == made
    assert hashlib.sha256(content).hexdigest() == made.content_sha256
    said = json.loads(content)
    assert said["problem_sha256"] == view.problem_sha256
    assert said["plan_sha256"] == hashlib.sha256(view.plan_bytes).hexdigest()
    assert said["signed_by"]["name"] == me.name
    assert {each["key"] for each in said["acknowledged"]} == set(words_for(view))
    by_product = {each.product: each for each in view.plan.lines}
    assert {each.product_key for each in made.lines} == set(by_product)
    for line in made.lines:
        planned = by_product[line.product_key]
        assert line.containers == planned.containers
        assert line.units_a_day == planned.units_a_day == sum(units for _, units in line.moments)
        assert line.reasons
        assert line.fact_keys
    assert rows(practice, Draft, patient)[0].state == "signed"


def test_what_is_to_be_watched_becomes_tasks_of_the_signer(practice, me, patient):
    made = sign_composition(me, make_composition(me, patient, THYROID))
    tasks = rows(practice, Task, patient)

    assert {each.title for each in tasks} >= {"TSH and free T4", "25-hydroxyvitamin D"}
    for task in tasks:
        assert task.owner_id == me.user_id
        assert task.kind == "monitoring"
        assert (task.source_kind, task.source_id) == ("protocol", made.id)
        assert task.due_on > made.starts_on
        assert task.next_action


def test_signing_tells_once_and_is_logged(practice, me, patient):
    made = sign_composition(me, make_composition(me, patient))
    (message,) = OutboxMessage.objects.filter(name="protocols.ProtocolSigned")
    assert message.payload == {"patient_id": str(patient), "protocol_id": str(made.id)}
    with acting_as(practice.owner):
        assert AccessEntry.objects.filter(patient_id=patient, action="protocols.signed").count() == 1


def test_signing_again_returns_the_first_and_changes_nothing(practice, me, patient):
    view, key = make_composition(me, patient), uuid7()
    first = signed(me, view, key=key)
    again, with_other_key = signed(me, view, key=key), signed(me, view)

    assert first == again == with_other_key
    assert len(rows(practice, SignedProtocol, patient)) == 1
    assert OutboxMessage.objects.filter(name="protocols.ProtocolSigned").count() == 1


def test_a_new_one_supersedes_the_one_before_and_a_used_key_signs_nothing_else(practice, me, patient):
    key = uuid7()
    first = signed(me, make_composition(me, patient), key=key)
    view = make_composition(me, patient, THYROID)
    with pytest.raises(RequestKeyReused):
        signed(me, view, key=key)
    second = signed(me, view)

    with acting_as(me) as actor:
        new, old = protocols(actor, patient)
        current = current_protocol(actor, patient)
    assert (new.id, new.number, new.supersedes_id) == (second, 2, first)
    assert (old.id, old.number, old.ending, old.end_reason) == (
        first,
        1,
        "superseded",
        "Superseded by protocol 2.",
    )
    assert current is not None
    assert current.id == second
    (ended,) = OutboxMessage.objects.filter(name="protocols.ProtocolEnded")
    assert ended.payload["protocol_id"] == str(first)


def test_what_was_to_be_watched_of_the_one_before_is_dismissed(practice, me, patient):
    first = make_protocol(me, patient, THYROID)
    with acting_as(me) as actor:
        done = next(each for each in rows_of_tasks(patient, first.id) if each.title == "TSH and free T4")
        finish_task(actor=actor, patient_id=patient, task_id=done.pk)
    make_entry(me, patient, "medication", text="Foobarium")
    second = make_protocol(me, patient, THYROID)

    tasks = rows(practice, Task, patient)
    of_first = [each for each in tasks if each.source_id == first.id]
    assert {each.state for each in of_first if each.pk != done.pk} == {"dismissed"}
    assert {each.close_reason for each in of_first if each.pk != done.pk} == {"Superseded by protocol 2."}
    assert [each.state for each in of_first if each.pk == done.pk] == ["done"]
    still_open = [each for each in tasks if each.state == "open"]
    assert {each.source_id for each in still_open} == {second.id}
    assert len({(each.title, each.due_on) for each in still_open}) == len(still_open)


def test_ending_a_protocol_dismisses_its_tasks_with_the_reason(practice, me, patient):
    made = make_protocol(me, patient, THYROID)
    own = file_own_task(me, patient)
    with acting_as(me) as actor:
        end_protocol(actor=actor, patient_id=patient, protocol_id=made.id, reason="x" * 300)

    tasks = {each.pk: each for each in rows(practice, Task, patient)}
    assert tasks.pop(own).state == "open"
    assert {each.state for each in tasks.values()} == {"dismissed"}
    (reason,) = {each.close_reason for each in tasks.values()}
    assert reason.startswith("Protocol 1 was ended: xxx")
    assert len(reason) == 300


def rows_of_tasks(patient, protocol_id):
    return list(Task.objects.filter(patient=patient, source_id=protocol_id))


def file_own_task(actor, patient):
    with acting_as(actor):
        return file_task(
            actor=actor,
            patient_id=patient,
            title="Call about sleep",
            kind="call",
            owner_id=actor.user_id,
            due_on=today_there() + timedelta(days=3),
            next_action="Call",
            request_key=uuid7(),
        )


def test_the_plan_in_force_is_what_change_is_counted_from(practice, me, patient):
    made = make_protocol(me, patient, THYROID)
    view = make_composition(me, patient, THYROID)
    assert view.problem.current == {each.product_key: each.units_a_day for each in made.lines}
    assert view.plan.lines == tuple(view.plan.lines)
    assert {each.product for each in view.plan.lines} == {each.product_key for each in made.lines}


@pytest.mark.parametrize(
    "change",
    ["medication", "allergy", "condition", "draft", "product", "voided"],
)
def test_what_changed_since_makes_a_composition_stale(practice, me, patient, change):
    entry = make_entry(me, patient, "medication", text="Foobarium")
    view = make_composition(me, patient)
    match change:
        case "medication" | "allergy" | "condition":
            make_entry(me, patient, change, text="Something new")
        case "draft":
            with acting_as(me) as actor:
                change_draft(
                    actor=actor,
                    patient_id=patient,
                    draft_id=view.draft_id,
                    change=lambda choices: choices.bound(days=30),
                )
        case "product":
            with acting_as(practice.owner) as owner:
                retire_product(actor=owner, key=view.plan.lines[0].product, reason="Recalled")
        case "voided":
            with acting_as(me) as actor:
                void_entry(actor=actor, patient_id=patient, kind="medication", entry_id=entry, reason="No")
    with pytest.raises(StaleComposition):
        signed(me, view)
    assert nothing_was_signed(practice, patient)


def test_every_thing_that_asks_needs_words(practice, me, patient):
    make_entry(me, patient, "medication", text="Foobarium")
    view = make_composition(me, patient)
    words = words_for(view)
    assert {each.kind for each in view.review if each.key in words} >= {"not_checked", "unverified"}
    for key in words:
        for answer in ("", " ", "ok"):
            with pytest.raises(NotAcknowledged) as refusal:
                signed(me, view, words=words | {key: answer})
            assert refusal.value.field == key
    assert nothing_was_signed(practice, patient)
    signed(me, view)


def without_selenium(choices):
    for product in demo_products():
        if any(each.ingredient_key == "selenium" for each in product.ingredients):
            choices = choices.exclude(product.key)
    return choices


def test_a_foundation_that_is_missed_asks_for_words(practice, me, patient):
    with acting_as(me) as actor:
        draft = open_draft(actor=actor, patient_id=patient, master_keys=THYROID)
        change_draft(
            actor=actor,
            patient_id=patient,
            draft_id=draft.id,
            change=without_selenium,
        )
        view = compose(actor=actor, patient_id=patient, draft_id=draft.id)
    assert any(each.kind == "short" for each in view.review if each.key in words_for(view))
    with pytest.raises(NotAcknowledged):
        signed(me, view, words={key: words for key, words in words_for(view).items() if "short" not in key})


def test_what_cannot_be_met_is_not_signed_and_says_what_clashes(practice, me, patient):
    make_entry(me, patient, "medication", text="Warfarin Sodium 5 MG Oral Tablet")
    with acting_as(me) as actor:
        draft = open_draft(actor=actor, patient_id=patient, master_keys=THYROID)
        change_draft(
            actor=actor,
            patient_id=patient,
            draft_id=draft.id,
            change=lambda choices: choices.include("vitamin_d3_k2"),
        )
        view = compose(actor=actor, patient_id=patient, draft_id=draft.id)
    assert view.status == "infeasible"
    assert "included:vitamin_d3_k2" in view.plan.clash
    with pytest.raises(Infeasible):
        signed(me, view)
    assert nothing_was_signed(practice, patient)


def test_a_child_and_a_plan_of_nothing_are_not_signed(practice, me):
    child = make_patient(practice, birth_date=parse_partial_date("2018-05-05")).pk
    put_into_care(practice, child, me)
    view = make_composition(me, child)
    with pytest.raises(CannotBeSigned, match="18 years"):
        signed(me, view)
    assert nothing_was_signed(practice, child)


def test_the_start_is_today_or_soon(practice, me, patient):
    view, today = make_composition(me, patient), site_day(practice.north)
    for bad in (today - timedelta(days=1), today + timedelta(days=91)):
        with pytest.raises(Invalid) as refusal:
            signed(me, view, starts_on=bad)
        assert refusal.value.field == "starts_on"
    assert nothing_was_signed(practice, patient)
    signed(me, view, starts_on=today + timedelta(days=7))
    (made,) = rows(practice, SignedProtocol, patient)
    assert made.starts_on == today + timedelta(days=7)


@pytest.mark.parametrize("who", ["owner", "front_desk", "dispensary", "health_coach"])
def test_whoever_signs_nothing_signs_nothing(practice, me, patient, who):
    view = make_composition(me, patient)
    with pytest.raises((Forbidden, NotFound)):
        signed(practice.by_role[who], view)
    assert nothing_was_signed(practice, patient)


def test_another_patients_composition_is_not_there(practice, me, patient):
    other = make_patient(practice, birth_date=BORN).pk
    view = make_composition(practice.everywhere, other)
    for patient_id in (patient, other):
        with pytest.raises(NotFound), acting_as(me) as actor:
            sign(
                actor=actor,
                patient_id=patient_id,
                composition_id=view.id,
                acknowledged=words_for(view),
                request_key=uuid7(),
            )


def test_other_compositions_of_a_signed_draft_are_closed(practice, me, patient):
    first = make_composition(me, patient)
    make_entry(me, patient, "medication", text="Foobarium")
    second = make_composition(me, patient)
    signed(me, second)
    with pytest.raises((DraftClosed, StaleComposition)):
        signed(me, first)
    assert len(rows(practice, SignedProtocol, patient)) == 1


# --- ending


def test_a_protocol_is_ended_once_with_a_reason(practice, me, patient):
    made = make_protocol(me, patient)
    for reason in ("Rash after a week", "Something else"):
        with acting_as(me) as actor:
            end_protocol(actor=actor, patient_id=patient, protocol_id=made.id, reason=reason)
    with acting_as(me) as actor:
        ended = protocol(actor, patient, made.id)
        assert current_protocol(actor, patient) is None
    assert (ended.ending, ended.end_reason) == ("ended", "Rash after a week")
    assert OutboxMessage.objects.filter(name="protocols.ProtocolEnded").count() == 1


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
def test_a_protocol_is_not_ended_without_a_reason(practice, me, patient, reason):
    made = make_protocol(me, patient)
    with pytest.raises(Invalid), acting_as(me) as actor:
        end_protocol(actor=actor, patient_id=patient, protocol_id=made.id, reason=reason)
    with acting_as(me) as actor:
        assert protocol(actor, patient, made.id).is_in_force


def test_the_coach_and_the_dispensary_read_what_was_signed_and_not_how_it_was_composed(practice, me, patient):
    view = make_composition(me, patient)
    made = sign_composition(me, view)
    for reader in (practice.coach, practice.dispensary):
        with acting_as(reader) as actor:
            assert protocol(actor, patient, made.id) == made
            with pytest.raises(Forbidden):
                composition(actor, patient, view.id)
    with pytest.raises(Forbidden), acting_as(practice.front_desk) as actor:
        protocol(actor, patient, made.id)


# --- statements


def counted(call) -> int:
    with CaptureQueriesContext(connection) as captured:
        call()
    ends = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
    return sum(not query["sql"].upper().startswith(ends) for query in captured)


def test_composing_asks_for_the_same_number_of_things_whatever_the_record_holds(practice, me, patient):
    counts = []
    for number in range(3):
        for at in range(number * 4):
            make_entry(me, patient, "medication", text=f"Foobarium {number} {at} mg")
        counts.append(counted(lambda: make_composition(me, patient)))
    assert len(set(counts[1:])) == 1
    assert counts[1] == COMPOSE_STATEMENTS


COMPOSE_STATEMENTS = 25


def test_signing_asks_for_the_same_number_of_things_whatever_the_record_holds(practice, me):
    counts = []
    for number in (1, 9):
        patient = make_patient(practice, birth_date=BORN).pk
        put_into_care(practice, patient, me)
        for at in range(number):
            make_entry(me, patient, "medication", text=f"Foobarium {at} mg")
        view = make_composition(me, patient)
        words, key = words_for(view), uuid7()
        counts.append(counted(lambda view=view, words=words, key=key: signed(me, view, words=words, key=key)))
    assert counts[0] == counts[1]
