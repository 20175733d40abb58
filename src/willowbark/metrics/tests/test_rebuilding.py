"""Counting everything again comes to what was counted as it happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.testing import rolled_back
from willowbark.metrics import services
from willowbark.metrics.models import MetricDay, MetricPiece
from willowbark.metrics.testing import make_signed, work
from willowbark.patients.testing import make_patient, put_into_care

BEGIN = datetime(2026, 3, 2, 14, tzinfo=UTC)

# What happens, a step after the other: (who, which patient, minutes of work, hours to the next thing).
steps = st.lists(
    st.tuples(
        st.sampled_from(["work", "sign", "deliver", "tell again"]),
        st.integers(0, 1),
        st.integers(0, 1),
        st.integers(1, 40),
        st.integers(0, 30),
    ),
    max_size=14,
)


@pytest.fixture
def patients(practice):
    found = [make_patient(practice).pk for _ in range(2)]
    for patient in found:
        put_into_care(practice, patient, practice.practitioner, practice.other_practitioner)
    return found


def rows() -> tuple[list[str], list[str]]:
    days = MetricDay.objects.values_list("site_id", "metric", "practitioner_id", "day", "count", "total")
    pieces = MetricPiece.objects.values_list(
        "site_id", "metric", "practitioner_id", "patient_id", "source_id", "began_at", "at", "day", "amount"
    )
    return sorted(map(str, days)), sorted(map(str, pieces))


def play(practice, patients, told):
    """Facts happen in order; what counts them lags behind, and hears some of them twice."""
    actors = (practice.practitioner, practice.other_practitioner)
    now, waiting, heard = BEGIN, [], []
    opened: dict[tuple[int, int], datetime] = {}
    for what, who, whom, minutes, hours in told:
        actor, patient = actors[who], patients[whom]
        if what == "work":
            opened.setdefault((who, whom), now)
            seconds = minutes * 60
            work(actor, patient, now, (30, 30), (seconds + 60, seconds // 2 + 30))
            waiting.append(("time", patient, actor.user_id))
        elif what == "sign":
            at = now + timedelta(minutes=minutes)
            since = opened.pop((who, whom), now)
            protocol = make_signed(actor, patient, practice.north, opened_at=since, signed_at=at)
            waiting.insert(0, ("signed", patient, protocol))
        else:
            heard += waiting
            deliver(practice, waiting if what == "deliver" else heard)
            waiting = []
        now += timedelta(hours=hours, minutes=minutes + 2)
    deliver(practice, waiting)


def deliver(practice, facts: list[tuple[str, UUID, UUID]]) -> None:
    with acting_as(practice.system) as actor:
        for kind, patient, key in facts:
            if kind == "signed":
                services.count_protocol(actor=actor, patient_id=patient, protocol_id=key)
            else:
                services.count_effort(actor=actor, patient_id=patient, practitioner_id=key)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(told=steps)
def test_what_is_rebuilt_is_what_was_counted_as_it_happened(practice, patients, told):
    with rolled_back():
        play(practice, patients, told)
        with acting_as(practice.system) as actor:
            before = rows()
            rebuilt = services.rebuild(actor=actor)
            assert rows() == before
            assert rebuilt.otherwise == 0
            assert (rebuilt.days, rebuilt.pieces) == (len(before[0]), len(before[1]))


def test_what_was_wrong_is_put_right_and_said(practice, patients):
    make_signed(practice.practitioner, patients[0], practice.north, opened_at=BEGIN, signed_at=BEGIN)
    with acting_as(practice.system) as actor:
        assert services.rebuild(actor=actor).otherwise == 4
        MetricDay.objects.filter(practitioner__isnull=True).update(total=99)
        MetricDay.objects.create(
            site_id=practice.south, metric="protocols_signed", day=BEGIN.date(), count=1, total=1
        )
        assert services.rebuild(actor=actor).otherwise == 3
        assert services.rebuild(actor=actor).otherwise == 0
        assert MetricDay.objects.filter(total=99).count() == 0


def test_the_database_keeps_one_row_of_a_fact_and_one_of_a_day(practice, patients):
    from django.db import IntegrityError, transaction

    make_signed(practice.practitioner, patients[0], practice.north, opened_at=BEGIN, signed_at=BEGIN)
    with acting_as(practice.system) as actor:
        services.rebuild(actor=actor)
        for model in (MetricPiece, MetricDay):
            for row in model.objects.all():
                row.pk, row._state.adding = uuid7(), True
                with pytest.raises(IntegrityError), transaction.atomic():
                    row.save(force_insert=True)
