"""Every address with valid arguments, and the roles that may come, written out by hand."""

from __future__ import annotations

from . import (
    assistant,
    catalog,
    command_center,
    dispensary,
    inventory,
    metrics,
    protocols,
    spine,
    worklist,
)
from .call import Call, Prepared
from .spine import REACHES_BEN

CALLS: tuple[Call, ...] = (
    *spine.CALLS,
    *worklist.CALLS,
    *catalog.CALLS,
    *inventory.CALLS,
    *protocols.CALLS,
    *dispensary.CALLS,
    *metrics.CALLS,
    *command_center.CALLS,
    *assistant.CALLS,
)

__all__ = ["CALLS", "REACHES_BEN", "Call", "Prepared"]
