"""Price lists as JSON: hand one in, preview, carry out, take back."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from willowbark.catalog import services
from willowbark.catalog.core.price_lists.lines import Line
from willowbark.catalog.selectors import price_lists as selectors
from willowbark.catalog.selectors.price_lists import PriceListRead
from willowbark.foundation.api import REFUSALS, operation
from willowbark.foundation.authorisation import Actor
from willowbark.kernel.errors import Invalid

router = Router(tags=["catalog"])
PAGE = 500


class PriceListIn(Schema):
    """A file of a supplier; `content` is its bytes in base64. The same `request_key` is one file."""

    supplier: str = Field(max_length=100)
    file_name: str = Field(max_length=200)
    content: str = Field(max_length=14_000_000)
    currency: str = Field("", max_length=3)
    request_key: UUID


class ColumnsIn(Schema):
    """Which header holds which field, and the currency of prices that name none."""

    columns: dict[str, str]
    currency: str = Field("", max_length=3)


class PricesOut(Schema):
    """What one container costs the patient and the practice, in cents of `currency`."""

    price_cents: int
    cost_cents: int
    currency: str


class LineOut(Schema):
    """What becomes of one row of the file; `reason` says why a row does nothing."""

    row: int
    kind: str
    name: str
    key: str
    reason: str
    before: PricesOut | None
    after: PricesOut | None


class PriceListOut(Schema):
    """A file with its preview or its outcome; more lines begin at `next`, which is -1 at the end."""

    id: UUID
    kind: str
    supplier: str
    file_name: str
    status: str
    reason: str
    columns: dict[str, str]
    currency: str
    headers: list[str]
    notes: list[str]
    counts: dict[str, int]
    lines: list[LineOut]
    lines_done: int
    next: int
    uploaded_at: datetime
    applied_at: datetime | None
    undone_at: datetime | None


ANSWER = {200: PriceListOut, **REFUSALS}


@router.post("", response=ANSWER, url_name="hand_in_price_list")
@operation("catalog.manage")
def hand_in(request: HttpRequest, actor: Actor, said: PriceListIn) -> PriceListOut:
    """Keep a file and preview it. Nothing of the catalog changes."""
    try:
        content = base64.b64decode(said.content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("The content is not base64.", field="content") from error
    list_id = services.hand_in(
        actor=actor,
        supplier=said.supplier,
        name=said.file_name,
        content=content,
        request_key=said.request_key,
        currency=said.currency,
    )
    return _out(selectors.price_list(actor, list_id))


@router.get("/{uuid:price_list_id}", response=ANSWER, url_name="price_list")
@operation("catalog.manage")
def read(request: HttpRequest, actor: Actor, price_list_id: UUID, start: int = 0) -> PriceListOut:
    """A file with its preview: 500 lines from `start` on, what changes first."""
    return _out(selectors.price_list(actor, price_list_id), start)


@router.post("/{uuid:price_list_id}/columns", response=ANSWER, url_name="map_price_list")
@operation("catalog.manage")
def columns(request: HttpRequest, actor: Actor, price_list_id: UUID, said: ColumnsIn) -> PriceListOut:
    """Say which column holds what, and preview by that."""
    services.map_columns(
        actor=actor, price_list_id=price_list_id, columns=said.columns, currency=said.currency
    )
    return _out(selectors.price_list(actor, price_list_id))


@router.post("/{uuid:price_list_id}/apply", response=ANSWER, url_name="apply_price_list")
@operation("catalog.manage")
def apply(request: HttpRequest, actor: Actor, price_list_id: UUID) -> PriceListOut:
    """Have the worker carry out the preview; again changes nothing."""
    services.ask_to_apply(actor=actor, price_list_id=price_list_id)
    return _out(selectors.price_list(actor, price_list_id))


@router.post("/{uuid:price_list_id}/undo", response=ANSWER, url_name="undo_price_list")
@operation("catalog.manage")
def undo(request: HttpRequest, actor: Actor, price_list_id: UUID) -> PriceListOut:
    """Take back what it did; again changes nothing."""
    services.undo(actor=actor, price_list_id=price_list_id)
    return _out(selectors.price_list(actor, price_list_id))


def _out(found: PriceListRead, start: int = 0) -> PriceListOut:
    first = min(max(0, start), len(found.lines))
    same = {
        name: getattr(found, name)
        for name in PriceListOut.model_fields
        if name not in ("lines", "next", "counts", "columns")
    }
    return PriceListOut(
        **same,
        columns=dict(found.columns),
        counts=found.counts,
        lines=[_line(line) for line in found.lines[first : first + PAGE]],
        next=first + PAGE if len(found.lines) > first + PAGE else -1,
    )


def _line(line: Line) -> LineOut:
    prices = {
        name: PricesOut(price_cents=said.price_cents, cost_cents=said.cost_cents, currency=said.currency)
        if said
        else None
        for name, said in (("before", line.before), ("after", line.after))
    }
    return LineOut(row=line.row, kind=line.kind, name=line.name, key=line.key, reason=line.reason, **prices)
