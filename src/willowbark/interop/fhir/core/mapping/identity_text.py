"""Texts of a patient's own tables, each within its column."""

from __future__ import annotations

from willowbark.interop.fhir.core.mapping.limits import IDENTITY_CHARACTERS
from willowbark.interop.fhir.core.problems import Refused


def identity_text(value: str | None, column: str, path: str) -> str:
    """
    Return a text for `column` (`table.column`), '' for none.

    Raises:
        Refused: longer than the column.
    """
    if not value:
        return ""
    bound = IDENTITY_CHARACTERS[column]
    if len(value) > bound:
        raise Refused("too_long", f"{path} is {len(value):,} characters long; the bound is {bound:,}")
    return value
