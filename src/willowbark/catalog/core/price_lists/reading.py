"""From the bytes of a file to its table."""

from __future__ import annotations

from willowbark.catalog.core.price_lists.sheet import MOST_BYTES, Sheet, Unreadable
from willowbark.catalog.core.price_lists.text import read_text
from willowbark.catalog.core.price_lists.workbook import OLD_EXCEL_MARK, ZIP_MARK, read_workbook


def read_sheet(content: bytes) -> Sheet:
    """
    The table of a file: a spreadsheet (.xlsx) or text with commas, semicolons, tabs or bars.

    Raises:
        Unreadable: the file is empty, larger than 10 MB, or no table.
    """
    if not content.strip():
        raise Unreadable("The file is empty.", field="file")
    if len(content) > MOST_BYTES:
        raise Unreadable(f"The file is larger than {MOST_BYTES // 1_000_000} MB.", field="file")
    if content.startswith(OLD_EXCEL_MARK):
        raise Unreadable("An old or locked Excel file: save it as .xlsx or CSV.", field="file")
    return read_workbook(content) if content.startswith(ZIP_MARK) else read_text(content)
