"""Read what is to be handed out, and what was, as an actor. Absent and out of reach look the same."""

from willowbark.dispensary.selectors.handed import (
    READ,
    DispensedLineView,
    DispensingView,
    HandedOut,
    all_handed_out,
    containers_out,
    dispensed,
    dispensed_of,
    dispensing,
    handed_out,
    may_go_back,
)
from willowbark.dispensary.selectors.queue import QueuePage, QueueRow, Wanting, count_queue, queue
from willowbark.dispensary.selectors.sheet import Sheet, SheetLine, sheet

__all__ = [
    "READ",
    "DispensedLineView",
    "DispensingView",
    "HandedOut",
    "QueuePage",
    "QueueRow",
    "Sheet",
    "SheetLine",
    "Wanting",
    "all_handed_out",
    "containers_out",
    "count_queue",
    "dispensed",
    "dispensed_of",
    "dispensing",
    "handed_out",
    "may_go_back",
    "queue",
    "sheet",
]
