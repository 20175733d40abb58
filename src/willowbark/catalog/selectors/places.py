"""Where a product stands: asked of the floor above that keeps the shelves, which says so in its `apps.py`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from willowbark.foundation.authorisation import Actor


@dataclass(frozen=True, slots=True)
class Place:
    """A shelf with a product on it: containers that can be taken, and the page that says more."""

    name: str
    containers: int
    url: str


Provider = Callable[[Actor, Collection[UUID]], Mapping[UUID, Sequence[Place]]]
_providers: list[Provider] = []


def offer_places(provider: Provider) -> None:
    """Have `provider(actor, product ids)` asked for places; it says nothing of what the actor may not see."""
    if provider not in _providers:
        _providers.append(provider)


def places_of(actor: Actor, product_ids: Collection[UUID]) -> dict[UUID, tuple[Place, ...]]:
    """Where each of the products stands; a product that stands nowhere has ()."""
    found: dict[UUID, tuple[Place, ...]] = dict.fromkeys(product_ids, ())
    for provider in _providers:
        for product_id, places in provider(actor, product_ids).items():
            found[product_id] += tuple(places)
    return found
