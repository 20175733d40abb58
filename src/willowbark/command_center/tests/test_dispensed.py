"""What is really handed out, and taken back, moves figures, covers and alerts: once."""

from __future__ import annotations

import pytest

from willowbark.catalog.testing import make_products, new_product
from willowbark.command_center import selectors
from willowbark.command_center.models import Cover
from willowbark.dispensary.services import dispense, take_back
from willowbark.foundation import clock, worker
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import Subscription
from willowbark.inventory.testing import put_on_shelf
from willowbark.metrics.core.pieces import Sum
from willowbark.metrics.models import MetricDay
from willowbark.metrics.services import rebuild
from willowbark.metrics.testing import line, make_signed
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.practice.testing import make_practice
from willowbark.protocols.models import ProtocolLine


class Dispensed:
    """Ann's protocol needs three containers, one of them now; three stand on the shelf."""

    def __init__(self) -> None:
        self.practice = practice = make_practice()
        self.ann = make_patient(practice).pk
        put_into_care(practice, self.ann, practice.practitioner)
        (self.product,) = make_products(practice.owner, new_product())
        put_on_shelf(practice.dispensary, practice.north, self.product.id, 3)
        now = clock.now()
        self.protocol = make_signed(
            practice.practitioner,
            self.ann,
            practice.north,
            opened_at=now,
            signed_at=now,
            lines=[line(self.product.id)],
        )
        with acting_as(practice.system):
            self.line = ProtocolLine.objects.get(protocol=self.protocol).pk

    def hand_out(self, containers, key=None):
        with acting_as(self.practice.dispensary) as actor:
            return dispense(
                actor=actor,
                patient_id=self.ann,
                protocol_id=self.protocol,
                site_id=self.practice.north,
                lines={self.line: containers},
                request_key=key or uuid7(),
            )

    def settled(self) -> tuple[Sum | None, tuple[int, int, int]]:
        """Containers counted, and on the shelf, needed, outstanding, when the worker has done its part."""
        assert worker.settle(self.practice.system, seconds=60)
        with acting_as(self.practice.system):
            day = MetricDay.objects.filter(metric="containers_dispensed", practitioner=None).first()
            cover = Cover.objects.get()
            return (
                Sum(day.count, day.total) if day else None,
                (cover.on_hand_containers, cover.needed_containers, cover.outstanding_containers),
            )

    def alerts(self):
        with acting_as(self.practice.owner) as actor:
            return selectors.alerts(actor)


@pytest.fixture
def dispensed(fresh_database):
    return Dispensed()


def test_what_is_handed_out_and_taken_back_counts_once(dispensed):
    assert dispensed.settled() == (None, (3, 1, 3))
    key = uuid7()
    given = dispensed.hand_out(2, key)
    assert dispensed.hand_out(2, key) == given
    assert dispensed.settled() == (Sum(1, 2), (1, 0, 1))

    with acting_as(dispensed.practice.system):
        Subscription.objects.update(transaction=0, message_id=None)
    assert dispensed.settled() == (Sum(1, 2), (1, 0, 1))

    with acting_as(dispensed.practice.dispensary) as actor:
        take_back(actor=actor, patient_id=dispensed.ann, dispensing_id=given, reason="Wrong bottle")
    assert dispensed.settled() == (Sum(1, 0), (3, 1, 3))
    with acting_as(dispensed.practice.system) as actor:
        assert rebuild(actor=actor).otherwise == 0


def test_what_leaves_the_shelf_for_others_raises_an_alert_that_handing_out_clears(dispensed):
    practice = dispensed.practice
    ben = make_patient(practice).pk
    put_into_care(practice, ben, practice.practitioner)
    now = clock.now()
    lines = [line(dispensed.product.id, units_a_day=12)]  # 168 units in the coming days: three containers
    make_signed(practice.practitioner, ben, practice.north, opened_at=now, signed_at=now, lines=lines)
    assert dispensed.settled() == (None, (3, 4, 6))
    (alert,) = dispensed.alerts()
    assert (alert.figure_text, alert.threshold_text) == ("3 containers", "4 containers")

    dispensed.hand_out(1)
    assert dispensed.settled() == (Sum(1, 1), (2, 3, 5))
    assert dispensed.alerts()[0].threshold_text == "3 containers"
    put_on_shelf(practice.dispensary, practice.north, dispensed.product.id, 1)
    assert dispensed.settled() == (Sum(1, 1), (3, 3, 5))
    assert dispensed.alerts() == ()
