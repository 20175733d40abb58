"""How long what is on a shelf will last, from what left it lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

# Defaults of the house; no guideline sets them. A quarter smooths out single refills and still follows a
# change of habit; a month is a supplier's delay and a patient's refill; in two months what expires can
# still be used up.
RATE_DAYS: Final = 90
LOW_COVER_DAYS: Final = 30
EXPIRING_DAYS: Final = 60
# A product that has just come has no quarter to look back on; less than this is chance.
LEAST_RATE_DAYS: Final = 14


@dataclass(frozen=True, slots=True)
class Level:
    """
    What one site has of one product, in containers.

    `on_hand` can be taken today, `expiring` of it expires within 60 days; `expired` and `recalled` are
    still there and cannot be taken. `dispensed` left, less what came back, in the last `over_days` (14 to
    90) days. `earliest_on` is the first day on which something of it expires; None when there is nothing.
    """

    site_id: UUID
    product_id: UUID
    on_hand: int
    lot_count: int
    earliest_on: date | None
    expiring: int
    expired: int
    recalled: int
    dispensed: int
    over_days: int

    @property
    def cover_days(self) -> int | None:
        """Whole days until it runs out at the pace of late; None when nothing was dispensed."""
        return self.on_hand * self.over_days // self.dispensed if self.dispensed > 0 else None

    @property
    def is_out(self) -> bool:
        """Whether nothing can be taken of what was dispensed of late."""
        return self.on_hand == 0 and self.dispensed > 0

    @property
    def is_low(self) -> bool:
        """Whether it runs out within 30 days, or has."""
        return self.cover_days is not None and self.cover_days < LOW_COVER_DAYS
