"""What a process keeps until its end is left alone by the garbage collector."""

from __future__ import annotations

import gc

# Objects made between two looks at the youngest, and how many such looks come between two at what
# outlived one: Python's own 700 and 10 look a hundred times at what one page still needs.
YOUNGEST, OLDER, OLDEST = 10_000, 200, 10


def settle() -> None:
    """
    Never again look for garbage among what is there now: call it once, when what is kept for good was read.

    A full collection walks whatever is alive, a tenth of a second and more with the code and the knowledge
    that every process holds, and comes in the middle of somebody's page. What comes later is looked at less
    often.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNGEST, OLDER, OLDEST)
