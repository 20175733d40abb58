"""Kinds of moves on a shelf, and what each demands."""

from __future__ import annotations

from typing import Final

KINDS: Final = ("receive", "dispense", "return", "adjust", "waste")
# Containers leave the lot by these; by the others but `adjust`, which goes both ways, they come.
LEAVING: Final = ("dispense", "waste")
# Nobody can tell later why these were made, unless it is written down.
NEEDS_REASON: Final = ("adjust", "waste")
# One move is at most this many containers: a longer number is a slip of the fingers.
MOST_CONTAINERS: Final = 100_000
# Undone by whoever made them by mistake; what was dispensed is put back where it was dispensed.
UNDOABLE: Final = ("receive", "adjust", "waste")
