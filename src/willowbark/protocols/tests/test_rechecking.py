"""What was safe when it was signed is looked at again whenever something changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from willowbark.foundation import clock, outbox
from willowbark.foundation.acting import acting_as
from willowbark.foundation.models import AccessEntry
from willowbark.inventory.selectors import site_day
from willowbark.kernel.errors import Forbidden
from willowbark.kernel.partial_date import parse_partial_date
from willowbark.knowledge.core.release import Interaction
from willowbark.knowledge.selectors import release
from willowbark.patients.testing import link, make_patient, put_into_care
from willowbark.practice.selectors import system_actor
from willowbark.protocols.handlers import recheck_after_entry
from willowbark.protocols.models import ProtocolConcern, RecheckedRelease
from willowbark.protocols.selectors.concerns import concerns
from willowbark.protocols.selectors.considering import person_now
from willowbark.protocols.selectors.signed import current_protocol
from willowbark.protocols.services import rechecking, releases
from willowbark.protocols.services.drafts import open_draft
from willowbark.protocols.services.rechecking import recheck, recheck_many
from willowbark.protocols.services.releases import remember_release, touched_by_release, touched_since
from willowbark.protocols.services.signing import end_protocol
from willowbark.protocols.testing import make_protocol
from willowbark.record.events import EntryAdded, EntryVoided
from willowbark.record.services.voiding import void_entry
from willowbark.record.testing import make_entry
from willowbark.worklist.models import Task
from willowbark.worklist.services import dismiss_task

HANDLERS = "willowbark.protocols.handlers.recheck"
BORN = parse_partial_date("1970-05-05")


@pytest.fixture
def me(practice):
    return practice.practitioner


@pytest.fixture
def system(practice):
    with acting_as(practice.everywhere):
        return system_actor("worker")


def somebody(practice, me):
    patient = make_patient(practice, birth_date=BORN).pk
    put_into_care(practice, patient, me)
    return patient


@pytest.fixture
def patient(practice, me):
    return somebody(practice, me)


def looked_at(system, patient):
    with acting_as(system) as actor:
        return recheck(actor=actor, patient_id=patient)


def rows(practice, model, patient):
    with acting_as(practice.everywhere):
        return list(model.objects.filter(patient=patient).order_by("id"))


def tasks(practice, patient, state="open"):
    return [each for each in rows(practice, Task, patient) if each.kind == "recheck" and each.state == state]


def gives(protocol, *words):
    return [line for line in protocol.lines if any(word in line.product_name.lower() for word in words)]


def test_a_protocol_that_was_just_signed_gives_no_concern(practice, me, system, patient):
    make_entry(me, patient, "medication", text="Levothyroxine Sodium 0.075 MG Oral Tablet")
    make_entry(me, patient, "medication", text="Foobarium")
    make_protocol(me, patient, ("thyroid_support",))
    assert looked_at(system, patient) == ()
    assert not tasks(practice, patient)


def test_a_new_drug_that_must_not_meet_what_is_taken_becomes_a_task_of_who_signed(
    practice, me, system, patient
):
    protocol = make_protocol(me, patient, ("thyroid_support",))
    assert gives(protocol, "selen", "zinc", "iron", "magnesium")
    make_entry(me, patient, "medication", text="Levothyroxine Sodium 0.075 MG Oral Tablet")
    assert looked_at(system, patient)

    concerns = rows(practice, ProtocolConcern, patient)
    filed = tasks(practice, patient)
    assert {each.task_id for each in concerns} == {each.pk for each in filed}
    assert {each.owner_id for each in filed} == {me.user_id}
    assert all(each.source_id == protocol.id and "evothyroxine" in each.detail for each in filed)
    assert all(each.due_on >= site_day(practice.north) for each in filed)

    assert looked_at(system, patient) == ()
    assert len(tasks(practice, patient)) == len(filed), "the same concern is asked about twice"


def test_something_that_nobody_can_check_is_asked_about_too(practice, me, system, patient):
    make_protocol(me, patient)
    make_entry(me, patient, "medication", text="Foobarium 20 MG")
    looked_at(system, patient)
    (task,) = tasks(practice, patient)
    assert "Foobarium" in task.title
    (concern,) = rows(practice, ProtocolConcern, patient)
    assert (concern.severity, concern.kind) == ("", "not_checked")


def test_what_was_dismissed_returns_only_with_other_facts(practice, me, system, patient):
    make_protocol(me, patient)
    make_entry(me, patient, "medication", text="Foobarium 20 MG")
    looked_at(system, patient)
    (task,) = tasks(practice, patient)
    with acting_as(me) as actor:
        dismiss_task(actor=actor, patient_id=patient, task_id=task.pk, reason="It is a placebo.")
    make_entry(me, patient, "medication", text="Foobarium 20 MG")
    assert looked_at(system, patient) == ()
    assert not tasks(practice, patient)

    make_entry(me, patient, "medication", text="Bazbarium 5 MG")
    assert len(looked_at(system, patient)) == 1
    (other,) = tasks(practice, patient)
    assert "Bazbarium" in other.title


def test_a_concern_about_what_never_was_so_is_closed_with_its_task(practice, me, system, patient):
    make_protocol(me, patient)
    entry = make_entry(me, patient, "medication", text="Foobarium 20 MG")
    looked_at(system, patient)
    with acting_as(me) as actor:
        void_entry(
            actor=actor, kind="medication", patient_id=patient, entry_id=entry, reason="another patient's"
        )
    assert looked_at(system, patient) == ()
    assert not tasks(practice, patient)
    (closed,) = tasks(practice, patient, "dismissed")
    assert closed.close_reason == "It is no longer so."
    (concern,) = rows(practice, ProtocolConcern, patient)
    assert concern.gone_at is not None


def test_what_was_no_longer_so_and_is_again_is_asked_again(practice, me, system, patient):
    make_protocol(me, patient)
    entry = make_entry(me, patient, "medication", text="Foobarium 20 MG")
    looked_at(system, patient)
    with acting_as(me) as actor:
        void_entry(
            actor=actor, kind="medication", patient_id=patient, entry_id=entry, reason="another patient's"
        )
    looked_at(system, patient)
    assert not tasks(practice, patient)
    make_entry(me, patient, "medication", text="Foobarium 20 MG")
    assert len(looked_at(system, patient)) == 1
    assert len(tasks(practice, patient)) == 1


def test_what_asks_to_stop_comes_first_then_what_weighs_most_with_the_reason(practice, me, system, patient):
    protocol = make_protocol(me, patient, ("metabolic_health",))
    for text in (
        "Foobarium 20 MG",
        "Warfarin Sodium 5 MG Oral Tablet",
        "Lithium Carbonate 300 MG Oral Tablet",
    ):
        make_entry(me, patient, "medication", text=text)
    make_entry(me, patient, "condition", text="Normal pregnancy", code="72892002")
    looked_at(system, patient)
    with acting_as(me) as actor:
        shown = concerns(actor, patient, protocol.id)
    assert len(shown) > 3
    order = [(not each.is_stop, -each.weight) for each in shown]
    assert order == sorted(order)
    assert all(each.because.endswith(".") for each in shown)
    by_task = {each.pk: each.detail for each in tasks(practice, patient)}
    assert all(each.because.rstrip(".") in by_task[each.task_id] for each in shown)


def test_what_happens_to_one_row_of_a_person_is_heard_of_on_the_other(practice, me, system, patient):
    make_protocol(me, patient)
    merged = make_patient(practice).pk
    make_entry(me, patient, "medication", text="Foobarium 20 MG")
    link(practice, merged, to=patient)
    assert len(looked_at(system, merged)) == 1


def test_two_rows_with_a_protocol_each_ask_today_which_of_them_stands_once_they_are_one_person(
    practice, me, system, patient
):
    """Otherwise somebody takes what both hold twice, and nobody is told."""
    other = make_patient(practice).pk
    put_into_care(practice, other, me)
    kept = [make_protocol(me, each) for each in (patient, other)]
    assert looked_at(system, patient) == ()
    link(practice, other, to=patient)
    assert len(looked_at(system, patient)) == 2
    filed = [*tasks(practice, patient), *tasks(practice, other)]
    assert [each.due_on for each in filed] == [site_day(practice.north)] * 2
    assert all("is in force for the same person too" in each.detail for each in filed)
    with acting_as(me) as actor:
        end_protocol(actor=actor, patient_id=other, protocol_id=kept[1].id, reason="The other one stands")
    looked_at(system, patient)
    assert not tasks(practice, patient)


def test_what_happens_to_a_record_is_followed_by_the_worker(practice, me, system, patient):
    make_protocol(me, patient)
    entry = make_entry(me, patient, "medication", text="Foobarium 20 MG")
    with acting_as(system) as actor:
        recheck_after_entry(actor, EntryAdded(patient, entry, "medication"))
    assert len(tasks(practice, patient)) == 1
    with acting_as(me) as actor:
        void_entry(
            actor=actor, kind="medication", patient_id=patient, entry_id=entry, reason="another patient's"
        )
    with acting_as(system) as actor:
        recheck_after_entry(actor, EntryVoided(patient, entry, "medication"))
    assert not tasks(practice, patient)
    asked = {key.partition(":")[2] for key in outbox.handlers() if key.startswith(HANDLERS)}
    assert asked >= {"record.EntryAdded", "record.EntryVoided", "patients.PatientLinked"}


def test_the_tasks_end_with_their_protocol(practice, me, system, patient):
    protocol = make_protocol(me, patient)
    make_entry(me, patient, "medication", text="Foobarium 20 MG")
    looked_at(system, patient)
    with acting_as(me) as actor:
        end_protocol(actor=actor, patient_id=patient, protocol_id=protocol.id, reason="moved away")
    assert not tasks(practice, patient)


def test_an_allergy_to_what_a_product_contains_is_urgent(practice, me, system, patient):
    from willowbark.catalog.selectors import products_by_id

    protocol = make_protocol(me, patient, ("metabolic_health",))
    with acting_as(me) as actor:
        infos = products_by_id(actor, {line.product_id for line in protocol.lines}).values()
    allergens = {key for info in infos for key in info.allergens}
    assert allergens, "no product of this protocol declares an allergen: choose another protocol"
    known = {each.key: each for each in release().allergens}
    make_entry(me, patient, "allergy", text=known[sorted(allergens)[0]].phrases[0])
    looked_at(system, patient)
    urgent = [each for each in rows(practice, ProtocolConcern, patient) if each.kind == "allergen"]
    assert urgent
    assert all(each.severity == "contraindicated" for each in urgent)
    due = {each.pk: each.due_on for each in tasks(practice, patient)}
    assert all(due[each.task_id] == site_day(practice.north) for each in urgent)


def mentioning(practice, patient, words):
    return [each for each in rows(practice, ProtocolConcern, patient) if words in each.text]


def followed(system, patient, kind, entry):
    with acting_as(system) as actor:
        recheck_after_entry(actor, EntryAdded(patient, entry, kind))


def result(me, patient, text, code, **said):
    return make_entry(me, patient, "observation", text=text, code=code, effective_at=clock.now(), **said)


def test_kidneys_that_fail_by_a_result_are_heard_of_before_magnesium_builds_up(practice, me, system, patient):
    protocol = make_protocol(me, patient)
    assert gives(protocol, "magnesium")
    low = result(me, patient, "eGFR", "33914-3", value=21, unit="mL/min/{1.73_m2}")
    followed(system, patient, "observation", low)
    concerns = mentioning(practice, patient, "Estimated GFR 21 mL/min/1.73 m2")
    assert concerns
    assert all(str(low) in each.entry_ids for each in concerns)
    assert {each.task_id for each in concerns} <= {each.pk for each in tasks(practice, patient)}

    with clock.at(clock.now() + timedelta(days=1)):
        normal = result(me, patient, "eGFR", "33914-3", value=95, unit="mL/min/{1.73_m2}")
        followed(system, patient, "observation", normal)
    assert not tasks(practice, patient), "a newer result takes the place of the one before"


def test_a_newer_report_without_a_number_does_not_make_kidneys_well(practice, me, system, patient):
    make_protocol(me, patient)
    low = result(me, patient, "eGFR", "33914-3", value=21, unit="mL/min/{1.73_m2}")
    followed(system, patient, "observation", low)
    before = tasks(practice, patient)
    with clock.at(clock.now() + timedelta(days=1)):
        report = result(me, patient, "eGFR", "33914-3", value_text="see the report")
        followed(system, patient, "observation", report)
        assert before
        assert tasks(practice, patient) == before


def test_a_dismissed_result_returns_when_it_is_another_one_and_not_when_it_is_measured_again(
    practice, me, system, patient
):
    make_protocol(me, patient)
    egfr = {"text": "eGFR", "code": "33914-3", "unit": "mL/min/{1.73_m2}"}
    followed(system, patient, "observation", result(me, patient, **egfr, value=21))
    filed = tasks(practice, patient)
    with acting_as(me) as pia:
        for task in filed:
            dismiss_task(actor=pia, patient_id=patient, task_id=task.pk, reason="The nephrologist knows.")
    for days, value, returns in ((1, 21, False), (2, 9, True)):
        with clock.at(clock.now() + timedelta(days=days)):
            followed(system, patient, "observation", result(me, patient, **egfr, value=value))
            assert bool(tasks(practice, patient)) is returns


def test_a_result_that_is_voided_takes_its_tasks_along(practice, me, system, patient):
    make_protocol(me, patient)
    low = result(me, patient, "eGFR", "33914-3", value=21, unit="mL/min/{1.73_m2}")
    followed(system, patient, "observation", low)
    assert tasks(practice, patient)
    with acting_as(me) as pia:
        void_entry(
            actor=pia, patient_id=patient, kind="observation", entry_id=low, reason="Another person's."
        )
    with acting_as(system) as actor:
        recheck_after_entry(actor, EntryVoided(patient, low, "observation"))
    assert not tasks(practice, patient)


def test_a_result_that_no_rule_speaks_of_is_not_looked_at(practice, me, system, patient):
    make_protocol(me, patient)
    weight = make_entry(me, patient, "observation", text="Weight", code="29463-7", value=70, unit="kg")
    followed(system, patient, "observation", weight)
    with acting_as(practice.owner):
        assert not AccessEntry.objects.filter(action="protocols.rechecked", patient_id=patient)


def test_a_pregnancy_is_heard_of_while_something_forbidden_in_it_is_taken(practice, me, system, patient):
    protocol = make_protocol(me, patient, ("stress_resilience",))
    assert gives(protocol, "ashwagandha", "rhodiola")
    test = result(me, patient, "Pregnancy test", "2106-3", value=None, unit="", value_text="Positive")
    followed(system, patient, "observation", test)
    assert any(str(test) in each.entry_ids for each in mentioning(practice, patient, "pregnan"))
    assert tasks(practice, patient)


def test_a_diagnosis_becomes_a_task_when_what_is_taken_worsens_it(practice, me, system, patient):
    make_protocol(me, patient)
    entry = make_entry(me, patient, "condition", text="Chronic kidney disease stage 4", code="431857002")
    followed(system, patient, "condition", entry)
    assert mentioning(practice, patient, "idney disease")
    assert tasks(practice, patient)


def test_who_may_not_check_anew_changes_nothing(practice, me, patient):
    make_protocol(me, patient)
    make_entry(me, patient, "medication", text="Foobarium 20 MG")
    with acting_as(me) as actor, pytest.raises(Forbidden):
        recheck(actor=actor, patient_id=patient)
    assert not rows(practice, ProtocolConcern, patient)
    assert not tasks(practice, patient)


def test_each_look_at_a_record_is_in_the_access_log(practice, me, system, patient):
    make_protocol(me, patient)
    looked_at(system, patient)
    with acting_as(practice.owner):
        assert AccessEntry.objects.filter(action="protocols.rechecked", patient_id=patient).count() == 1


def test_a_patient_without_a_protocol_is_left_alone(practice, me, system, patient):
    make_entry(me, patient, "medication", text="Foobarium 20 MG")
    assert looked_at(system, patient) == ()
    with acting_as(practice.owner):
        assert not AccessEntry.objects.filter(action="protocols.rechecked", patient_id=patient)


# --- releases of the knowledge


def with_new(monkeypatch, *interactions):
    known = release()
    new = replace(known, id="f" * 64, interactions=(*known.interactions, *interactions))
    for module in (rechecking, releases):
        monkeypatch.setattr(module, "release_in_force", lambda: new)
    return new


def interaction(subject, other_key):
    like = next(each for each in release().interactions if each.other_kind == "drug")
    assert isinstance(like, Interaction)
    return replace(
        like, key="new/one", subject=subject, other_key=other_key, severity="major", management="avoid"
    )


def test_a_new_interaction_files_tasks_for_exactly_those_it_touches(practice, me, system, monkeypatch):
    touched, without_drug, without_product = (somebody(practice, me) for _ in range(3))
    for patient in (touched, without_product):
        make_entry(me, patient, "medication", text="Metformin hydrochloride 500 MG Oral Tablet")
    for patient in (touched, without_drug):
        make_protocol(me, patient, ("restorative_sleep",))
    make_protocol(me, without_product, ("thyroid_support",))
    with acting_as(system) as actor:
        assert set(touched_by_release(actor).patient_ids) >= {touched, without_drug, without_product}
        remember_release(actor=actor)
        assert touched_by_release(actor).patient_ids == ()

    with acting_as(me) as actor:
        current = current_protocol(actor, touched)
        other = current_protocol(actor, without_product)
    assert current is not None
    assert other is not None
    held, elsewhere = (ingredients_held(me, each) for each in (current, other))
    with_new(monkeypatch, interaction(sorted(held - elsewhere)[0], "metformin"))
    with acting_as(system) as actor:
        looked = touched_by_release(actor)
        assert set(looked.patient_ids) == {touched, without_drug}
        assert looked.about == frozenset({"new/one"})
        found = recheck_many(actor=actor, patient_ids=looked.patient_ids, about=looked.about)
        assert len(found) == 1
        assert recheck_many(actor=actor, patient_ids=looked.patient_ids, about=looked.about) == ()
        remember_release(actor=actor)
        assert touched_by_release(actor).patient_ids == ()
    assert [len(tasks(practice, each)) for each in (touched, without_drug, without_product)] == [1, 0, 0]
    with acting_as(practice.everywhere):
        assert RecheckedRelease.objects.count() == 2


def ingredients_held(me, protocol):
    from willowbark.catalog.selectors import products_by_id

    with acting_as(me) as actor:
        infos = products_by_id(actor, {line.product_id for line in protocol.lines}).values()
    return {each.ingredient_key for info in infos for each in info.ingredients}


def test_after_an_import_only_those_with_something_new_are_looked_at(practice, me, system):
    old, new = (somebody(practice, me) for _ in range(2))
    for patient in (old, new):
        make_protocol(me, patient)
    at = clock.now()
    with clock.at(at + timedelta(seconds=1)):
        make_entry(me, new, "medication", text="Foobarium 20 MG")
    with acting_as(system) as actor:
        assert touched_since(actor, at).patient_ids == (new,)


def test_a_birthday_begins_at_the_practice_s_midnight_and_not_at_greenwich(practice, me):
    """Limits of an adult are up to twice those of a child: five hours early is too early."""
    patient = make_patient(practice, birth_date=parse_partial_date("2007-11-23")).pk
    put_into_care(practice, patient, me)
    ages = []
    for instant in ("2026-11-23T02:00:00+00:00", "2026-11-23T06:00:00+00:00"):
        with clock.at(datetime.fromisoformat(instant)), acting_as(me) as pia:
            draft = open_draft(actor=pia, patient_id=patient)
            ages.append(person_now(pia, draft)["age_years"])
    assert ages == [18, 19]
