"""Values as cells of a table for people."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_EXTENSIONS = {
    "application/pdf": "pdf",
    "application/json": "json",
    "image/jpeg": "jpg",
    "image/png": "png",
    "text/csv": "csv",
    "text/html": "html.txt",
    "text/plain": "txt",
    "application/xml": "xml.txt",
    "text/xml": "xml.txt",
}


def cell(value: Any) -> str:
    """
    One value as text. What a spreadsheet would take for a formula has an apostrophe before it; numbers have
    none.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal | UUID):
        return str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return f"'{text}" if text.startswith(_FORMULA) else text


def line(values: Iterable[Any]) -> bytes:
    """One line of comma-separated values."""
    written = io.StringIO()
    csv.writer(written).writerow([cell(value) for value in values])
    return written.getvalue().encode()


def extension(content_type: str) -> str:
    """How the name of a document ends, `bin` where its type is unknown. What could run is named as text."""
    return _EXTENSIONS.get(content_type.partition(";")[0].strip().lower(), "bin")
