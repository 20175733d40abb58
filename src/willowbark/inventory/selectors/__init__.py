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
from willowbark.inventory.selectors.recalls import RecallView, recall, recalled_wholly, recalls
from willowbark.inventory.selectors.stock import lots, on_hand, on_hand_at

__all__ = [
    "READ",
    "Level",
    "Move",
    "MovePage",
    "RecallView",
    "ShelfSite",
    "levels",
    "lots",
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
