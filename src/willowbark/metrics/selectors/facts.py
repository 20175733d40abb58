"""Facts of the businesses below, as the pieces that they are counted as."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from willowbark.dispensary.selectors import HandedOut, all_handed_out, handed_out
from willowbark.foundation import effort
from willowbark.foundation.authorisation import Actor
from willowbark.metrics.core.definitions import (
    CONTAINERS_DISPENSED,
    OVERRIDE_RATE,
    PROTOCOL_TIME,
    PROTOCOLS_SIGNED,
)
from willowbark.metrics.core.pieces import Piece, day_at
from willowbark.metrics.selectors.defined import definitions
from willowbark.practice.selectors import get_site
from willowbark.protocols.selectors.for_figures import Signing, signing, signings

BATCH = 500


def pieces_of_protocol(actor: Actor, patient_id: UUID, protocol_id: UUID) -> tuple[Piece, ...]:
    """
    What a signed protocol counts as.

    Raises:
        NotFound: no such protocol.
    """
    return pieces_of_signing(actor, signing(actor, patient_id, protocol_id))


def pieces_of_dispensing(actor: Actor, patient_id: UUID, dispensing_id: UUID) -> tuple[Piece, ...]:
    """
    What a dispensing counts as.

    Raises:
        NotFound: no such dispensing.
    """
    return pieces_of_handing_out(actor, handed_out(actor, patient_id, dispensing_id))


def all_pieces(actor: Actor) -> Iterator[list[Piece]]:
    """The pieces of every fact there is, some hundred facts at a time."""
    after = None
    while signed := signings(actor, after=after, limit=BATCH):
        yield [piece for one in signed for piece in pieces_of_signing(actor, one)]
        after = signed[-1].protocol_id
    after = None
    while handed := all_handed_out(actor, after=after, limit=BATCH):
        yield [piece for one in handed for piece in pieces_of_handing_out(actor, one)]
        after = handed[-1].dispensing_id


def pieces_of_signing(actor: Actor, signed: Signing) -> tuple[Piece, ...]:
    """
    A signed protocol: counted once, whether it was changed by hand, and the time that it took, when any was
    measured.

    Raises:
        Forbidden: the actor may not read others' time.
    """
    day = day_at(signed.signed_at, get_site(actor, signed.site_id).time_zone)

    def piece(metric: str, amount: int) -> Piece:
        return Piece(
            metric=metric,
            site_id=signed.site_id,
            practitioner_id=signed.signed_by,
            patient_id=signed.patient_id,
            source_id=signed.protocol_id,
            began_at=signed.opened_at,
            at=signed.signed_at,
            day=day,
            amount=amount,
        )

    seconds = effort.active_seconds(
        actor,
        user_id=signed.signed_by,
        patient_id=signed.patient_id,
        task_kind=definitions().metric(PROTOCOL_TIME).task_kind,
        since=signed.opened_at,
        until=signed.signed_at,
    )
    counted = (piece(PROTOCOLS_SIGNED, 1), piece(OVERRIDE_RATE, int(signed.is_changed)))
    return (*counted, piece(PROTOCOL_TIME, seconds)) if seconds else counted


def pieces_of_handing_out(actor: Actor, handed: HandedOut) -> tuple[Piece, ...]:
    """A dispensing: its containers."""
    return (
        Piece(
            metric=CONTAINERS_DISPENSED,
            site_id=handed.site_id,
            practitioner_id=handed.by,
            patient_id=handed.patient_id,
            source_id=handed.dispensing_id,
            began_at=None,
            at=handed.at,
            day=day_at(handed.at, get_site(actor, handed.site_id).time_zone),
            amount=handed.containers,
        ),
    )
