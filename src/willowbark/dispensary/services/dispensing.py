"""Hand out what was signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from willowbark.catalog import selectors as catalog
from willowbark.catalog.core.products import ProductInfo
from willowbark.dispensary.core.due import LineDue, NotInForce, checked, checked_text, digest_of
from willowbark.dispensary.events import Dispensed
from willowbark.dispensary.models import DispensedLine, Dispensing
from willowbark.foundation import access, clock, outbox
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.inventory.core.stock import Taken
from willowbark.inventory.services import take_first_expiring
from willowbark.kernel.errors import NotFound, RequestKeyReused
from willowbark.patients.selectors import require_reach

DISPENSE = "dispensary.dispense"


@transaction.atomic
def dispense(
    *,
    actor: Actor,
    patient_id: UUID,
    protocol_id: UUID,
    site_id: UUID,
    lines: Mapping[UUID, int],
    request_key: UUID,
    note: str = "",
) -> UUID:
    """
    Hand out containers of a signed protocol from a site's shelf; returns the dispensing's id.

    `lines` are the protocol's line ids with containers; zeros are left out. Of each product the lots that
    expire first are taken. All of it happens or none. Repeating `request_key` hands out nothing and returns
    the first, also when that was taken back or the protocol has ended since.

    The protocol's lines are locked first, in the order of their ids, then the stock: whoever dispenses the
    same line meanwhile waits, and finds what is left.

    Raises:
        Forbidden: the actor does not dispense.
        NotFound: no such protocol of a patient within reach; not a site of the actor's.
        NotInForce: the protocol was ended or superseded.
        MoreThanSigned: more of a line than is still to be handed out.
        OutOfStock: less on the shelf than asked for; says of what.
        Invalid: nothing asked for, no line of the protocol, or an endless note.
        RequestKeyReused: the key came before with something else.
    """
    require_reach(actor, patient_id, DISPENSE)
    words = checked_text(note)
    access.record_write(actor, "dispensary.dispensed", patient_id=patient_id, subject=str(protocol_id))
    held, in_force = hold(patient_id, protocol_id)
    digest = digest_of(protocol_id, site_id, lines, words)
    first = _dispensed_before(patient_id, request_key, digest)
    if first is not None:
        return first
    if not in_force:
        raise NotInForce("This protocol is no longer in force. Nothing was handed out.")
    wanted = checked(lines, held)
    product_of = {line.line_id: line.product_id for line in held}
    row = new_dispensing(actor, patient_id, protocol_id, site_id, held, wanted, lines, words, request_key)
    taken = take_first_expiring(
        actor=actor,
        site_id=site_id,
        takes=[(product_of[line_id], containers) for line_id, containers in wanted.items()],
        source_id=row.pk,
        request_key=request_key,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        # The key was used meanwhile for another protocol of this patient, at another site.
        if (
            getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
            != "dispensing_request_once"
        ):
            raise
        raise RequestKeyReused("This request handed out something else before.") from error
    products = catalog.products_by_id(actor, list(product_of.values()))
    DispensedLine.objects.bulk_create(new_lines(row, wanted, product_of, taken, products))
    outbox.publish(actor, Dispensed(patient_id=patient_id, dispensing_id=row.pk))
    return row.pk


def new_dispensing(
    actor: Actor,
    patient_id: UUID,
    protocol_id: UUID,
    site_id: UUID,
    held: Sequence[LineDue],
    wanted: Mapping[UUID, int],
    asked: Mapping[UUID, int],
    note: str,
    request_key: UUID,
) -> Dispensing:
    """The row of what the actor hands out now; not stored yet."""
    return Dispensing(
        id=uuid7(),
        patient_id=patient_id,
        protocol_id=protocol_id,
        site_id=site_id,
        at=clock.now(),
        by_id=actor.user_id,
        note=note,
        completes=all(wanted.get(line.line_id, 0) == line.due_containers for line in held),
        request_key=request_key,
        request_digest=digest_of(protocol_id, site_id, asked, note),
    )


def new_lines(
    row: Dispensing,
    wanted: Mapping[UUID, int],
    product_of: Mapping[UUID, UUID],
    taken: Sequence[Taken],
    products: Mapping[UUID, ProductInfo],
) -> list[DispensedLine]:
    """The rows of its lines, of what was taken from the shelf for it; not stored yet."""
    line_of = {product_of[line_id]: line_id for line_id in wanted}
    return [
        _line(row, line_of[each.product_id], each, products[each.product_id])
        for each in _in_order(taken, line_of)
    ]


def hold(patient_id: UUID, protocol_id: UUID) -> tuple[list[LineDue], bool]:
    """The protocol's lines, held against others until the end of the transaction; whether it is in force."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT line_id, product_id, signed_containers, out_containers, in_force"
            " FROM willow_hold_protocol(%s, %s)",
            [patient_id, protocol_id],
        )
        rows = cursor.fetchall()
    if not rows:
        raise NotFound("protocol")
    return [LineDue(*row[:4]) for row in rows], all(row[4] for row in rows)


def _dispensed_before(patient_id: UUID, request_key: UUID, digest: bytes) -> UUID | None:
    first = Dispensing.objects.filter(patient=patient_id, request_key=request_key).first()
    if first is None:
        return None
    if bytes(first.request_digest) != digest:
        raise RequestKeyReused("This request handed out something else before; nothing was changed.")
    return first.pk


def _in_order(taken: Sequence[Taken], line_of: Mapping[UUID, UUID]) -> list[Taken]:
    """By line: the database locks them one by one, as they are written."""
    return sorted(taken, key=lambda each: (line_of[each.product_id], each.expires_on, each.lot_id))


def _line(row: Dispensing, line_id: UUID, taken: Taken, product: ProductInfo) -> DispensedLine:
    return DispensedLine(
        id=uuid7(),
        patient_id=row.patient_id,
        dispensing=row,
        protocol_line_id=line_id,
        product_id=taken.product_id,
        product_name=product.name,
        lot_id=taken.lot_id,
        lot_number=taken.lot_number,
        expires_on=taken.expires_on,
        containers=taken.containers,
        units=taken.containers * product.units_per_container,
        unit_name=product.unit_name,
        price_cents=taken.containers * product.container_price_cents,
        currency=product.currency,
    )
