"""Move stock, as an actor. The ledger is the only way to a balance."""

from willowbark.inventory.services.adjusting import adjust_stock, count_stock, waste_stock
from willowbark.inventory.services.recalling import NewRecall, checked_recall, lift_recall, recall_product
from willowbark.inventory.services.receiving import receive_stock
from willowbark.inventory.services.taking import OutOfStock, return_stock, take_first_expiring
from willowbark.inventory.services.undoing import undo_move

__all__ = [
    "NewRecall",
    "OutOfStock",
    "adjust_stock",
    "checked_recall",
    "count_stock",
    "lift_recall",
    "recall_product",
    "receive_stock",
    "return_stock",
    "take_first_expiring",
    "undo_move",
    "waste_stock",
]
