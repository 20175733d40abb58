"""Scenarios on paper, as a PDF."""

from __future__ import annotations

from importlib.resources import files

from willowbark.foundation import clock
from willowbark.foundation.paper import pdf_of
from willowbark.foundation.presentation.dates import day_text
from willowbark.planner.core.contradictions import of_article
from willowbark.planner.pages.comparison import Comparison, Row
from willowbark.planner.pages.page import today
from willowbark.practice.selectors import organisation


def paper_of(found: Comparison) -> bytes:
    """A PDF of scenarios side by side; what people wrote is data to the document, never its markup."""
    practice = organisation()
    content = {
        "practice": practice.name if practice else "",
        "day": day_text(today()),
        "names": [one.saved.name for one in found.columns],
        "saved": [
            f"Saved by {one.saved.saved_by} on {day_text(one.saved.saved_at.date())}" for one in found.columns
        ],
        "said": [one.said for one in found.columns],
        "figures": [_row(one) for one in found.figures],
        "inputs": [_row(one) for one in found.inputs],
        "contradictions": [[str(one.number), one.says, one.but] for one in of_article()],
    }
    source = files("willowbark.planner").joinpath("data/paper.typ").read_bytes()
    return pdf_of(source, content, made_at=clock.now())


def _row(row: Row) -> list[str]:
    return [row.title, *(cell.text for cell in row.cells)]
