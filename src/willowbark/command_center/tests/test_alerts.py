"""Alerts: raised and cleared by what happens, owned by somebody, answered once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from willowbark.catalog.testing import make_products, new_product
from willowbark.command_center import selectors, services
from willowbark.command_center.models import Alert, Cover
from willowbark.foundation import clock, explaining, worker
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Reach
from willowbark.foundation.ids import uuid7
from willowbark.foundation.testing import at_once
from willowbark.inventory.testing import put_on_shelf
from willowbark.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from willowbark.metrics.services import count_protocol
from willowbark.metrics.testing import end, line, make_signed, work
from willowbark.patients.testing import first_wall_down, make_patient, put_into_care
from willowbark.practice.services import set_active
from willowbark.practice.testing import make_practice, make_staff, staff_of

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock():
    with clock.at(NOW):
        yield


def product_of(practice):
    (product,) = make_products(practice.owner, new_product())
    return product.id


@pytest.fixture
def product(practice):
    return product_of(practice)


@pytest.fixture
def patient(practice):
    patient = make_patient(practice).pk
    put_into_care(practice, patient, practice.practitioner, practice.other_practitioner)
    return patient


def sign(practice, patient, *products, **said):
    lines = [line(one, **said) for one in products]
    at = clock.now()
    return make_signed(
        practice.practitioner, patient, practice.north, opened_at=at, signed_at=at, lines=lines
    )


def refresh(practice, *products, site=None) -> bool:
    with acting_as(practice.system) as actor:
        return services.refresh_cover(
            actor=actor, site_id=site or practice.north, product_ids=set(products) or None
        )


def seen(actor):
    with acting_as(actor):
        return selectors.alerts(actor)


def answered(actor, alert, *, state="acted", reason="Ordered"):
    with acting_as(actor):
        services.answer(actor=actor, site_id=alert.site_id, alert_id=alert.id, state=state, reason=reason)


def test_what_the_shelf_does_not_cover_has_an_owner_a_due_date_and_a_next_action(practice, patient, product):
    sign(practice, patient, product)
    assert refresh(practice, product)
    (alert,) = seen(practice.owner)

    assert alert.owner_name == "Olive Owner"
    assert alert.due_on == NOW.date() + timedelta(days=2)
    assert alert.next_action.startswith("Order it")
    assert (alert.figure_text, alert.threshold_text) == ("0 containers", "1 container")
    assert alert.may_answer


def test_it_clears_by_itself_when_stock_comes_and_comes_back_when_it_goes(practice, patient, product):
    sign(practice, patient, product)
    refresh(practice, product)
    put_on_shelf(practice.dispensary, practice.north, product, 1)
    assert refresh(practice, product)
    assert seen(practice.owner) == ()

    another = make_patient(practice).pk
    put_into_care(practice, another, practice.practitioner)
    sign(practice, another, product)
    refresh(practice, product)
    (alert,) = seen(practice.owner)
    assert (alert.figure_text, alert.threshold_text) == ("1 container", "2 containers")
    with acting_as(practice.system):
        assert sorted(Alert.objects.values_list("state", flat=True)) == ["cleared", "open"]


def test_an_open_alert_is_kept_current_and_there_is_one_of_it(practice, patient, product):
    sign(practice, patient, product)
    refresh(practice, product)
    assert not refresh(practice, product)
    other = make_patient(practice).pk
    put_into_care(practice, other, practice.practitioner)
    sign(practice, other, product)
    assert refresh(practice, product)
    (alert,) = seen(practice.owner)

    assert alert.threshold_text == "2 containers"
    assert alert.opened_text == "0 containers, threshold 1 container"


def test_what_ends_needs_nothing_any_more(practice, patient, product):
    protocol = sign(practice, patient, product)
    refresh(practice, product)
    with acting_as(practice.practitioner) as actor:
        end(actor, patient, protocol, at=clock.now())
    refresh(practice, product)

    assert seen(practice.owner) == ()
    with acting_as(practice.system):
        assert Cover.objects.get().outstanding_containers == 0


def test_stock_of_another_site_covers_nothing_here(practice, patient, product):
    put_on_shelf(practice.owner, practice.south, product, 9)
    sign(practice, patient, product)
    refresh(practice, product)
    refresh(practice, product, site=practice.south)

    assert len(seen(practice.owner)) == 1


def test_what_expires_does_not_cover(practice, patient, product):
    put_on_shelf(practice.dispensary, practice.north, product, 5, expires_on=NOW.date() + timedelta(days=3))
    sign(practice, patient, product)
    refresh(practice, product)
    assert seen(practice.owner) == ()
    with clock.at(NOW + timedelta(days=5)):
        with acting_as(practice.system) as actor:
            assert services.review(actor=actor)
        assert len(seen(practice.owner)) == 1


def slow(practice, patient, count, minutes, *, first=0):
    """So many protocols of Pia, one a day, each of which took her so many minutes."""
    for at in range(first, first + count):
        begin = NOW - timedelta(days=at + 1)
        signed = begin + timedelta(minutes=minutes)
        seconds = minutes * 60
        work(practice.practitioner, patient, begin, (60, 60), (seconds, seconds))
        protocol = make_signed(
            practice.practitioner, patient, practice.north, opened_at=begin, signed_at=signed
        )
        with acting_as(practice.system) as actor:
            count_protocol(actor=actor, patient_id=patient, protocol_id=protocol)


def decided(practice, patient, count, *, changed, first=0):
    """So many protocols of Pia, an hour apart; whether each was changed by hand."""
    for at in range(first, first + count):
        when = NOW - timedelta(hours=at + 1)
        protocol = make_signed(
            practice.practitioner,
            patient,
            practice.north,
            opened_at=when,
            signed_at=when,
            is_changed=changed,
        )
        with acting_as(practice.system) as actor:
            count_protocol(actor=actor, patient_id=patient, protocol_id=protocol)


def review_overrides(practice) -> bool:
    with acting_as(practice.system) as actor:
        return services.review_work(
            actor=actor,
            kind="override_rate",
            site_id=practice.north,
            practitioner_id=practice.practitioner.user_id,
        )


def test_a_share_of_overrides_beyond_the_band_is_somebodys_to_look_at_on_both_sides(practice, patient):
    decided(practice, patient, 9, changed=False)
    assert not review_overrides(practice)
    decided(practice, patient, 1, changed=False, first=9)
    assert review_overrides(practice)
    (low,) = seen(practice.senior)
    assert low.title == "Pia Practitioner changes protocols by hand less than is healthy"
    assert (low.figure_text, low.threshold_text) == ("0 %", "40 %")
    assert low.owner_name in {"Eve Everywhere", "Sage Senior"}
    assert low.due_on == NOW.date() + timedelta(days=14)
    assert "was each draft read" in low.next_action
    with acting_as(practice.owner) as actor:
        why = explaining.explain(actor, low.why)
        assert "more than 60 %" in why.rule_text
        assert not all(each.is_verified for each in why.sources)
        figure = explaining.explain(actor, why.facts[0].why)
        assert figure.figure_text == "0 %, 0 of 10 protocols"
        piece = explaining.explain(actor, figure.facts[0].why)
        assert "stands in the patient's record" in piece.facts[0].text

    decided(practice, patient, 20, changed=True, first=10)
    assert review_overrides(practice)
    (high,) = seen(practice.practitioner)
    assert (high.id, high.figure_text, high.threshold_text) == (low.id, "67 %", "60 %")
    assert high.title.endswith("more than is healthy")
    assert "which Master Protocol should say otherwise" in high.next_action
    assert not high.may_answer

    decided(practice, patient, 10, changed=False, first=30)
    assert review_overrides(practice)
    assert seen(practice.owner) == ()


def review_time(practice) -> bool:
    with acting_as(practice.system) as actor:
        return services.review_work(
            actor=actor,
            kind="protocol_time",
            site_id=practice.north,
            practitioner_id=practice.practitioner.user_id,
        )


def test_protocols_that_take_too_long_are_somebodys_to_look_at(practice, patient):
    slow(practice, patient, 2, 20)
    assert not review_time(practice)
    slow(practice, patient, 1, 20, first=2)
    assert review_time(practice)
    (alert,) = seen(practice.senior)

    assert alert.title == "Protocols take Pia Practitioner longer than they should"
    assert (alert.figure_text, alert.threshold_text) == ("20 min", "15 min")
    assert alert.owner_name in {"Eve Everywhere", "Sage Senior"}
    assert alert.due_on == NOW.date() + timedelta(days=7)


def test_it_is_seen_by_whose_it_is_and_by_who_leads(practice, patient):
    slow(practice, patient, 3, 20)
    review_time(practice)

    for actor in (practice.owner, practice.senior, practice.practitioner):
        assert len(seen(actor)) == 1
    assert seen(practice.other_practitioner) == ()
    with acting_as(practice.other_practitioner), first_wall_down():
        assert not Alert.objects.exists()
    assert not seen(practice.practitioner)[0].may_answer


def test_protocols_within_the_benchmark_raise_nothing_and_clear_what_was_raised(practice, patient):
    slow(practice, patient, 3, 20)
    review_time(practice)
    slow(practice, patient, 9, 10, first=3)
    assert review_time(practice)

    assert seen(practice.owner) == ()


def test_what_has_left_the_weeks_that_count_clears(practice, patient):
    slow(practice, patient, 3, 20)
    review_time(practice)
    with clock.at(NOW + timedelta(days=40)):
        with acting_as(practice.system) as actor:
            services.review(actor=actor)
        assert seen(practice.owner) == ()


@pytest.fixture
def alert(practice, patient, product):
    sign(practice, patient, product)
    refresh(practice, product)
    return seen(practice.owner)[0]


def test_an_answer_closes_it_with_who_when_and_what(practice, alert):
    answered(practice.owner, alert, reason="  Ordered 24 from the supplier ")

    assert seen(practice.owner) == ()
    with acting_as(practice.owner) as actor:
        closed = selectors.alert(actor, alert.site_id, alert.id)
    assert (closed.state, closed.close_reason) == ("acted", "Ordered 24 from the supplier")
    assert closed.closed_by_name == "Olive Owner"
    assert closed.closed_at == NOW


def test_the_same_answer_again_changes_nothing_and_another_is_refused(practice, alert):
    answered(practice.owner, alert)
    answered(practice.owner, alert)
    with pytest.raises(Conflict):
        answered(practice.owner, alert, state="dismissed", reason="No need")


def test_what_was_acted_on_rests_until_it_was_due(practice, alert, product):
    answered(practice.owner, alert)
    refresh(practice, product)
    assert seen(practice.owner) == ()
    with clock.at(NOW + timedelta(days=3)):
        refresh(practice, product)
        (again_raised,) = seen(practice.owner)
    assert again_raised.id != alert.id


def test_what_was_dismissed_rests_until_it_has_cleared(practice, alert, product, patient):
    answered(practice.owner, alert, state="dismissed", reason="It comes tomorrow")
    with clock.at(NOW + timedelta(days=10)):
        refresh(practice, product)
        assert seen(practice.owner) == ()
        put_on_shelf(practice.dispensary, practice.north, product, 1)
        refresh(practice, product)
        sign(practice, patient, product, units_a_day=10)
        refresh(practice, product)
        assert len(seen(practice.owner)) == 1


@pytest.mark.parametrize(
    ("state", "reason", "error"),
    [
        ("acted", "", Invalid),
        ("acted", "   ", Invalid),
        ("acted", "x" * 301, Invalid),
        ("cleared", "By itself", Invalid),
        ("open", "Again", Invalid),
    ],
)
def test_an_answer_without_words_is_none(practice, alert, state, reason, error):
    with pytest.raises(error):
        answered(practice.owner, alert, state=state, reason=reason)

    assert len(seen(practice.owner)) == 1


def test_who_neither_owns_nor_leads_answers_nothing_past_either_wall(practice, alert):
    for actor in (practice.practitioner, practice.coach, practice.front_desk, practice.dispensary):
        with pytest.raises((Forbidden, NotFound)):
            answered(actor, alert)
        with acting_as(actor), first_wall_down():
            assert Alert.objects.update(state="acted") == 0
    elsewhere = make_staff(
        practice.owner, role="senior_practitioner", reach=Reach.SITE, site_id=practice.south
    )
    with pytest.raises(NotFound):
        answered(elsewhere, alert)
    assert seen(elsewhere) == ()

    assert len(seen(practice.owner)) == 1
    answered(practice.senior, alert)


def test_nobody_but_the_system_judges(practice, product):
    for actor in (practice.owner, practice.senior):
        with acting_as(actor), pytest.raises(Forbidden):
            services.refresh_cover(actor=actor, site_id=practice.north)
        with acting_as(actor), pytest.raises(Forbidden):
            services.review(actor=actor)


def test_the_database_keeps_one_open_alert_of_a_subject_and_no_closed_one_without_words(practice, alert):
    with acting_as(practice.system):
        row = Alert.objects.get()
        row.pk, row._state.adding = uuid7(), True
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)
        with pytest.raises(IntegrityError), transaction.atomic():
            Alert.objects.update(state="dismissed", closed_at=NOW, closed_by=practice.owner.user_id)


def test_an_open_alert_goes_to_another_when_whoever_had_it_has_left(practice, patient, product):
    aaron = make_staff(practice.owner, role="owner", name="Aaron Another")
    sign(practice, patient, product)
    refresh(practice, product)
    assert seen(practice.owner)[0].owner_name == "Aaron Another"
    with acting_as(practice.owner) as actor:
        set_active(actor=actor, staff_id=staff_of(aaron), is_active=False)

    assert refresh(practice, product)
    assert seen(practice.owner)[0].owner_name == "Olive Owner"
    assert not refresh(practice, product)


def explained(actor, asked):
    with acting_as(actor):
        return explaining.explain(actor, asked)


def test_an_alert_opens_to_its_facts_its_threshold_and_its_source(practice, alert):
    said = explained(practice.owner, alert.why)

    assert said.figure_text == "0 containers, threshold 1 container"
    assert "fewer than the containers" in said.rule_text
    assert [source.is_verified for source in said.sources] == [True, True]
    cover = explained(practice.owner, said.facts[0].why)
    assert "3 signed for and not handed out yet, by 1 protocol in force" in [one.text for one in cover.facts]
    assert cover.facts[0].why.startswith("shelf:")
    assert explained(practice.owner, str(alert.id)).title == said.title
    assert explained(practice.practitioner, "cover:all").figure_text.startswith("0 of 1 products")
    for asked in (alert.why, str(alert.id), "cover:all"):
        with pytest.raises(NotFound):
            explained(practice.front_desk, asked)


def test_the_alert_of_protocol_time_says_that_its_benchmark_is_a_vendors_own(practice, patient):
    slow(practice, patient, 3, 20)
    review_time(practice)
    said = explained(practice.senior, seen(practice.senior)[0].why)

    assert [source.is_verified for source in said.sources] == [False]
    figure = explained(practice.senior, said.facts[0].why)
    assert figure.figure_text == "20 min on average, over 3 protocols"


def test_the_worker_raises_and_clears_what_happens_and_once(fresh_database):
    practice = make_practice()
    product = product_of(practice)
    patient = make_patient(practice).pk
    put_into_care(practice, patient, practice.practitioner)
    sign(practice, patient, product)
    assert worker.settle(practice.system)
    assert len(seen(practice.owner)) == 1
    put_on_shelf(practice.dispensary, practice.north, product, 2)
    assert worker.settle(practice.system)
    assert seen(practice.owner) == ()
    with acting_as(practice.system):
        assert Alert.objects.count() == 1


def test_eight_who_look_at_once_raise_one_alert(fresh_database):
    practice = make_practice()
    product = product_of(practice)
    patient = make_patient(practice).pk
    put_into_care(practice, patient, practice.practitioner)
    sign(practice, patient, product)

    def look(_):
        with clock.at(NOW):
            refresh(practice, product)

    assert at_once(8, look) == [None] * 8
    assert len(seen(practice.owner)) == 1
