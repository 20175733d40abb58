"""How far it has come to tell somebody of a recall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

TO_CONTACT: Final = "to_contact"
CONTACTED: Final = "contacted"
RETURNED: Final = "returned"
NOT_REACHED: Final = "not_reached"
STATES: Final = (TO_CONTACT, CONTACTED, RETURNED, NOT_REACHED)
# What can be said of a patient.
SAYABLE: Final = (CONTACTED, RETURNED, NOT_REACHED)
# Nothing is left to do then.
SETTLED: Final = frozenset({CONTACTED, RETURNED})


@dataclass(frozen=True, slots=True)
class Progress:
    """How many patients of a recall stand where."""

    to_contact: int = 0
    contacted: int = 0
    returned: int = 0
    not_reached: int = 0

    @property
    def patients(self) -> int:
        """All of them."""
        return self.to_contact + self.not_reached + self.settled

    @property
    def settled(self) -> int:
        """Who knows."""
        return self.contacted + self.returned
