"""Stock as plain values, and which lots a take is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class LotOnHand:
    """A lot and what is left of it. It may be used up to and on the day it expires."""

    lot_id: UUID
    product_id: UUID
    lot_number: str
    expires_on: date
    on_hand_containers: int

    def is_expired(self, today: date) -> bool:
        """Whether its day has passed, by the calendar of its site."""
        return self.expires_on < today


@dataclass(frozen=True, slots=True)
class Taken:
    """Containers that were taken of one lot; above zero."""

    lot_id: UUID
    lot_number: str
    expires_on: date
    product_id: UUID
    containers: int


@dataclass(frozen=True, slots=True)
class Short:
    """A product of which there is less than was asked for; what has expired does not count."""

    product_id: UUID
    asked_containers: int
    on_hand_containers: int


@dataclass(frozen=True, slots=True)
class Picked:
    """Either what to take, in whole, or what is short; never a part of what was asked for."""

    taken: tuple[Taken, ...]
    short: tuple[Short, ...]


def pick_first_expiring(lots: Iterable[LotOnHand], takes: Sequence[tuple[UUID, int]], today: date) -> Picked:
    """
    Choose lots for each (product, containers above zero): those that expire first, first.

    Lots that expire on the same day go by number, then id. Expired and empty lots are never chosen. A
    product asked for twice is asked for once, with the sum. Nothing is taken at all when anything is short.
    """
    asked: dict[UUID, int] = {}
    for product_id, containers in takes:
        asked[product_id] = asked.get(product_id, 0) + containers
    usable: dict[UUID, list[LotOnHand]] = {product_id: [] for product_id in asked}
    for lot in lots:
        if lot.product_id in usable and lot.on_hand_containers > 0 and not lot.is_expired(today):
            usable[lot.product_id].append(lot)
    short = tuple(
        Short(product_id, containers, there)
        for product_id, containers in asked.items()
        if (there := sum(lot.on_hand_containers for lot in usable[product_id])) < containers
    )
    if short:
        return Picked((), short)
    return Picked(
        tuple(
            taken
            for product_id, containers in asked.items()
            for taken in _from(sorted(usable[product_id], key=_first_expiring), containers)
        ),
        (),
    )


def _first_expiring(lot: LotOnHand) -> tuple[date, str, UUID]:
    return lot.expires_on, lot.lot_number, lot.lot_id


def _from(lots: Iterable[LotOnHand], containers: int) -> Iterable[Taken]:
    for lot in lots:
        now = min(lot.on_hand_containers, containers)
        if now > 0:
            yield Taken(lot.lot_id, lot.lot_number, lot.expires_on, lot.product_id, now)
        containers -= now
