"""Carry out a price list portion by portion, and take it back."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from uuid import UUID

from django.db import transaction

from willowbark.catalog.core.price_lists.lines import WILL_CHANGE, Line, Prices, line_of
from willowbark.catalog.models import Product, SupplierColumns
from willowbark.catalog.services.loading import load_products
from willowbark.catalog.services.price_lists import opened
from willowbark.catalog.services.retiring import retire_product
from willowbark.catalog.services.turns import take_turns
from willowbark.foundation import access, clock, jobs
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Conflict

CARRY_OUT: Final = "catalog.carry_out_price_list"
PORTION: Final = 200
NO_PRICE_YET: Final = "Came from a label file, without price or allergens: say both, then restore it."
TAKEN_BACK: Final = "Taken back with the price list that added it."
OTHER_BY_NOW: Final = "its price is another one by now"


@transaction.atomic
def ask_to_apply(*, actor: Actor, price_list_id: UUID) -> None:
    """
    Have the worker carry out the preview; the supplier's columns are remembered.

    Asked again, it goes on where it stopped, in the name of who asks: the first may have left.

    Raises:
        Forbidden: the actor does not manage the catalog.
        NotFound: no such file.
        Conflict: there is no preview, or it is put away or taken back.
    """
    row = opened(actor, price_list_id, "open", "asked", "applied")
    if row.status == "applied":
        return
    if not row.lines:
        raise Conflict(row.reason or "There is no preview to carry out.")
    if row.status == "open" and row.kind == "prices":
        SupplierColumns.objects.update_or_create(
            supplier=row.supplier,
            defaults={"columns": row.columns, "currency": row.currency, "changed_at": clock.now()},
            create_defaults={
                "id": uuid7(),
                "columns": row.columns,
                "currency": row.currency,
                "changed_at": clock.now(),
            },
        )
    row.status, row.asked_by = "asked", actor.user_id
    row.save(update_fields=["status", "asked_by"])
    access.record_change(actor, "catalog.price_list_asked", subject=str(row.pk))
    jobs.defer(CARRY_OUT, price_list_id=str(row.pk), asked_by=str(actor.user_id))


@transaction.atomic
def apply_portion(*, actor: Actor, price_list_id: UUID) -> bool:
    """
    Carry out the next lines; whether there are more. What was interrupted goes on where it stopped.

    A price that somebody changed since the preview is left, and said.

    Raises:
        Forbidden: the actor does not manage the catalog.
        NotFound: no such file.
        Conflict: nobody asked for it.
    """
    row = opened(actor, price_list_id, "asked", "applied")
    if row.status == "applied":
        return False
    take_turns()
    upto = min(row.lines_done + PORTION, len(row.lines))
    for number in range(row.lines_done, upto):
        line = line_of(row.lines[number])
        if line.kind in WILL_CHANGE:
            row.lines[number] = _carried_out(actor, line, row.kind).as_json()
    row.lines_done = upto
    if upto == len(row.lines):
        row.status, row.applied_at = "applied", clock.now()
        access.record_change(actor, "catalog.price_list_applied", subject=str(row.pk))
    # The file itself, of up to ten megabytes, is not written again with each portion.
    row.save(update_fields=["lines", "lines_done", "status", "applied_at"])
    return row.status == "asked"


def _carried_out(actor: Actor, line: Line, kind: str) -> Line:
    if line.product is not None:
        if Product.objects.filter(key=line.key).exists():
            return replace(line, kind="unmatched", reason="the catalog has such a product by now")
        load_products(actor=actor, products=[line.product])
        if kind == "labels":
            retire_product(actor=actor, key=line.key, reason=NO_PRICE_YET)
        return line
    if line.before is None or line.after is None or not _repriced(line.key, line.before, line.after):
        return replace(line, kind="unmatched", reason=OTHER_BY_NOW)
    access.record_change(actor, "catalog.product_changed", subject=line.key)
    return line


def _repriced(key: str, before: Prices, after: Prices) -> bool:
    """Whether the product in force had the price before, and has the other now."""
    said = {
        "container_price_cents": before.price_cents,
        "container_cost_cents": before.cost_cents,
        "currency": before.currency,
    }
    rows = Product.objects.filter(key=key, is_active=True, **said)
    changed = rows.update(container_price_cents=after.price_cents, container_cost_cents=after.cost_cents)
    return bool(changed)


@transaction.atomic
def undo(*, actor: Actor, price_list_id: UUID) -> None:
    """
    Take back what a price list did: prices are as before, what it added is retired. Again changes nothing.

    A price that was changed again since is left, and its line says so.

    Raises:
        Forbidden: the actor does not manage the catalog.
        NotFound: no such file.
        Conflict: it was never carried out.
    """
    row = opened(actor, price_list_id, "applied", "undone")
    if row.status == "undone":
        return
    take_turns()
    for number, said in enumerate(row.lines):
        line = line_of(said)
        if line.kind in WILL_CHANGE:
            row.lines[number] = _taken_back(actor, line).as_json()
    row.status, row.undone_at = "undone", clock.now()
    row.save()
    access.record_change(actor, "catalog.price_list_undone", subject=str(row.pk))


def _taken_back(actor: Actor, line: Line) -> Line:
    if line.product is not None:
        retire_product(actor=actor, key=line.key, reason=TAKEN_BACK)
        return line
    if line.before is None or line.after is None or not _repriced(line.key, line.after, line.before):
        return replace(line, reason=OTHER_BY_NOW)
    access.record_change(actor, "catalog.product_changed", subject=line.key)
    return line
