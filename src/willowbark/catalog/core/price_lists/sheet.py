"""What a table of a file is, however the file came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from willowbark.kernel.errors import Invalid

# No price list is longer; what is, was not made for this.
MOST_BYTES: Final = 10_000_000
MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 100
LONGEST_CELL: Final = 5_000
_LOOKED_AT: Final = 20
# A cell of a spreadsheet that holds a number is a Decimal, whose point nobody can mistake; all else is text.
Cell = str | Decimal


class Unreadable(Invalid):
    """The file cannot be read as a table; the text says why."""

    code = "unreadable_file"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row that is not empty; `number` is the one that a spreadsheet shows, from 1."""

    number: int
    cells: tuple[Cell, ...]

    def cell(self, column: int | None) -> Cell:
        """The cell of a column; '' beyond the end, and without a column."""
        return self.cells[column] if column is not None and column < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The headers, the rows below them, and what somebody should know of how the file was read."""

    headers: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    notes: tuple[str, ...] = ()


def sheet_of(rows: Sequence[SheetRow], notes: Sequence[str] = ()) -> Sheet:
    """
    Find the headers among the first rows: the row with the most filled cells, and the first of those.

    Raises:
        Unreadable: there is no table, or it is longer or wider than can be.
    """
    if len(rows) > MOST_ROWS:
        raise Unreadable(f"The file has more than {MOST_ROWS:,} rows.", field="file")
    if any(len(row.cells) > MOST_COLUMNS for row in rows):
        raise Unreadable(f"The file has more than {MOST_COLUMNS} columns.", field="file")
    first = max(rows[:_LOOKED_AT], key=lambda row: (_words(row), -row.number), default=None)
    if first is None or _words(first) < 2:
        raise Unreadable("There is no row of headers in the file.", field="file")
    below = tuple(row for row in rows if row.number > first.number)
    if not below:
        raise Unreadable("There is no row below the headers.", field="file")
    headers = _told_apart([" ".join(str(cell).split())[:95] for cell in first.cells])
    twice = [header for header in headers if header.endswith(" (2)")]
    said = [
        f"Two columns are called {header.removesuffix(' (2)')!r}: choose the right one." for header in twice
    ]
    return Sheet(headers, below, (*notes, *said))


def _told_apart(headers: Sequence[str]) -> tuple[str, ...]:
    """The headers, of which a second of the same name is "Price (2)": else nobody could choose it."""
    times = Counter[str]()
    found = []
    for header in headers:
        times[header] += 1
        found.append(f"{header} ({times[header]})" if header and times[header] > 1 else header)
    return tuple(found)


def _words(row: SheetRow) -> int:
    """How many cells hold words: a header is no number."""
    return sum(isinstance(cell, str) and any(letter.isalpha() for letter in cell) for cell in row.cells)
