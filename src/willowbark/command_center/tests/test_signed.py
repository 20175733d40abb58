"""From a real composition, through its signature and the time it took, to the command center."""

from __future__ import annotations

from datetime import timedelta

from willowbark.command_center.models import Cover
from willowbark.foundation import clock, explaining, worker
from willowbark.foundation.acting import acting_as
from willowbark.metrics.selectors import figures
from willowbark.metrics.services import rebuild
from willowbark.metrics.testing import work
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.protocols.testing import make_composition, make_stocked_practice, sign_composition


def test_a_protocol_that_is_really_composed_and_signed_counts_with_its_time(fresh_database):
    practice = make_stocked_practice()
    pia = practice.practitioner
    patient = make_patient(practice).pk
    put_into_care(practice, patient, pia)
    opened_at = clock.now()
    with clock.at(opened_at):
        view = make_composition(pia, patient)
    visit = work(pia, patient, opened_at, (30, 30), (240, 200))
    with clock.at(opened_at + timedelta(minutes=5)):
        signed = sign_composition(pia, view)
    assert worker.settle(practice.system, seconds=60)
    work(pia, patient, opened_at, (301, 280), visit_id=visit)  # the page's last words
    assert worker.settle(practice.system, seconds=60)

    day = opened_at.date()
    with acting_as(pia) as actor:
        found = figures(actor, since=day - timedelta(days=2), until=day + timedelta(days=2))
        time = found["protocol_time"]
        assert (time.sum.count, time.sum.total) == (1, 280)
        (mine,) = time.by_practitioner
        figure = explaining.explain(actor, mine.why)
        piece = explaining.explain(actor, figure.facts[0].why)
        protocol = explaining.explain(actor, piece.facts[0].why)
        assert protocol.reference == f"protocol:{patient}/{signed.id}"
    with acting_as(practice.system) as actor:
        assert rebuild(actor=actor).otherwise == 0
        covers = Cover.objects.all()
        assert {cover.product_id for cover in covers} == {line.product_id for line in signed.lines}
        assert all(0 < cover.needed_containers <= cover.outstanding_containers for cover in covers)
