"""Figures over days, and who sees whose."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from willowbark.foundation import explaining
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Reach
from willowbark.foundation.models import AccessEntry
from willowbark.kernel.errors import Forbidden, Invalid, NotFound
from willowbark.metrics import services
from willowbark.metrics.core.pieces import Sum
from willowbark.metrics.models import MetricDay, MetricPiece
from willowbark.metrics.selectors import figures
from willowbark.metrics.testing import make_signed, work
from willowbark.patients.testing import first_wall_down, make_patient, put_into_care
from willowbark.practice.testing import make_staff

BEGIN = datetime(2026, 3, 2, 14, tzinfo=UTC)
SINCE, UNTIL = date(2026, 3, 1), date(2026, 3, 7)


@pytest.fixture
def made(practice):
    """Pia signs twice at the north site, Otto once there, Sid once at the south."""
    sid = make_staff(
        practice.owner, role="practitioner", reach=Reach.SITE, site_id=practice.south, name="Sid"
    )
    for who, site, days in (
        (practice.practitioner, practice.north, (0, 2)),
        (practice.other_practitioner, practice.north, (2,)),
        (sid, practice.south, (2,)),
    ):
        patient = make_patient(practice, site_id=site).pk
        if site == practice.north:
            put_into_care(practice, patient, who)
        for day in days:
            at = BEGIN + timedelta(days=day)
            work(who, patient, at, (60, 60), (600, 60 * (day + 4)))
            signed_at = at + timedelta(minutes=15)
            make_signed(who, patient, site, opened_at=at, signed_at=signed_at)
    with acting_as(practice.system) as actor:
        services.rebuild(actor=actor)
    return sid


def seen(actor, **named):
    with acting_as(actor):
        return figures(actor, since=SINCE, until=UNTIL, **named)


def people(figure) -> dict[str, Sum]:
    return {one.name: one.sum for one in figure.by_practitioner}


def test_who_leads_everywhere_sees_everybody_by_day(practice, made):
    found = seen(practice.owner)
    time = found["protocol_time"]

    assert time.sum == Sum(4, 60 * (4 + 6 + 6 + 6))
    assert people(time) == {
        "Otto Other": Sum(1, 360),
        "Pia Practitioner": Sum(2, 600),
        "Sid": Sum(1, 360),
    }
    assert [one.count for one in time.by_day] == [0, 1, 0, 3, 0, 0, 0]
    assert time.days[1] == date(2026, 3, 2)
    assert found["protocols_signed"].sum == Sum(4, 4)


def test_who_leads_a_site_sees_that_site(practice, made):
    found = seen(practice.senior)["protocols_signed"]

    assert people(found) == {"Otto Other": Sum(1, 1), "Pia Practitioner": Sum(2, 2)}
    assert found.sum == Sum(3, 3)


def test_a_practitioner_sees_their_own_and_those_of_all_at_their_sites(practice, made):
    found = seen(practice.practitioner)["protocols_signed"]
    assert people(found) == {"Pia Practitioner": Sum(2, 2)}
    assert found.sum == Sum(3, 3)

    assert people(seen(made)["protocols_signed"]) == {"Sid": Sum(1, 1)}
    assert seen(made)["protocols_signed"].sum == Sum(1, 1)


@pytest.mark.parametrize("role", ["coach", "front_desk", "dispensary"])
def test_who_reads_no_figures_gets_none_past_either_wall(practice, made, role):
    actor = getattr(practice, role)
    with pytest.raises(Forbidden):
        seen(actor)
    with acting_as(actor), first_wall_down():
        assert not MetricDay.objects.exists()
        assert not MetricPiece.objects.exists()


def test_the_database_itself_shows_nobody_anothers_figures(practice, made):
    with acting_as(practice.practitioner):
        own = practice.practitioner.user_id
        assert set(MetricDay.objects.values_list("practitioner_id", flat=True)) == {own, None}
        assert set(MetricPiece.objects.values_list("practitioner_id", flat=True)) == {own}
        assert not MetricDay.objects.filter(site_id=practice.south).exists()
    with acting_as(practice.senior):
        assert set(MetricDay.objects.values_list("site_id", flat=True)) == {practice.north}


def test_nobody_but_the_system_writes_a_figure(practice, made):
    for actor in (practice.owner, practice.senior, practice.practitioner):
        with acting_as(actor):
            assert MetricDay.objects.update(total=1) == 0
            assert MetricPiece.objects.all().delete()[0] == 0


def test_one_site_can_be_looked_at(practice, made):
    assert seen(practice.owner, site_id=practice.south)["protocols_signed"].sum == Sum(1, 1)
    assert seen(practice.senior, site_id=practice.south)["protocols_signed"].sum == Sum(0, 0)


@pytest.mark.parametrize("span", [(UNTIL, SINCE), (date(2020, 1, 1), UNTIL)])
def test_a_span_that_cannot_be_shown_is_refused(practice, span):
    with acting_as(practice.owner) as actor, pytest.raises(Invalid):
        figures(actor, since=span[0], until=span[1])


def test_figures_are_two_statements_however_many_days_and_people(practice, made):
    for since in (UNTIL, SINCE, date(2025, 6, 1)):
        with acting_as(practice.owner) as actor, CaptureQueriesContext(connection) as asked:
            figures(actor, since=since, until=UNTIL)
        assert len(asked) == (1 if since == UNTIL else 2)


def explained(actor, asked):
    with acting_as(actor):
        return explaining.explain(actor, asked)


def facts(explanation) -> str:
    return "\n".join(fact.text for fact in explanation.facts)


def test_a_figure_opens_to_the_facts_that_it_is_made_of(practice, made):
    figure = seen(practice.owner)["protocol_time"]
    said = explained(practice.owner, figure.why)

    assert said.figure_text == "5 min 30 s on average, over 4 protocols"
    assert facts(said).count("signed on") == 4
    assert "Pauses of more than 60 seconds do not count" in said.rule_text
    assert said.sources
    pieces = [fact.why for fact in said.facts if fact.why.startswith("piece:")]
    assert len(pieces) == 4

    piece = explained(practice.owner, pieces[0])
    assert piece.figure_text == "6 min"
    assert "active 6 min, of which 6 min counted" in facts(piece)
    assert "The protocol stands in the patient's record" in facts(piece), "the owner reads no records"
    own = explained(practice.practitioner, seen(practice.practitioner)["protocol_time"].why)
    counted = explained(practice.practitioner, own.facts[0].why)
    assert counted.facts[0].why.startswith("protocol:")


def test_every_figure_that_is_shown_opens(practice, made):
    for actor in (practice.owner, practice.senior, practice.practitioner):
        for figure in seen(actor).values():
            assert explained(actor, figure.why).title.startswith(figure.metric.name)
            for one in figure.by_practitioner:
                assert one.name in explained(actor, one.why).title


def test_of_others_facts_a_practitioner_hears_how_many_there_are(practice, made):
    said = explained(practice.practitioner, seen(practice.practitioner)["protocol_time"].why)

    assert facts(said).count("signed on") == 2
    assert "1 more, which are not shown here one by one" in facts(said)


def test_who_leads_reads_what_a_protocol_took_but_not_when_somebody_worked(practice, made):
    figure = seen(practice.senior)["protocol_time"]
    (otto,) = (one for one in figure.by_practitioner if one.name == "Otto Other")
    (piece,) = (fact.why for fact in explained(practice.senior, otto.why).facts if "piece:" in fact.why)

    assert "seen by whose they are and by the owner" in facts(explained(practice.senior, piece))
    assert "On the page from" in facts(explained(practice.other_practitioner, piece))
    with pytest.raises(NotFound):
        explained(practice.practitioner, piece)
    with pytest.raises(NotFound):
        explained(practice.practitioner, otto.why)


def test_the_log_says_whose_facts_were_looked_at(practice, made):
    explained(practice.practitioner, seen(practice.practitioner)["protocols_signed"].why)
    with acting_as(practice.owner):
        logged = AccessEntry.objects.filter(actor_id=practice.practitioner.user_id, action="metrics.facts")
        patients = set(logged.values_list("patient_id", flat=True))
    with acting_as(practice.system):
        mine = MetricPiece.objects.filter(practitioner_id=practice.practitioner.user_id)
        assert patients == set(mine.values_list("patient_id", flat=True))


@pytest.mark.parametrize(
    "asked",
    [
        "figure:",
        "figure:protocol_time",
        "figure:nothing/all/all/2026-03-01/2026-03-07",
        "figure:protocol_time/all/all/2026-03-07/2026-03-01",
        "figure:protocol_time/all/all/2026-13-01/2026-03-01",
        "figure:protocol_time/none/all/2026-03-01/2026-03-07",
        "figure:protocol_time/all/all/0001-01-01/9999-12-31",
        "piece:protocol_time",
        "piece:a/protocol_time/b/c",
        "measure:nothing",
    ],
)
def test_what_refers_to_nothing_is_not_there(practice, asked):
    with pytest.raises(NotFound):
        explained(practice.owner, asked)


def test_what_a_figure_measures_is_told_everybody_who_works_here(practice):
    said = explained(practice.front_desk, "measure:protocol_time")

    assert said.title == "Protocol time"
    assert said.sources
    assert explained(practice.front_desk, "protocol_time").reference == "measure:protocol_time"
