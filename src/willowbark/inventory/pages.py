"""What the pages of the shelf are given, and its part of the day sheet."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode

from willowbark.catalog import selectors as catalog
from willowbark.catalog.core.products import ProductInfo
from willowbark.catalog.selectors import Place, Summary
from willowbark.foundation.authorisation import Actor, allows
from willowbark.foundation.presentation.choices import Choice
from willowbark.inventory import selectors
from willowbark.inventory.core.cover import LOW_COVER_DAYS, Level
from willowbark.inventory.core.stock import LotOnHand
from willowbark.inventory.events import TOPIC
from willowbark.inventory.selectors import Move, RecallView

# The picture of the cover ends here: who has four months needs no longer bar to see it.
DRAWN_DAYS = 120
ON_A_PANEL = 6


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of the shelf and how many products it leaves."""

    url: str
    label: str
    count: int | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class Cover:
    """How long a product lasts: `percent` of the picture's width, where the line of the low ones is."""

    days: int
    percent: int
    tone: str
    low_percent: int = 100 * LOW_COVER_DAYS // DRAWN_DAYS


@dataclass(frozen=True, slots=True)
class ShelfRow:
    """One product on the shelf. `level` is None for one that never stood there."""

    url: str
    name: str
    brand: str
    detail: str
    is_retired: bool
    level: Level | None
    cover: Cover | None


@dataclass(frozen=True, slots=True)
class ShelfPage:
    """The shelf of a site; `here_url` is this very list, for when something moves."""

    site_id: UUID
    site_name: str
    sites: tuple[Choice, ...]
    query: str
    show: str
    filters: tuple[Filter, ...]
    rows: tuple[ShelfRow, ...]
    here_url: str
    first_url: str
    further_url: str
    may_keep: bool


@dataclass(frozen=True, slots=True)
class LotShown:
    """One lot, with the day it expires seen from today."""

    lot: LotOnHand
    is_expired: bool
    expires_soon: bool
    recall: RecallView | None


@dataclass(frozen=True, slots=True)
class MoveShown:
    """One line of the ledger, and the key with which its undoing is sent; '' where it is not offered."""

    move: Move
    by_name: str
    undo_key: str
    why_url: str


@dataclass(frozen=True, slots=True)
class ProductPage:
    """One product at the shelf of a site."""

    site_id: UUID
    site_name: str
    product: ProductInfo
    level: Level | None
    cover: Cover | None
    lots: tuple[LotShown, ...]
    moves: tuple[MoveShown, ...]
    lot_choices: tuple[Choice, ...]
    here_url: str
    shelf_url: str
    newest_url: str
    older_url: str
    may_keep: bool
    receive_key: str
    count_key: str
    waste_key: str
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


def cover_of(level: Level | None) -> Cover | None:
    """The picture of a product's cover; None when nobody can say, for nothing leaves."""
    if level is None or level.cover_days is None:
        return None
    days = level.cover_days
    tone = "bad" if level.is_out else "warn" if level.is_low else "good"
    return Cover(days, min(100, 100 * days // DRAWN_DAYS), tone)


def row_of(site_id: UUID, product: Summary, level: Level | None) -> ShelfRow:
    """One product of the list."""
    return ShelfRow(
        url=reverse("inventory:product", args=[site_id, product.id]),
        name=product.name,
        brand=product.brand,
        detail=f"{product.units_per_container:,} x {product.unit_name}"
        + (f", version {product.version}" if product.version > 1 else ""),
        is_retired=not product.is_active,
        level=level,
        cover=cover_of(level),
    )


def shown_lots(
    lots: Sequence[LotOnHand], today: date, soon: date, held: Sequence[RecallView]
) -> tuple[LotShown, ...]:
    """Lots as the page shows them; what expires before `soon` is said to, and what is recalled."""
    return tuple(
        LotShown(
            lot,
            lot.is_expired(today),
            not lot.is_expired(today) and lot.expires_on < soon,
            next((each for each in held if each.is_of(lot.product_id, lot.lot_number)), None),
        )
        for lot in lots
    )


@dataclass(frozen=True, slots=True)
class Alert:
    """Something on a shelf that somebody should look at."""

    url: str
    name: str
    text: str
    tone: str


def day_panel(request: HttpRequest, actor: Actor, patient_id: UUID | None) -> str:
    """What is out, runs low, has expired or soon does, on the shelves that the actor may look at."""
    alerts = list(_alerts(actor))
    context = {
        "alerts": alerts[:ON_A_PANEL],
        "more": max(0, len(alerts) - ON_A_PANEL),
        "topics": TOPIC,
        "may_keep": allows(actor, "inventory.write"),
    }
    return render_to_string("inventory/panels/alerts.html", context, request)


def _alerts(actor: Actor) -> Iterator[Alert]:
    """The worst first."""
    sites = {site.id: site.name for site in selectors.shelf_sites(actor)}
    found = [level for level in selectors.levels(actor, sites) if _trouble(level)[0]]
    names = catalog.summaries(actor, also={level.product_id for level in found}) if found else {}
    several = len(sites) > 1
    for level in sorted(found, key=lambda each: (_trouble(each)[0], each.cover_days or 0, each.product_id)):
        rank, text = _trouble(level)
        yield Alert(
            url=reverse("inventory:product", args=[level.site_id, level.product_id]),
            name=names[level.product_id].name,
            text=f"{text}, {sites[level.site_id]}" if several else text,
            tone="bad" if rank <= 1 else "warn",
        )


def _trouble(level: Level) -> tuple[int, str]:
    """How bad it is, and what; (0, '') when all is well."""
    if level.is_out:
        return 1, "none on hand"
    if level.is_low:
        return 2, f"{level.on_hand:,} on hand, {level.cover_days} days"
    if level.expired:
        return 3, f"{level.expired:,} expired, still on the shelf"
    if level.expiring:
        return 4, f"{level.expiring:,} expiring within 60 days"
    return 0, ""


def places(actor: Actor, product_ids: Collection[UUID]) -> dict[UUID, list[Place]]:
    """Where products stand, for the pages of the catalog; nothing for who may look at no shelf."""
    if not allows(actor, *selectors.READ):
        return {}
    sites = {site.id: site.name for site in selectors.shelf_sites(actor)}
    found: dict[UUID, list[Place]] = {product_id: [] for product_id in product_ids}
    on_hand = selectors.on_hand_at(actor, sites, product_ids)
    for site_id, name in sites.items():
        for product_id in product_ids:
            url = reverse("inventory:product", args=[site_id, product_id])
            found[product_id].append(Place(name, on_hand.get((site_id, product_id), 0), url))
    return found


def shelf_url(site_id: UUID, **asked: str) -> str:
    """The list, as it was asked for."""
    said = {"site": str(site_id)} | {name: value for name, value in asked.items() if value}
    return f"{reverse('inventory:shelf')}?{urlencode(said)}"
