"""A table from text: commas, semicolons, tabs or bars, in whatever encoding it was saved."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import Final

from willowbark.catalog.core.price_lists.sheet import (
    LONGEST_CELL,
    MOST_ROWS,
    Sheet,
    SheetRow,
    Unreadable,
    sheet_of,
)

_DELIMITERS: Final = (",", ";", "\t", "|")
_SAMPLE: Final = 30


def read_text(content: bytes) -> Sheet:
    """
    The table of a file of text.

    Raises:
        Unreadable: it is no text, or no table.
    """
    text, notes = _decoded(content)
    lines = text.splitlines()
    rows = []
    try:
        for cells in (reader := csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(lines))):
            trimmed = tuple(cell.strip()[:LONGEST_CELL] for cell in cells)
            if any(trimmed) and not trimmed[0].startswith("#"):
                rows.append(SheetRow(reader.line_num, trimmed))
            if len(rows) > MOST_ROWS:
                break
    except csv.Error as error:
        raise Unreadable(f"The file is no table: {error}.", field="file") from error
    return sheet_of(rows, notes)


def _decoded(content: bytes) -> tuple[str, tuple[str, ...]]:
    encodings = ("utf-8-sig",)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    elif b"\0" in content[:1000]:
        # Text of Western letters in UTF-16 without its mark: every other byte is zero.
        encodings = ("utf-16-le",) if content[1:2] == b"\0" else ("utf-16-be",)
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            break
        if "\0" in text:
            raise Unreadable("The file is no text: it holds NUL characters.", field="file")
        return text, () if encoding == "utf-8-sig" else ("Read as UTF-16.",)
    if b"\0" in content:
        raise Unreadable("The file is neither text nor a spreadsheet.", field="file")
    return content.decode("cp1252", errors="replace"), (
        "Not UTF-8, so read as Windows-1252: look at letters with accents.",
    )


def _delimiter(lines: list[str]) -> str:
    """The one that gives most columns in most rows of the beginning; a comma when none does."""
    sample = [line for line in lines if line.strip()][:_SAMPLE]
    best = (0, 0, ",")
    for rank, delimiter in enumerate(_DELIMITERS):
        widths = Counter(len(row) for row in csv.reader(sample, delimiter=delimiter))
        width, times = max(widths.items(), key=lambda each: (each[0] > 1, each[1], each[0]))
        best = max(best, (times * (width > 1), -rank, delimiter))
    return best[2]
