"""Facts about dispensing that other businesses may react to; ids only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Dispensed:
    """Something of a signed protocol was handed out."""

    patient_id: UUID
    dispensing_id: UUID
