"""A table from a spreadsheet (.xlsx), without being taken in by what one can hide."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import openpyxl

from willowbark.catalog.core.price_lists.sheet import (
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    Cell,
    Sheet,
    SheetRow,
    Unreadable,
    sheet_of,
)

# Unpacked: twenty thousand rows of a hundred cells are far smaller.
MOST_UNPACKED_BYTES: Final = 100_000_000
# Each costs a reader some 25 microseconds, and pages wait meanwhile.
MOST_CELLS: Final = 600_000
_CELL: Final = re.compile(rb"<(?:\w+:)?(?:c|row|si)[ />]")
MERGED: Final = "Cells are merged: only the first of them holds the value, so rows may lack one."
ZIP_MARK: Final = b"PK\x03\x04"
OLD_EXCEL_MARK: Final = b"\xd0\xcf\x11\xe0"


def read_workbook(content: bytes) -> Sheet:
    """
    The first table of a spreadsheet, with the values that it was saved with.

    A formula whose value was not saved stays as its text, which begins with "=".

    Raises:
        Unreadable: it is no spreadsheet, is locked, or unpacks to more than can be meant.
    """
    notes, has_formulas = _looked_into(content)
    try:
        values = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        # Read a second time only where it could say more: the formulas beside the values.
        written = openpyxl.load_workbook(io.BytesIO(content), read_only=True) if has_formulas else values
        sheets = [name for name in values.sheetnames if hasattr(values[name], "iter_rows")]
        if not sheets:
            raise Unreadable("The spreadsheet has no table.", field="file")
        rows = list(_rows(values[sheets[0]], written[sheets[0]]))
    except Unreadable:
        raise
    except Exception as error:  # whatever a broken file makes of the reader is the file's fault
        raise Unreadable("The spreadsheet cannot be read.", field="file") from error
    if len(sheets) > 1:
        notes.append(f"Only the sheet {sheets[0]!r} is read, of {len(sheets)}.")
    return sheet_of(rows, notes)


def _looked_into(content: bytes) -> tuple[list[str], bool]:
    """
    What should be said of the parts, and whether there are formulas.

    Refuses what unpacks to too much before anything is unpacked.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            listed = parts.infolist()
            if sum(part.file_size for part in listed) > MOST_UNPACKED_BYTES:
                raise Unreadable("The spreadsheet unpacks to more than can be meant.", field="file")
            if "xl/workbook.xml" not in parts.namelist():
                raise Unreadable("The file is packed, and is no spreadsheet (.xlsx).", field="file")
            cells = 0
            merged = has_formulas = False
            for part in listed:
                if part.filename.endswith(".xml"):
                    read = _unpacked(parts, part)
                    if b"<!DOCTYPE" in read[:2000]:
                        raise Unreadable("The spreadsheet holds what none should.", field="file")
                    cells += len(_CELL.findall(read))
                    if cells > MOST_CELLS:
                        raise Unreadable(f"The spreadsheet has more than {MOST_CELLS:,} cells.", field="file")
                    if part.filename.startswith("xl/worksheets/"):
                        merged |= b"<mergeCell " in read
                        has_formulas |= b"<f>" in read or b"<f " in read
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise Unreadable("The spreadsheet is damaged or locked.", field="file") from error
    return [MERGED] if merged else [], has_formulas


def _unpacked(parts: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """A part as far as its head says that it goes: a head may lie."""
    with parts.open(part) as opened:
        return opened.read(part.file_size)


def _rows(values: Any, written: Any) -> Iterator[SheetRow]:
    bounds = {"max_row": MOST_ROWS + 100, "max_col": MOST_COLUMNS + 1, "values_only": True}
    rows = values.iter_rows(**bounds)
    pairs = (
        ((row, row) for row in rows)
        if written is values
        else zip(rows, written.iter_rows(**bounds), strict=True)
    )
    for number, (row, formulas) in enumerate(pairs, start=1):
        cells = [_cell(value, formula) for value, formula in zip(row, formulas, strict=True)]
        while cells and cells[-1] == "":
            cells.pop()
        if cells:
            yield SheetRow(number, tuple(cells))


def _cell(value: object, formula: object) -> Cell:
    if value is None:
        value = formula if isinstance(formula, str) and formula.startswith("=") else ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return Decimal(str(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value).strip()[:LONGEST_CELL]
