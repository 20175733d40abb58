"""What a process keeps until its end is left alone by the garbage collector."""

from __future__ import annotations

import gc


def settle() -> None:
    """
    Never again look for garbage among what is there now: call it once, when what is kept for good was read.

    A full collection walks whatever is alive, a tenth of a second and more with the code and the knowledge
    that every process holds, and comes in the middle of somebody's page.
    """
    gc.collect()
    gc.freeze()
