"""What is said when a figure has changed; ids, codes and days only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

# What open pages are told: some figure is otherwise.
TOPIC = "metrics.changed"


@dataclass(frozen=True, slots=True)
class FigureChanged:
    """A metric of a practitioner at a site has other days than before."""

    metric: str
    site_id: UUID
    practitioner_id: UUID
