"""Files of suppliers: kept whole, mapped and previewed by a person. Nothing of the catalog changes here."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

from django.db import connection, transaction

from willowbark.catalog.core.price_lists.columns import Columns, check_columns, guess
from willowbark.catalog.core.price_lists.labels import is_label_file, label_lines
from willowbark.catalog.core.price_lists.lines import in_order
from willowbark.catalog.core.price_lists.prices import Comparison, lines_of
from willowbark.catalog.core.price_lists.reading import read_sheet
from willowbark.catalog.core.price_lists.sheet import MOST_BYTES, Sheet, Unreadable
from willowbark.catalog.models import PriceList, Product, SupplierColumns
from willowbark.catalog.selectors.reading import infos_of
from willowbark.foundation import access, clock
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Conflict, Invalid, NotFound, RequestKeyReused
from willowbark.knowledge.selectors import release

MANAGE = "catalog.manage"
_SAMPLE = 5


@transaction.atomic
def hand_in(
    *, actor: Actor, supplier: str, name: str, content: bytes, request_key: UUID, currency: str = ""
) -> UUID:
    """
    Keep a file and preview it by the supplier's columns, or by those that its headers seem to say.

    What cannot be read is kept whole as well, with the reason. The same `request_key` with the same file
    returns the first.

    Raises:
        Forbidden: the actor does not manage the catalog.
        Invalid: no supplier, or a file larger than 10 MB.
        RequestKeyReused: the key came before with another file.
    """
    require(actor, MANAGE)
    supplier = " ".join(supplier.split())
    if not supplier or len(supplier) > 100 or "\0" in supplier:
        raise Invalid("Say the supplier, in at most 100 characters.", field="supplier")
    if len(content) > MOST_BYTES:
        raise Invalid(f"The file is larger than {MOST_BYTES // 1_000_000} MB.", field="file")
    digest = sha256(content).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(request_key)])
    first = PriceList.objects.filter(request_key=request_key).first()
    if first is not None:
        if (first.supplier, first.content_sha256) != (supplier, digest):
            raise RequestKeyReused("This form has handed in another file before.")
        return first.pk
    row = PriceList(
        id=uuid7(),
        kind="prices",
        supplier=supplier,
        file_name=name.replace("\0", "")[:200] or "file",
        content=content,
        content_sha256=digest,
        currency=currency.strip().upper()[:3],
        request_key=request_key,
        uploaded_at=clock.now(),
        uploaded_by_id=actor.user_id,
    )
    _read(row, None)
    row.save(force_insert=True)
    access.record_change(actor, "catalog.price_list_handed_in", subject=f"{supplier}: {row.pk}")
    return row.pk


@transaction.atomic
def map_columns(*, actor: Actor, price_list_id: UUID, columns: Mapping[str, str], currency: str) -> None:
    """
    Say which column holds what, and preview the file by that.

    Raises:
        Forbidden: the actor does not manage the catalog.
        NotFound: no such file.
        Conflict: it is not open any more.
        Invalid: the columns do not tell products, prices or the currency. Nothing was changed then.
    """
    row = opened(actor, price_list_id, "open")
    checked = check_columns(Columns(dict(columns), currency), row.headers) if row.kind == "prices" else None
    row.currency = currency.strip().upper()[:3]
    _read(row, checked)
    row.save()
    access.record_change(actor, "catalog.price_list_mapped", subject=str(row.pk))


@transaction.atomic
def read_again(*, actor: Actor, price_list_id: UUID) -> None:
    """
    Read a file again that could not be read, or preview one anew against the catalog as it is now.

    Raises:
        Forbidden: the actor does not manage the catalog.
        NotFound: no such file.
        Conflict: it is neither unreadable nor open.
    """
    row = opened(actor, price_list_id, "unreadable", "open")
    _read(row, Columns(row.columns, row.currency) if row.columns else None)
    row.save()
    access.record_change(actor, "catalog.price_list_read_again", subject=str(row.pk))


@transaction.atomic
def dismiss(*, actor: Actor, price_list_id: UUID) -> None:
    """
    Put a file away that is not wanted; it stays kept.

    Raises:
        Forbidden: the actor does not manage the catalog.
        NotFound: no such file.
        Conflict: it is neither unreadable nor open.
    """
    row = opened(actor, price_list_id, "unreadable", "open")
    row.status = "dismissed"
    row.save()
    access.record_change(actor, "catalog.price_list_dismissed", subject=str(row.pk))


def opened(actor: Actor, price_list_id: UUID, *statuses: str) -> PriceList:
    """
    The file, locked, when it is in one of these states.

    Raises:
        Forbidden, NotFound, Conflict: see the callers.
    """
    require(actor, MANAGE)
    row = PriceList.objects.select_for_update().filter(pk=price_list_id).first()
    if row is None:
        raise NotFound("price list")
    if row.status not in statuses:
        raise Conflict(f"This price list is {row.status}.")
    return row


def _read(row: PriceList, columns: Columns | None) -> None:
    """Fill in what the file says; `columns` None: those of the supplier, else a guess."""
    row.reason, row.lines, row.lines_done = "", [], 0
    try:
        sheet = read_sheet(bytes(row.content))
    except Unreadable as error:
        row.status, row.reason = "unreadable", str(error)
        return
    row.status = "open"
    row.headers, row.notes = list(sheet.headers), list(sheet.notes)
    row.sample = [[str(cell)[:80] for cell in line.cells] for line in sheet.rows[:_SAMPLE]]
    row.kind = "labels" if is_label_file(sheet) else "prices"
    _preview(row, sheet, columns)


def _preview(row: PriceList, sheet: Sheet, columns: Columns | None) -> None:
    source = f"{row.supplier}, {row.file_name}"[:300]
    if row.kind == "labels":
        row.currency = row.currency or "USD"
        lines = label_lines(sheet, _known(), currency=row.currency, source=source[:250])
    else:
        if columns is None:
            columns = _remembered(row, sheet)
        row.columns = dict(columns.headers)
        try:
            columns = check_columns(columns, sheet.headers)
        except Invalid as error:
            row.reason = str(error)
            return
        row.currency = columns.currency
        lines = lines_of(sheet, columns, _known(), source=source)
    row.lines = [line.as_json() for line in in_order(lines)]


def _remembered(row: PriceList, sheet: Sheet) -> Columns:
    known = SupplierColumns.objects.filter(supplier=row.supplier).first()
    if known is not None and set(known.columns.values()) <= set(sheet.headers):
        return Columns(known.columns, row.currency or known.currency)
    return Columns(guess(sheet.headers).headers, row.currency)


def _known() -> Comparison:
    latest = Product.objects.order_by("key", "-version").distinct("key")
    return Comparison(infos_of(latest), release())
