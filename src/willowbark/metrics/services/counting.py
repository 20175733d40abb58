"""
Count a fact in the figures that it belongs to.

Each counting reads what is true now and puts that in the place of what was counted before, so that it
makes no difference how often, how late or in which order facts are delivered. One transaction counts at a
time: whoever counts next sees what the one before has counted, so that time reported while its protocol is
being counted is missed by neither.
"""

from __future__ import annotations

from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from willowbark.foundation import outbox
from willowbark.foundation.authorisation import Actor, require
from willowbark.metrics.core.definitions import PROTOCOLS_SIGNED
from willowbark.metrics.core.pieces import Cell, Piece, Sum, differences
from willowbark.metrics.events import FigureChanged
from willowbark.metrics.models import MetricDay, MetricPiece
from willowbark.metrics.selectors.facts import pieces_of_dispensing, pieces_of_protocol

COUNTING = 7_160_021


def count_protocol(*, actor: Actor, patient_id: UUID, protocol_id: UUID) -> bool:
    """
    Count a signed protocol and the time it took; whether any figure is otherwise now.

    Raises:
        Forbidden: the actor counts no figures.
        NotFound: no such protocol.
    """
    require(actor, "metrics.write")
    with transaction.atomic():
        one_at_a_time()
        return _count(actor, pieces_of_protocol(actor, patient_id, protocol_id))


def count_effort(*, actor: Actor, patient_id: UUID, practitioner_id: UUID) -> bool:
    """
    Count the time of somebody's protocols of a patient again, since more of it was reported.

    Only protocols that were counted before: the time of another is counted with its signature.

    Raises:
        Forbidden: the actor counts no figures.
    """
    require(actor, "metrics.write")
    with transaction.atomic():
        one_at_a_time()
        signed = MetricPiece.objects.filter(
            patient_id=patient_id,
            practitioner_id=practitioner_id,
            began_at__isnull=False,
            metric=PROTOCOLS_SIGNED,
        )
        changed = [
            _count(actor, pieces_of_protocol(actor, patient_id, protocol_id))
            for protocol_id in signed.order_by("at", "id").values_list("source_id", flat=True)
        ]
        return any(changed)


def count_dispensing(*, actor: Actor, patient_id: UUID, dispensing_id: UUID) -> bool:
    """
    Count the containers of a dispensing; whether any figure is otherwise now.

    Raises:
        Forbidden: the actor counts no figures.
        NotFound: no such dispensing.
    """
    require(actor, "metrics.write")
    with transaction.atomic():
        one_at_a_time()
        return _count(actor, pieces_of_dispensing(actor, patient_id, dispensing_id))


def one_at_a_time() -> None:
    """Wait until nobody else counts; the place is given back with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [COUNTING])


def _count(actor: Actor, pieces: tuple[Piece, ...]) -> bool:
    changed = [piece for piece in pieces if _put(piece)]
    for piece in changed:
        outbox.publish(actor, FigureChanged(piece.metric, piece.site_id, piece.practitioner_id))
    return bool(changed)


def _put(piece: Piece) -> bool:
    """Put a piece in the place of what was counted of its fact before; whether that was otherwise."""
    row = MetricPiece.objects.filter(
        site_id=piece.site_id,
        metric=piece.metric,
        patient_id=piece.patient_id,
        source_id=piece.source_id,
    ).first()
    before = piece_of(row) if row else None
    if before == piece:
        return False
    if row is None:
        MetricPiece.objects.create(**columns_of(piece))
    else:
        MetricPiece.objects.filter(site_id=piece.site_id, pk=row.pk).update(**columns_of(piece))
    for cell, change in differences(before, piece).items():
        _move(cell, change)
    return True


def _move(cell: Cell, change: Sum) -> None:
    day = MetricDay.objects.filter(
        site_id=cell.site_id, metric=cell.metric, day=cell.day, practitioner_id=cell.practitioner_id
    )
    if not day.update(count=F("count") + change.count, total=F("total") + change.total):
        MetricDay.objects.create(
            site_id=cell.site_id,
            metric=cell.metric,
            day=cell.day,
            practitioner_id=cell.practitioner_id,
            count=change.count,
            total=change.total,
        )
    elif change.count < 0:
        day.filter(count=0).delete()


def piece_of(row: MetricPiece) -> Piece:
    """A row as the value it holds."""
    return Piece(
        metric=row.metric,
        site_id=row.site_id,
        practitioner_id=row.practitioner_id,
        patient_id=row.patient_id,
        source_id=row.source_id,
        began_at=row.began_at,
        at=row.at,
        day=row.day,
        amount=row.amount,
    )


def columns_of(piece: Piece) -> dict[str, object]:
    """A value as the columns of its row."""
    return {
        "metric": piece.metric,
        "site_id": piece.site_id,
        "practitioner_id": piece.practitioner_id,
        "patient_id": piece.patient_id,
        "source_id": piece.source_id,
        "began_at": piece.began_at,
        "at": piece.at,
        "day": piece.day,
        "amount": piece.amount,
    }
