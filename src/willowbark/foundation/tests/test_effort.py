from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from willowbark.foundation import clock, effort
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor, ActorKind, Grant, Reach
from willowbark.foundation.models import Effort, OutboxMessage, User
from willowbark.kernel.errors import Forbidden, Invalid

START = datetime(2024, 3, 5, 9, tzinfo=UTC)
DAY_SECONDS = 86_400
PATIENT = uuid4()

pytestmark = pytest.mark.django_db


def person(*permissions: str) -> Actor:
    user = User.objects.create(email=f"{uuid4()}@practice.test", password="!")
    grants = (Grant("someone", frozenset(permissions), Reach.ORGANISATION, None),)
    return Actor(user.pk, uuid4(), "Ann", ActorKind.PERSON, grants, "web", uuid4())


@pytest.fixture
def ann():
    return person("effort.write")


def report(actor, visit, seconds, *, after=0, kind="chart_review", patient=None) -> int:
    """Report a total, so many seconds after the visit began; what is kept."""
    with clock.at(START + timedelta(seconds=after)), acting_as(actor):
        effort.report(actor=actor, visit_id=visit, task_kind=kind, active_seconds=seconds, patient_id=patient)
        return Effort.objects.get(pk=visit).active_seconds


def test_the_running_total_of_a_visit_is_kept_once(ann):
    visit = uuid4()
    totals = [report(ann, visit, seconds, after=seconds) for seconds in (30, 60, 90, 90)]

    assert totals == [30, 60, 90, 90]
    with acting_as(ann):
        (row,) = Effort.objects.all()
    assert (row.task_kind, row.patient_id, row.user_id) == ("chart_review", None, ann.user_id)
    assert (row.started_at, row.last_at) == (START, START + timedelta(seconds=90))


def test_a_report_that_comes_late_or_twice_takes_nothing_back(ann):
    visit = uuid4()
    report(ann, visit, 30, after=30)
    report(ann, visit, 90, after=90)

    assert report(ann, visit, 60, after=91) == 90


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    reports=st.lists(
        st.tuples(st.integers(0, DAY_SECONDS), st.integers(0, 2 * DAY_SECONDS)), min_size=1, max_size=6
    )
)
def test_nobody_is_ever_active_for_longer_than_has_passed(ann, reports):
    visit, times = uuid4(), sorted(after for _, after in reports)
    before = 0
    for (seconds, _), after in zip(reports, times, strict=True):
        kept = report(ann, visit, seconds, after=after)
        assert before <= kept <= max(60, after - times[0] + 61)
        before = kept


def test_each_visit_is_counted_by_itself(ann):
    report(ann, uuid4(), 30, after=30)
    report(ann, uuid4(), 20, after=30)

    with acting_as(ann):
        assert sorted(Effort.objects.values_list("active_seconds", flat=True)) == [20, 30]


@pytest.mark.parametrize("seconds", [-1, DAY_SECONDS + 1, 10**30])
def test_an_absurd_total_is_refused_and_nothing_is_kept(ann, seconds):
    with pytest.raises(Invalid):
        report(ann, uuid4(), seconds)
    with acting_as(ann):
        assert not Effort.objects.exists()


@pytest.mark.parametrize("kind", ["", "x" * 41, "a b", "<b>", "'; --", "a\0b"])
def test_a_kind_that_is_no_code_is_refused(ann, kind):
    with pytest.raises(Invalid):
        report(ann, uuid4(), 10, kind=kind)


def test_whose_time_is_not_measured_reports_none():
    with pytest.raises(Forbidden):
        report(person("practice.read"), uuid4(), 10)


def test_nobody_adds_to_the_time_of_another(ann):
    visit = uuid4()
    report(ann, visit, 30, after=30)
    ben = person("effort.write")
    with pytest.raises(Forbidden):
        report(ben, visit, 60, after=60)

    with acting_as(ann):
        assert Effort.objects.get().active_seconds == 30


def visits(actor, *, of=None, since=0, until=3600, kind="protocol_composition", patient=PATIENT):
    def at(seconds):
        return START + timedelta(seconds=seconds)

    with acting_as(actor):
        return effort.visits(
            actor,
            user_id=(of or actor).user_id,
            patient_id=patient,
            task_kind=kind,
            since=at(since),
            until=at(until),
        )


@pytest.fixture
def composed(ann, monkeypatch):
    """Ann has worked on a patient's protocol from 0 to 300 s, active for 200, and on another page."""
    monkeypatch.setattr(effort, "_reaches", lambda patient_id: True)
    visit = uuid4()
    for after, seconds in ((30, 30), (300, 200)):
        report(ann, visit, seconds, after=after, kind="protocol_composition", patient=PATIENT)
    report(ann, uuid4(), 60, after=400, patient=PATIENT)
    report(ann, uuid4(), 60, after=400, kind="protocol_composition", patient=uuid4())
    return ann


def test_the_time_of_one_task_about_one_patient_can_be_read(composed):
    (found,) = visits(composed)

    assert (found.active_seconds, found.started_at) == (200, START)
    assert found.seconds_within(START, START + timedelta(hours=1)) == 200


@pytest.mark.parametrize(
    ("since", "until", "seconds"),
    [(0, 300, 200), (0, 100, 100), (250, 300, 50), (100, 150.5, 51), (-9, 0, 0), (300, 301, 0)],
)
def test_no_more_of_a_visit_counts_than_it_shares_with_the_span(composed, since, until, seconds):
    (found,) = visits(composed)
    span = (START + timedelta(seconds=since), START + timedelta(seconds=until))

    assert found.seconds_within(*span) == seconds


def test_a_visit_outside_the_span_is_not_there(composed):
    assert visits(composed, since=301) == ()
    assert visits(composed, since=-20, until=-1) == ()


def test_the_time_of_another_is_read_by_who_may_alone(composed):
    with pytest.raises(Forbidden):
        visits(person("effort.write"), of=composed)
    # Whom the database does not know to hold it sees nothing, whatever the code believes.
    assert visits(person("effort.read"), of=composed) == ()


def test_a_report_is_told_only_where_somebody_makes_a_figure_of_it(ann, monkeypatch):
    monkeypatch.setattr(effort, "_reaches", lambda patient_id: True)
    monkeypatch.setattr(effort, "_followed", set())
    report(ann, uuid4(), 10, after=10, kind="protocol_composition", patient=PATIENT)
    assert not OutboxMessage.objects.exists()

    effort.follow("protocol_composition")
    visit = uuid4()
    report(ann, visit, 10, after=10, kind="protocol_composition", patient=PATIENT)
    report(ann, uuid4(), 10, after=10, kind="protocol_composition")
    report(ann, uuid4(), 10, after=10, patient=PATIENT)
    (said,) = OutboxMessage.objects.all()

    assert said.name == "foundation.EffortReported"
    assert said.payload == {
        "visit_id": str(visit),
        "user_id": str(ann.user_id),
        "patient_id": str(PATIENT),
        "task_kind": "protocol_composition",
    }
