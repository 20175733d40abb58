"""Read the files of suppliers, as an actor who manages the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from willowbark.catalog.core.price_lists.lines import Line, counts, line_of
from willowbark.catalog.models import PriceList
from willowbark.foundation.authorisation import Actor, require
from willowbark.kernel.errors import NotFound

MANAGE = "catalog.manage"
_HEAVY = ("content", "lines", "sample", "headers")


@dataclass(frozen=True, slots=True)
class PriceListRow:
    """One file of the list of files."""

    id: UUID
    kind: str
    supplier: str
    file_name: str
    status: str
    reason: str
    uploaded_at: datetime


@dataclass(frozen=True, slots=True)
class PriceListRead:
    """
    One file with its preview or its outcome.

    `columns`: field -> header; `sample`: the first rows, cell by cell; `lines` in the order of the page.
    """

    id: UUID
    kind: str
    supplier: str
    file_name: str
    status: str
    reason: str
    columns: Mapping[str, str]
    currency: str
    headers: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    lines: tuple[Line, ...]
    lines_done: int
    uploaded_at: datetime
    applied_at: datetime | None
    undone_at: datetime | None

    @property
    def counts(self) -> dict[str, int]:
        """How many lines of each kind there are."""
        return counts(self.lines)


def price_lists(actor: Actor, *, limit: int = 50) -> tuple[PriceListRow, ...]:
    """The newest files."""
    require(actor, MANAGE)
    rows = PriceList.objects.defer(*_HEAVY).order_by("-uploaded_at", "-id")[:limit]
    return tuple(
        PriceListRow(
            row.pk, row.kind, row.supplier, row.file_name, row.status, row.reason, row.uploaded_at
        )
        for row in rows
    )  # fmt: skip


def price_list(actor: Actor, price_list_id: UUID) -> PriceListRead:
    """
    One file with its preview.

    Raises:
        NotFound: no such file.
    """
    require(actor, MANAGE)
    row = PriceList.objects.defer("content").filter(pk=price_list_id).first()
    if row is None:
        raise NotFound("price list")
    return PriceListRead(
        id=row.pk,
        kind=row.kind,
        supplier=row.supplier,
        file_name=row.file_name,
        status=row.status,
        reason=row.reason,
        columns=row.columns,
        currency=row.currency,
        headers=tuple(row.headers),
        sample=tuple(tuple(cells) for cells in row.sample),
        notes=tuple(row.notes),
        lines=tuple(line_of(said) for said in row.lines),
        lines_done=row.lines_done,
        uploaded_at=row.uploaded_at,
        applied_at=row.applied_at,
        undone_at=row.undone_at,
    )


def file_of(actor: Actor, price_list_id: UUID) -> tuple[str, bytes]:
    """
    A file's name and its bytes, as they came.

    Raises:
        NotFound: no such file.
    """
    require(actor, MANAGE)
    row = PriceList.objects.only("file_name", "content").filter(pk=price_list_id).first()
    if row is None:
        raise NotFound("price list")
    return row.file_name, bytes(row.content)
