"""
What was handed out, in bulk: prepared one by one, stored at once.

What comes out is what `dispense` leaves behind, without its messages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection, transaction

from willowbark.catalog.core.products import ProductInfo
from willowbark.dispensary.core.due import LineDue, checked
from willowbark.dispensary.models import DispensedLine, Dispensing
from willowbark.dispensary.services.dispensing import DISPENSE, new_dispensing, new_lines
from willowbark.foundation import outbox
from willowbark.foundation.authorisation import Actor, require
from willowbark.inventory.services.bulk import PreparedShelf

BATCH = 500


@dataclass(frozen=True, slots=True)
class PreparedDispensing:
    """What was handed out on one occasion, not stored yet."""

    row: Dispensing
    lines: tuple[DispensedLine, ...]

    @property
    def patient_id(self) -> UUID:
        """To whom it was handed out."""
        return self.row.patient_id


def prepare_dispensing(
    actor: Actor,
    *,
    patient_id: UUID,
    protocol_id: UUID,
    due: Sequence[LineDue],
    asked: Mapping[UUID, int],
    shelf: PreparedShelf,
    today: date,
    products: Mapping[UUID, ProductInfo],
    request_key: UUID,
) -> PreparedDispensing:
    """
    The actor hands out now what is asked for, line -> containers, all of which is on the prepared shelf.

    Raises:
        MoreThanSigned: more of a line than is still to be handed out.
        Invalid: nothing asked for, or no line of the protocol.
    """
    wanted = checked(asked, due)
    row = new_dispensing(actor, patient_id, protocol_id, shelf.site_id, due, wanted, asked, "", request_key)
    product_of = {line.line_id: line.product_id for line in due}
    taken = shelf.take(
        actor,
        takes=[(product_of[line_id], containers) for line_id, containers in wanted.items()],
        today=today,
        source_id=row.pk,
        request_key=request_key,
    )
    lines = tuple(new_lines(row, wanted, product_of, taken, products))
    outbox.pass_over()
    return PreparedDispensing(row, lines)


@transaction.atomic
def store_dispensings(*, actor: Actor, prepared: Sequence[PreparedDispensing]) -> None:
    """
    Store what the actor handed out. Logging access is the caller's; nobody is told.

    Raises:
        Forbidden: the actor does not dispense.
        IntegrityError: more than was signed, of a protocol that is not in force, or another broken rule.
        ProgrammingError: a patient is out of the actor's reach.
    """
    require(actor, DISPENSE)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    Dispensing.objects.bulk_create([one.row for one in prepared], batch_size=BATCH)
    DispensedLine.objects.bulk_create([line for one in prepared for line in one.lines], batch_size=BATCH)
