"""Files as suppliers send them."""

from __future__ import annotations

import io

import openpyxl

from willowbark.catalog.core.price_lists.columns import Columns, guess
from willowbark.catalog.core.price_lists.prices import Comparison, lines_of
from willowbark.catalog.core.price_lists.reading import read_sheet
from willowbark.knowledge.selectors import release


def workbook(*rows, merged=""):
    """A spreadsheet of these rows."""
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Prices", 0)
    for row in rows:
        sheet.append(row)
    if merged:
        sheet.merge_cells(merged)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def compared(content, products=(), currency="USD"):
    """What a file would do, by the columns that are guessed."""
    sheet = read_sheet(content.encode() if isinstance(content, str) else content)
    columns = Columns(guess(sheet.headers).headers, currency)
    return lines_of(sheet, columns, Comparison(products, release()), source="test")
