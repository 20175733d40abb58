"""Read the shelf of a site, as an actor."""

from willowbark.inventory.selectors.ledger import Move, MovePage, move, moves
from willowbark.inventory.selectors.levels import Level, levels
from willowbark.inventory.selectors.reach import (
    READ,
    ShelfSite,
    may_keep,
    require_at,
    shelf_sites,
    site_day,
)
from willowbark.inventory.selectors.recalls import (
    RECALLING,
    LotSomewhere,
    RecallView,
    lifted_recalls,
    lots_everywhere,
    recall,
    recalled_wholly,
    recalls,
)
from willowbark.inventory.selectors.stock import lots, on_hand, on_hand_at

__all__ = [
    "READ",
    "RECALLING",
    "Level",
    "LotSomewhere",
    "Move",
    "MovePage",
    "RecallView",
    "ShelfSite",
    "levels",
    "lifted_recalls",
    "lots",
    "lots_everywhere",
    "may_keep",
    "move",
    "moves",
    "on_hand",
    "on_hand_at",
    "recall",
    "recalled_wholly",
    "recalls",
    "require_at",
    "shelf_sites",
    "site_day",
]
