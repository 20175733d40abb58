"""What the pages of price lists are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from willowbark.catalog.core.price_lists.columns import LABELS
from willowbark.catalog.core.price_lists.lines import WILL_CHANGE, Line
from willowbark.catalog.pages import money_text
from willowbark.catalog.selectors.price_lists import PriceListRead, PriceListRow
from willowbark.foundation.presentation.choices import Choice

# As many as a person looks at; a file says the rest by its numbers.
MOST_SHOWN = 300
KIND_WORDS = {
    "price": "Price changes",
    "new": "New",
    "unreadable": "Cannot be read",
    "unmatched": "Not matched",
    "same": "As before",
}
STATUS_WORDS = {
    "unreadable": "Cannot be read",
    "open": "To look at",
    "asked": "Being carried out",
    "applied": "Carried out",
    "undone": "Taken back",
    "dismissed": "Put away",
}


@dataclass(frozen=True, slots=True)
class PriceListList:
    """Every file, newest first, and the form for another."""

    rows: tuple[tuple[PriceListRow, str], ...]
    request_key: UUID
    supplier: str = ""
    currency: str = "USD"
    error_text: str = ""


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """One thing that a file can say, and the columns that could say it."""

    field: str
    label: str
    options: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class LineShown:
    """One line in words."""

    row: int
    kind: str
    kind_text: str
    name: str
    key: str
    reason: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PriceListPage:
    """One file: its columns, its first rows, and what it would do or did."""

    read: PriceListRead
    status_text: str
    columns: tuple[ColumnChoice, ...]
    counts: tuple[tuple[str, int], ...]
    lines: tuple[LineShown, ...]
    left_out: int
    will_change: int
    watch_url: str
    error_text: str = ""


def page_of(read: PriceListRead, *, watch_url: str, error_text: str = "") -> PriceListPage:
    """The page of one file."""
    counts = read.counts
    return PriceListPage(
        read=read,
        status_text=STATUS_WORDS[read.status],
        columns=_choices(read) if read.status == "open" and read.kind == "prices" else (),
        counts=tuple((KIND_WORDS[kind], number) for kind, number in counts.items() if number),
        lines=tuple(_shown(line) for line in read.lines[:MOST_SHOWN]),
        left_out=max(0, len(read.lines) - MOST_SHOWN),
        will_change=sum(counts[kind] for kind in WILL_CHANGE),
        watch_url=watch_url if read.status == "asked" else "",
        error_text=error_text,
    )


def list_of(
    rows: Sequence[PriceListRow],
    request_key: UUID,
    *,
    supplier: str = "",
    currency: str = "USD",
    error_text: str = "",
) -> PriceListList:
    """The page of all files."""
    shown = tuple((row, STATUS_WORDS[row.status]) for row in rows)
    return PriceListList(shown, request_key, supplier, currency, error_text)


def _choices(read: PriceListRead) -> tuple[ColumnChoice, ...]:
    headers = [header for header in dict.fromkeys(read.headers) if header]
    return tuple(
        ColumnChoice(
            field,
            label,
            tuple(Choice(header, header, header == read.columns.get(field)) for header in headers),
        )
        for field, label in LABELS.items()
    )


def _shown(line: Line) -> LineShown:
    return LineShown(
        line.row, line.kind, KIND_WORDS[line.kind], line.name, line.key, line.reason, tuple(_changes(line))
    )


def _changes(line: Line) -> list[str]:
    after, before = line.after, line.before
    if after is None:
        return []
    found = []
    for name, becomes, was in (
        ("Price", after.price_cents, before.price_cents if before else None),
        ("Cost", after.cost_cents, before.cost_cents if before else None),
    ):
        text = money_text(becomes, after.currency)
        if was is None:
            found.append(f"{name} {text}")
        elif was != becomes:
            found.append(f"{name} {money_text(was, after.currency)}, then {text}")
    return found
