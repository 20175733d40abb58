"""Facts about imports that other businesses may react to; ids only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ImportFinished:
    """An import has come to its end."""

    run_id: UUID
