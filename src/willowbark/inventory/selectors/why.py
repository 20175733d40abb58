"""Why a shelf holds what it holds: the moves and the lots behind each number."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse

from willowbark.catalog import selectors as catalog
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.explaining import Explanation, Fact, reference
from willowbark.inventory.core.cover import LOW_COVER_DAYS, RATE_DAYS
from willowbark.inventory.selectors.ledger import find_move
from willowbark.inventory.selectors.levels import levels
from willowbark.inventory.selectors.reach import shelf_sites
from willowbark.inventory.selectors.stock import lots
from willowbark.kernel.errors import NotFound
from willowbark.practice.selectors import names_of_users

MOVE_RULE = (
    "Every container that comes to a lot or leaves it is one line of the ledger. No line is changed or"
    " deleted, and what is left of a lot is the sum of its lines."
)
SHELF_RULE = (
    "On hand is what is left of the lots that are not recalled and have not expired by the calendar of the"
    f" site. It lasts, in whole days: on hand, times the days looked back on (at most {RATE_DAYS}), divided"
    f" by what was dispensed in them less what came back. Below {LOW_COVER_DAYS} days it runs low."
)


def of_move(actor: Actor, key: str) -> Explanation | None:
    """Explain `MOVE`: one line of the ledger of a shelf that the actor may look at."""
    move_id = _uuid(key)
    if move_id is None:
        return None
    move = find_move(actor, move_id)
    sites = {site.id: site.name for site in shelf_sites(actor)}
    product = catalog.products_by_id(actor, [move.product_id])[move.product_id]
    by_name = names_of_users({move.by_id}).get(move.by_id) or "Somebody"
    facts = [
        Fact(f"{by_name} wrote it on {move.at:%Y-%m-%d}: {move.kind}."),
        Fact(
            f"Lot {move.lot_number} expires on {move.expires_on:%Y-%m-%d};"
            f" {move.left_containers:,} were left of it."
        ),
    ]
    if move.reason:
        facts.append(Fact(f"The reason given: {move.reason}"))
    if move.undoes_id:
        facts.append(Fact("It takes another move back.", why=reference("stock_move", move.undoes_id)))
    if move.undone_by_id:
        facts.append(Fact("Another move took it back.", why=reference("stock_move", move.undone_by_id)))
    return Explanation(
        title=f"{product.name} at {sites[move.site_id]}",
        figure_text=f"{move.containers:+,} containers",
        facts=tuple(facts),
        rule_text=MOVE_RULE,
        url=reverse("inventory:product", args=[move.site_id, move.product_id]),
    )


def of_shelf(actor: Actor, key: str) -> Explanation | None:
    """Explain `SITE/PRODUCT`: what is on hand of a product at a site, and how long it lasts."""
    site_id, product_id = map(_uuid, (key.partition("/")[0], key.partition("/")[2]))
    if site_id is None or product_id is None:
        return None
    found = levels(actor, [site_id], [product_id])
    if not found:
        raise NotFound("product at this shelf")
    level = found[0]
    sites = {site.id: site.name for site in shelf_sites(actor)}
    product = catalog.products_by_id(actor, [product_id])[product_id]
    lasts = "" if level.cover_days is None else f", lasts {level.cover_days:,} days"
    return Explanation(
        title=f"{product.name} at {sites[site_id]}",
        figure_text=f"{level.on_hand:,} containers{lasts}",
        facts=(
            *(
                Fact(
                    f"Lot {lot.lot_number}: {lot.on_hand_containers:,} left, expires on"
                    f" {lot.expires_on:%Y-%m-%d}."
                )
                for lot in lots(actor, site_id, product_id)
            ),
            Fact(
                f"{level.dispensed:,} were dispensed in the last {level.over_days} days, less what came back."
            ),
        ),
        rule_text=SHELF_RULE,
        url=reverse("inventory:product", args=[site_id, product_id]),
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
