"""The nine kinds of entry by name, and the tables that hold them."""

from __future__ import annotations

from willowbark.kernel.errors import NotFound
from willowbark.record.models import (
    Allergy,
    Condition,
    Document,
    Encounter,
    Entry,
    Immunization,
    Medication,
    Note,
    Observation,
    Procedure,
)

TABLES: dict[str, type[Entry]] = {
    "encounter": Encounter,
    "condition": Condition,
    "observation": Observation,
    "medication": Medication,
    "allergy": Allergy,
    "procedure": Procedure,
    "immunization": Immunization,
    "document": Document,
    "note": Note,
}


def table_of(kind: str) -> type[Entry]:
    """
    The table of a kind.

    Raises:
        NotFound: there is no such kind.
    """
    if kind not in TABLES:
        raise NotFound("kind of entry")
    return TABLES[kind]
