"""Facts counted: once in effect, whatever is delivered late, twice or out of order."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from willowbark.foundation import worker
from willowbark.foundation.acting import acting_as
from willowbark.foundation.effort import EffortReported
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import Subscription
from willowbark.foundation.testing import all_at_once
from willowbark.kernel.errors import Forbidden, NotFound
from willowbark.metrics import handlers, services
from willowbark.metrics.core.pieces import Sum
from willowbark.metrics.models import MetricDay, MetricPiece
from willowbark.metrics.testing import make_signed, work
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.practice.testing import make_practice
from willowbark.protocols.events import ProtocolSigned

OPENED = datetime(2026, 3, 2, 14, tzinfo=UTC)
SIGNED = OPENED + timedelta(minutes=20)


@pytest.fixture
def patient(practice):
    patient = make_patient(practice).pk
    put_into_care(practice, patient, practice.practitioner, practice.other_practitioner)
    return patient


def signed(practice, patient, *, by=None, at=SIGNED, opened=None, is_changed=False):
    return make_signed(
        by or practice.practitioner,
        patient,
        practice.north,
        opened_at=opened or at - timedelta(minutes=20),
        signed_at=at,
        is_changed=is_changed,
    )


def count(practice, patient, protocol) -> bool:
    with acting_as(practice.system) as actor:
        return services.count_protocol(actor=actor, patient_id=patient, protocol_id=protocol)


def count_time(practice, patient, who) -> bool:
    with acting_as(practice.system) as actor:
        return services.count_effort(actor=actor, patient_id=patient, practitioner_id=who.user_id)


def days(practice) -> dict[tuple[str, UUID | None, date], Sum]:
    with acting_as(practice.system):
        return {
            (row.metric, row.practitioner_id, row.day): Sum(row.count, row.total)
            for row in MetricDay.objects.all()
        }


def test_a_signature_counts_with_the_time_it_took(practice, patient):
    work(practice.practitioner, patient, OPENED, (30, 30), (600, 400))
    assert count(practice, patient, signed(practice, patient))

    pia, day = practice.practitioner.user_id, date(2026, 3, 2)
    assert days(practice) == {
        ("protocols_signed", pia, day): Sum(1, 1),
        ("protocols_signed", None, day): Sum(1, 1),
        ("override_rate", pia, day): Sum(1, 0),
        ("override_rate", None, day): Sum(1, 0),
        ("protocol_time", pia, day): Sum(1, 400),
        ("protocol_time", None, day): Sum(1, 400),
    }


def test_a_protocol_whose_time_was_not_measured_is_no_protocol_that_took_no_time(practice, patient):
    count(practice, patient, signed(practice, patient))

    assert {metric for metric, _, _ in days(practice)} == {"protocols_signed", "override_rate"}


def test_what_was_changed_by_hand_counts_as_one_of_those_signed(practice, patient):
    count(practice, patient, signed(practice, patient, is_changed=True))
    count(practice, patient, signed(practice, patient))

    assert days(practice)["override_rate", None, date(2026, 3, 2)] == Sum(2, 1)


def test_the_day_is_the_sites_own(practice, patient):
    late = datetime(2026, 3, 3, 4, 30, tzinfo=UTC)  # half past eleven in New York
    count(practice, patient, signed(practice, patient, at=late))

    assert {day for _, _, day in days(practice)} == {date(2026, 3, 2)}


def test_only_the_signers_time_on_this_patient_between_opening_and_signature_counts(practice, patient):
    other = make_patient(practice).pk
    put_into_care(practice, other, practice.practitioner)
    work(practice.practitioner, patient, OPENED - timedelta(hours=2), (60, 60), (600, 500))
    work(practice.other_practitioner, patient, OPENED, (60, 60))
    work(practice.practitioner, other, OPENED, (60, 60))
    work(practice.practitioner, patient, SIGNED + timedelta(seconds=61), (60, 60))
    work(practice.practitioner, patient, OPENED, (45, 45))
    count(practice, patient, signed(practice, patient))

    assert days(practice)["protocol_time", None, date(2026, 3, 2)] == Sum(1, 45)


def test_what_is_delivered_again_counts_once(practice, patient):
    work(practice.practitioner, patient, OPENED, (30, 30))
    protocol = signed(practice, patient)
    assert count(practice, patient, protocol)
    before = days(practice)

    assert not count(practice, patient, protocol)
    assert not count_time(practice, patient, practice.practitioner)
    assert days(practice) == before


def test_time_that_is_reported_after_the_signature_is_counted_when_it_arrives(practice, patient):
    visit = work(practice.practitioner, patient, OPENED, (30, 30))
    protocol = signed(practice, patient)
    count(practice, patient, protocol)
    # The last report of the page, sent as it went: two seconds after the signature.
    work(practice.practitioner, patient, OPENED, (1202, 700), visit_id=visit)

    assert count_time(practice, patient, practice.practitioner)
    assert days(practice)["protocol_time", None, date(2026, 3, 2)] == Sum(1, 700)


def test_the_only_report_may_come_after_the_signature(practice, patient):
    opened = SIGNED - timedelta(seconds=40)
    protocol = signed(practice, patient, opened=opened)
    count(practice, patient, protocol)
    work(practice.practitioner, patient, opened, (41, 40))

    assert count_time(practice, patient, practice.practitioner)
    found = days(practice)["protocol_time", practice.practitioner.user_id, date(2026, 3, 2)]
    assert found == Sum(1, 39), "what the visit shares with the span: it began a second after the draft"


def test_time_of_a_draft_that_is_not_signed_waits_for_its_signature(practice, patient):
    work(practice.practitioner, patient, OPENED, (30, 30))

    assert not count_time(practice, patient, practice.practitioner)
    assert days(practice) == {}


def test_two_protocols_of_one_patient_share_no_time(practice, patient):
    work(practice.practitioner, patient, OPENED, (60, 60))
    first = signed(practice, patient)
    again = SIGNED + timedelta(minutes=30)
    work(practice.practitioner, patient, again - timedelta(minutes=10), (60, 50))
    second = signed(practice, patient, at=again)
    for protocol in (second, first):
        count(practice, patient, protocol)

    assert days(practice)["protocol_time", None, date(2026, 3, 2)] == Sum(2, 110)


def test_whatever_the_order_the_figures_are_the_same(practice, patient):
    visit = work(practice.practitioner, patient, OPENED, (30, 30), (1000, 600))
    first = signed(practice, patient)
    second = signed(practice, patient, at=SIGNED + timedelta(days=1))
    third = signed(practice, patient, by=practice.other_practitioner, at=SIGNED + timedelta(days=2))
    facts: list[ProtocolSigned | EffortReported] = [
        *(ProtocolSigned(patient, one) for one in (first, second, third)),
        EffortReported(visit, practice.practitioner.user_id, patient, "protocol_composition"),
    ] * 2
    outcomes = []
    for seed in range(6):
        order = random.Random(seed).sample(facts, len(facts))
        with acting_as(practice.system) as actor:
            MetricPiece.objects.all().delete()
            MetricDay.objects.all().delete()
            for fact in order:
                match fact:
                    case ProtocolSigned():
                        handlers.count_signed(actor, fact)
                    case EffortReported():
                        handlers.count_reported_time(actor, fact)
        outcomes.append(days(practice))

    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert len(outcomes[0]) == 14


def test_who_may_not_count_moves_nothing(practice, patient):
    protocol = signed(practice, patient)
    with acting_as(practice.owner) as actor:
        with pytest.raises(Forbidden):
            services.count_protocol(actor=actor, patient_id=patient, protocol_id=protocol)
        with pytest.raises(Forbidden):
            services.count_effort(actor=actor, patient_id=patient, practitioner_id=actor.user_id)
        with pytest.raises(Forbidden):
            services.rebuild(actor=actor)
    with acting_as(practice.system) as actor, pytest.raises(NotFound):
        services.count_protocol(actor=actor, patient_id=patient, protocol_id=uuid7())

    assert days(practice) == {}


def test_the_worker_counts_each_fact_once_though_it_is_told_everything_again(fresh_database):
    practice = make_practice()
    patient = make_patient(practice).pk
    put_into_care(practice, patient, practice.practitioner)
    visit = work(practice.practitioner, patient, OPENED, (30, 30))
    signed(practice, patient)
    assert worker.settle(practice.system)
    work(practice.practitioner, patient, OPENED, (900, 500), visit_id=visit)
    assert worker.settle(practice.system)
    once = days(practice)
    with acting_as(practice.system):
        # As after the restore of an older backup of the cursors alone: everything is told again.
        Subscription.objects.update(transaction=0, message_id=None)
    assert worker.settle(practice.system)

    assert days(practice) == once
    assert once["protocol_time", None, date(2026, 3, 2)] == Sum(1, 500)


def test_time_that_is_reported_while_its_protocol_is_counted_is_missed_by_neither(fresh_database):
    """Two workers: one counts the signature, the other the report, at the same moment, again and again."""
    practice = make_practice()
    for round_ in range(6):
        patient = make_patient(practice).pk
        put_into_care(practice, patient, practice.practitioner)
        visit = work(practice.practitioner, patient, OPENED, (30, 30))
        protocol = signed(practice, patient)

        def reported(patient=patient, visit=visit):
            work(practice.practitioner, patient, OPENED, (900, 500), visit_id=visit)
            count_time(practice, patient, practice.practitioner)

        def counted(patient=patient, protocol=protocol):
            count(practice, patient, protocol)

        all_at_once(reported, counted)
        expected = Sum(round_ + 1, 500 * (round_ + 1))
        assert days(practice)["protocol_time", None, date(2026, 3, 2)] == expected
