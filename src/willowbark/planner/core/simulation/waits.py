"""How long the next person to start has waited, first come first served."""

from __future__ import annotations

import numpy as np

from willowbark.planner.core.simulation.figures import DAYS_PER_WEEK, Counts, Floats


class WaitList:
    """Who joined until which week, and so since when the one at the head of the list has been waiting."""

    def __init__(self, waiting: Counts, weeks: int) -> None:
        self._joined = np.zeros((weeks + 1, len(waiting)))
        self._joined[0] = waiting
        self._week = np.zeros(len(waiting), dtype=np.int64)
        self._each = np.arange(len(waiting))

    def days(self, week: int, joined: Floats, waiting: Counts) -> Floats:
        """
        Days that the head of the list has waited by the end of week `week` (from 1).

        `joined` counts everybody since the beginning without those who waited then already, whose wait is
        counted from the beginning. Within a week people are taken to have joined evenly.
        """
        self._joined[week] = self._joined[0] + joined
        if not waiting.any():
            return np.zeros(len(waiting))
        gone = self._joined[week] - waiting
        while True:
            passed = (self._joined[self._week, self._each] <= gone) & (self._week < week)
            if not passed.any():
                break
            self._week = self._week + passed
        since = self._joined[np.maximum(self._week - 1, 0), self._each]
        in_week = np.maximum(self._joined[self._week, self._each] - since, 1)
        head = np.where(self._week > 0, self._week - 1 + (gone - since) / in_week, 0)
        return np.where(waiting > 0, (week - head) * DAYS_PER_WEEK, 0.0)
