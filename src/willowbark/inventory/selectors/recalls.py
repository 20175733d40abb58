"""What is recalled."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from willowbark.foundation.authorisation import Actor, require
from willowbark.inventory.models import Recall
from willowbark.kernel.errors import NotFound

READ = ("inventory.read", "catalog.read", "dispensary.dispense")


@dataclass(frozen=True, slots=True)
class RecallView:
    """A recall: of these versions of a product, some lots or (with none named) all there are."""

    id: UUID
    product_key: str
    product_ids: tuple[UUID, ...]
    product_name: str
    lot_numbers: tuple[str, ...]
    reason: str
    source_text: str
    recalled_at: datetime
    is_lifted: bool

    def is_of(self, product_id: UUID, lot_number: str) -> bool:
        """Whether it is about this lot."""
        return product_id in self.product_ids and (not self.lot_numbers or lot_number in self.lot_numbers)


def recall(actor: Actor, recall_id: UUID) -> RecallView:
    """
    One recall, lifted or not.

    Raises:
        Forbidden: the actor reads neither shelf nor catalog.
        NotFound: no such recall.
    """
    require(actor, *READ)
    row = Recall.objects.filter(pk=recall_id).first()
    if row is None:
        raise NotFound("recall")
    return _view(row)


def recalls(actor: Actor, product_ids: Collection[UUID] | None = None) -> tuple[RecallView, ...]:
    """
    The recalls that hold, the last first: of these products, or all of them. One statement.

    Raises:
        Forbidden: the actor reads neither shelf nor catalog.
    """
    require(actor, *READ)
    rows = Recall.objects.filter(lifted_at__isnull=True).order_by("-recalled_at", "-id")
    if product_ids is not None:
        rows = rows.filter(product_ids__overlap=list(product_ids))
    return tuple(map(_view, rows))


def recalled_wholly(held: Iterable[RecallView]) -> dict[UUID, RecallView]:
    """The products of which every lot is recalled, each with its recall."""
    return {product_id: each for each in held if not each.lot_numbers for product_id in each.product_ids}


def _view(row: Recall) -> RecallView:
    return RecallView(
        id=row.pk,
        product_key=row.product_key,
        product_ids=tuple(row.product_ids),
        product_name=row.product_name,
        lot_numbers=tuple(row.lot_numbers),
        reason=row.reason,
        source_text=row.source_text,
        recalled_at=row.recalled_at,
        is_lifted=row.lifted_at is not None,
    )
