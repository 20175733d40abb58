"""Recall a product or lots of it: nothing of it is composed with or handed out until that is lifted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import connection, transaction

from willowbark.catalog.selectors import products_of_key
from willowbark.foundation import access, clock, outbox
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.ids import uuid7
from willowbark.inventory.core.recalls import BY_CODE
from willowbark.inventory.events import RecallChanged
from willowbark.inventory.models import Recall
from willowbark.kernel.errors import Conflict, Invalid, NotFound, RequestKeyReused

WRITE = "inventory.recall"
MOST_LOTS = 200
LONGEST_TOLD_BY = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecall:
    """
    A recall as somebody says it: lots of a product by their numbers, or every lot without any.

    `source_text` is who recalls it and where that is written, `told_by` who told the practice, if anybody
    said; `class_code` one of `core.recalls.CLASSES`.
    """

    product_key: str
    reason: str
    source_text: str
    lot_numbers: Collection[str] = ()
    class_code: str = ""
    told_by: str = ""


def checked_recall(new: NewRecall) -> NewRecall:
    """
    A recall with its words trimmed, and its lots in capitals and in order.

    Raises:
        Invalid: no reason or source (1 to 300 characters), more than 200 lots or one without a number, no
            such class, or who told it in more than 200 characters.
    """
    lots = sorted({number.strip().upper() for number in new.lot_numbers})
    if len(lots) > MOST_LOTS or any(not 1 <= len(number) <= 60 or "\0" in number for number in lots):
        raise Invalid(f"At most {MOST_LOTS} lots, each by its number.", field="lot_numbers")
    if new.class_code not in BY_CODE:
        raise Invalid("There is no such class.", field="class_code")
    told_by = new.told_by.strip()
    if len(told_by) > LONGEST_TOLD_BY or "\0" in told_by:
        raise Invalid(f"At most {LONGEST_TOLD_BY} characters.", field="told_by")
    return replace(
        new,
        reason=_words(new.reason, "reason"),
        source_text=_words(new.source_text, "source_text"),
        lot_numbers=tuple(lots),
        told_by=told_by,
    )


@transaction.atomic
def recall_product(*, actor: Actor, new: NewRecall, request_key: UUID | None = None) -> UUID:
    """
    Recall a product or lots of it; the recall's id.

    Every version of the product that there is is recalled. The same lots again, while a recall of them holds,
    change nothing, nor does repeating `request_key`.

    Raises:
        Forbidden: the actor recalls nothing.
        NotFound: no such product.
        Invalid: as `checked_recall` says.
        RequestKeyReused: the key came before with another recall.
    """
    require(actor, WRITE)
    said = checked_recall(new)
    versions = products_of_key(actor, said.product_key)
    # Whoever recalls the same at this moment comes after, and finds it.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"recall {said.product_key}"]
        )
    first = Recall.objects.filter(request_key=request_key).first() if request_key else None
    if first is not None:
        if _said_in(first) != said:
            raise RequestKeyReused("This form has recalled something else before.")
        return first.pk
    same = Recall.objects.filter(
        product_key=said.product_key, lot_numbers=list(said.lot_numbers), lifted_at__isnull=True
    ).first()
    if same is not None:
        return same.pk
    row = Recall.objects.create(
        id=uuid7(),
        product_key=said.product_key,
        product_ids=[each.id for each in versions],
        product_name=versions[0].name,
        lot_numbers=list(said.lot_numbers),
        reason=said.reason,
        source_text=said.source_text,
        class_code=said.class_code,
        told_by=said.told_by,
        request_key=request_key,
        recalled_at=clock.now(),
        recalled_by_id=actor.user_id,
    )
    access.record_change(actor, "inventory.recalled", subject=f"{row.product_key} {row.pk}")
    outbox.publish(actor, RecallChanged(recall_id=row.pk))
    return row.pk


@transaction.atomic
def lift_recall(*, actor: Actor, recall_id: UUID, reason: str) -> None:
    """
    Say why a recall no longer holds, or never did.

    Raises:
        Forbidden: the actor recalls nothing.
        NotFound: no such recall.
        Invalid: no reason, or one of more than 300 characters.
        Conflict: it was lifted already.
    """
    require(actor, WRITE)
    why = _words(reason, "reason")
    row = Recall.objects.select_for_update(no_key=True).filter(pk=recall_id).first()
    if row is None:
        raise NotFound("recall")
    if row.lifted_at is not None:
        raise Conflict("This recall was lifted already.")
    row.lifted_at, row.lifted_by_id, row.lift_reason = clock.now(), actor.user_id, why
    row.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
    access.record_change(actor, "inventory.recall_lifted", subject=f"{row.product_key} {row.pk}")
    outbox.publish(actor, RecallChanged(recall_id=row.pk))


def _said_in(row: Recall) -> NewRecall:
    return NewRecall(
        product_key=row.product_key,
        reason=row.reason,
        source_text=row.source_text,
        lot_numbers=tuple(row.lot_numbers),
        class_code=row.class_code,
        told_by=row.told_by,
    )


def _words(text: str, field: str) -> str:
    said = text.strip()
    if not 1 <= len(said) <= 300 or "\0" in said:
        raise Invalid("Say it in 1 to 300 characters.", field=field)
    return said
