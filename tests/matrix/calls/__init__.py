"""Every address with valid arguments, and the roles that may come, written out by hand."""

from __future__ import annotations

from . import (
    assistant,
    break_glass,
    catalog,
    command_center,
    dispensary,
    exports,
    inventory,
    knowledge,
    library,
    metrics,
    planner,
    protocols,
    recalls,
    spine,
    worklist,
)
from .call import Call, Prepared

CALLS: tuple[Call, ...] = (
    *spine.CALLS,
    *break_glass.CALLS,
    *worklist.CALLS,
    *knowledge.CALLS,
    *catalog.CALLS,
    *inventory.CALLS,
    *protocols.CALLS,
    *library.CALLS,
    *dispensary.CALLS,
    *recalls.CALLS,
    *metrics.CALLS,
    *planner.CALLS,
    *command_center.CALLS,
    *assistant.CALLS,
    *exports.CALLS,
)
# Whoever reaches Ben, by the address.
REACHES_BEN = (
    spine.REACHES_BEN
    | break_glass.REACHES_BEN
    | worklist.REACHES_BEN
    | recalls.REACHES_BEN
    | exports.REACHES_BEN
)

__all__ = ["CALLS", "REACHES_BEN", "Call", "Prepared"]
