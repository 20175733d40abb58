from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from willowbark.foundation import clock, effort
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor, ActorKind, Grant, Reach
from willowbark.foundation.models import Effort, User
from willowbark.kernel.errors import Forbidden, Invalid

START = datetime(2024, 3, 5, 9, tzinfo=UTC)
DAY_SECONDS = 86_400

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
