"""The columns that every kind of entry has, filled from a resource."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from willowbark.interop.fhir.core.mapping.reading import Reading
from willowbark.interop.fhir.core.mapping.systems import ENTERED_IN_ERROR, WITHDRAWN
from willowbark.kernel.partial_date import PartialDate


def dated(date: PartialDate | None) -> dict[str, Any]:
    """`effective_at` and `effective_precision`."""
    if date is None:
        return {}
    return {"effective_at": date.at, "effective_precision": date.precision.value}


def sourced(
    reading: Reading, *, status: str = "", author: str = "", key: UUID | None = None
) -> dict[str, Any]:
    """Where an entry came from, who said it, and whether its source has withdrawn it."""
    return {
        "source_kind": "import",
        "source_key": key or reading.key,
        "source_digest": reading.resource.digest,
        "author_name": author,
        "void_reason": WITHDRAWN if status == ENTERED_IN_ERROR else "",
    }
