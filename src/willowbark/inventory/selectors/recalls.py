"""What is recalled."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from willowbark.foundation.authorisation import Actor, require
from willowbark.inventory.core.recalls import BY_CODE, RecallClass
from willowbark.inventory.models import Recall
from willowbark.kernel.errors import NotFound

READ = ("inventory.read", "catalog.read", "dispensary.dispense")
# Whoever recalls, or asks patients for what was recalled.
RECALLING = ("inventory.recall", "dispensary.contact")


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
    class_code: str
    told_by: str
    recalled_at: datetime
    recalled_by: UUID
    lifted_at: datetime | None
    lifted_by: UUID | None
    lift_reason: str

    @property
    def is_lifted(self) -> bool:
        """Whether it no longer holds."""
        return self.lifted_at is not None

    @property
    def recall_class(self) -> RecallClass:
        """How bad it is."""
        return BY_CODE[self.class_code]

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


def lifted_recalls(actor: Actor, *, limit: int = 50) -> tuple[RecallView, ...]:
    """
    The recalls that were lifted, the last first. One statement.

    Raises:
        Forbidden: the actor reads neither shelf nor catalog.
    """
    require(actor, *READ)
    rows = Recall.objects.filter(lifted_at__isnull=False).order_by("-lifted_at", "-id")
    return tuple(map(_view, rows[:limit]))


@dataclass(frozen=True, slots=True)
class LotSomewhere:
    """A lot at a site, and how many containers are left of it, 0 for one that is used up."""

    site_name: str
    lot_number: str
    expires_on: date
    on_hand_containers: int


def lots_everywhere(actor: Actor, product_ids: Collection[UUID]) -> tuple[LotSomewhere, ...]:
    """
    Every lot of these products at every site, by site and expiry.

    For whoever recalls, or tells patients of recalls.

    Raises:
        Forbidden: the actor does neither.
    """
    require(actor, *RECALLING)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM willow_lots_everywhere(%s)", [list(product_ids)])
        return tuple(LotSomewhere(*row) for row in cursor.fetchall())


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
        class_code=row.class_code,
        told_by=row.told_by,
        recalled_at=row.recalled_at,
        recalled_by=row.recalled_by_id,
        lifted_at=row.lifted_at,
        lifted_by=row.lifted_by_id,
        lift_reason=row.lift_reason,
    )
