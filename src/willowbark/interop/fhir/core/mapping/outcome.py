"""What a mapping makes of one resource."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from willowbark.interop.fhir.core.references import ByIdentifier
from willowbark.record.core.entries import Entry

#: Whose record a resource belongs to: a source key, or an identifier that has to be looked up.
Owner = UUID | ByIdentifier


class Row(NamedTuple):
    """
    One entry to store. Its `source_key` is set.

    `encounter_key` and `parent_key` are source keys; the rows they name may come before or after.
    """

    entry: Entry
    encounter_key: UUID | None = None
    parent_key: UUID | None = None


class Mapped(NamedTuple):
    """
    Entries of one patient's record; what belongs beside it has no rows.

    `owner` is None for what belongs to no patient. `warnings` say what was left out, and why.
    """

    owner: Owner | None
    rows: tuple[Row, ...] = ()
    warnings: tuple[str, ...] = ()
