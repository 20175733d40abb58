"""Whatever is handed out and taken back in whatever order, the queue says what is left, and no more."""

from __future__ import annotations

from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from willowbark.catalog.testing import make_products, new_product
from willowbark.dispensary import selectors
from willowbark.dispensary.core.due import MoreThanSigned
from willowbark.dispensary.models import Dispensing
from willowbark.dispensary.services import dispense, take_back
from willowbark.dispensary.tests.signed import sign
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.testing import rolled_back
from willowbark.inventory.testing import put_on_shelf
from willowbark.kernel.errors import Invalid
from willowbark.patients.testing import make_patient

SIGNED = (2, 1, 3)
# Hand out so many containers of each line, or take back one of the earlier dispensings by its place.
STEPS = st.lists(
    st.one_of(st.tuples(*(st.integers(0, most) for most in SIGNED)), st.integers(0, 5)), max_size=8
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_the_queue_agrees_with_a_count_by_hand(practice, steps):
    with rolled_back():
        _follow(practice, steps)


def _follow(practice, steps) -> None:
    patient = make_patient(practice).pk
    products = make_products(practice.senior, *(new_product() for _ in SIGNED))
    for product in products:
        put_on_shelf(practice.dispensary, practice.north, product.id, 50)
    protocol, lines = sign(
        practice.everywhere, patient, practice.north, list(zip(products, SIGNED, strict=True))
    )
    out: dict[UUID, tuple[int, ...]] = {}
    for step in steps:
        with acting_as(practice.dispensary) as dan:
            if isinstance(step, tuple):
                try:
                    made = dispense(
                        actor=dan,
                        patient_id=patient,
                        protocol_id=protocol,
                        site_id=practice.north,
                        lines=dict(zip(lines, step, strict=True)),
                        request_key=uuid7(),
                    )
                except (MoreThanSigned, Invalid):
                    continue
                out[made] = step
            elif step < len(out):
                gone = list(out)[step]
                take_back(actor=dan, patient_id=patient, dispensing_id=gone, reason="Wrong")
                out[gone] = (0, 0, 0)
    left = [signed - sum(each[place] for each in out.values()) for place, signed in enumerate(SIGNED)]
    with acting_as(practice.dispensary) as dan:
        waiting = [row for row in selectors.queue(dan).rows if row.protocol_id == protocol]
        due = {each.product_id: each.due_containers for row in waiting for each in row.wanting}
        completing = Dispensing.objects.filter(patient=patient, completes=True).count()
    assert due == {product.id: rest for product, rest in zip(products, left, strict=True) if rest}
    assert completing == (not due)
    assert min(left) >= 0
