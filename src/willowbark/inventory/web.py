"""Pages of the shelf: what stands there, and one product with its lots and its ledger."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from willowbark.catalog import selectors as catalog
from willowbark.catalog.selectors import Summary
from willowbark.foundation import cursors
from willowbark.foundation.authorisation import Actor, allows
from willowbark.foundation.explaining import reference, why_url
from willowbark.foundation.ids import uuid7
from willowbark.foundation.presentation.choices import Choice
from willowbark.foundation.web import endpoint, uuid_of
from willowbark.inventory import pages, selectors, services
from willowbark.inventory.core.cover import EXPIRING_DAYS, Level
from willowbark.inventory.core.moves import UNDOABLE
from willowbark.inventory.events import TOPIC
from willowbark.inventory.pages import Filter, MoveShown, ProductPage, ShelfPage
from willowbark.inventory.selectors import Move, ShelfSite
from willowbark.kernel.errors import Conflict, Invalid, NotFound
from willowbark.practice.selectors import names_of_users

TASK = "stock_keeping"
PAGE = 100
MOVES = 25
_DONE = {
    "received": "Received onto the shelf.",
    "counted": "The count is in the books.",
    "wasted": "Taken off the shelf.",
    "undone": "Undone; both moves stay in the ledger.",
}
_SHOW: dict[str, tuple[str, Callable[[Level | None], bool]]] = {
    "": ("On the shelf", lambda level: level is not None),
    "low": ("Running low", lambda level: level is not None and level.is_low),
    "expiring": (
        "Expiring in 60 days",
        lambda level: level is not None and bool(level.expiring + level.expired),
    ),
    "never": ("Never stocked here", lambda level: level is None),
}


@endpoint("inventory.read")
def shelf(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What stands on the shelf of a site, by name, with how long it lasts."""
    if request.headers.get("HX-Target") == "shelf-alerts":
        return _varied(HttpResponse(pages.day_panel(request, actor, None)))
    sites = selectors.shelf_sites(actor)
    site = _site(sites, request.GET.get("site", ""))
    query, show = request.GET.get("q", "")[:100], request.GET.get("show", "")
    show = show if show in _SHOW else ""
    levels = {level.product_id: level for level in selectors.levels(actor, [site.id])}
    products = catalog.summaries(actor, also=levels, words=query)
    stocked = {key: each for key, each in products.items() if each.is_active or levels.get(key)}
    after = cursors.read_text(request.GET.get("after", ""))
    rows, more = _page(_shown(stocked.values(), levels, show), after)
    further = ""
    if more:
        further = pages.shelf_url(
            site.id, q=query, show=show, after=cursors.write(rows[-1].name, rows[-1].id)
        )
    first = pages.shelf_url(site.id, q=query, show=show)
    page = ShelfPage(
        site_id=site.id,
        site_name=site.name,
        sites=tuple(Choice(str(each.id), each.name, each == site) for each in sites)
        if len(sites) > 1
        else (),
        query=query,
        show=show,
        filters=tuple(
            Filter(
                pages.shelf_url(site.id, q=query, show=key),
                label,
                len(_shown(stocked.values(), levels, key)),
                key == show,
            )
            for key, (label, _) in _SHOW.items()
        ),
        rows=tuple(pages.row_of(site.id, each, levels.get(each.id)) for each in rows),
        here_url=pages.shelf_url(site.id, q=query, show=show, after=request.GET.get("after", "")),
        first_url=first if after else "",
        further_url=further,
        may_keep=selectors.may_keep(actor, site.id),
    )
    context = {"page": page, "page_task_kind": TASK, "page_live_topics": TOPIC}
    fragment = "#shelf" if request.headers.get("HX-Target") == "shelf" else ""
    return _varied(render(request, f"inventory/shelf.html{fragment}", context))


def _site(sites: tuple[ShelfSite, ...], asked: str) -> ShelfSite:
    """
    The site asked for, or the first.

    Raises:
        NotFound: it is none of these, or there are none.
    """
    wanted = uuid_of(asked) if asked else None
    for site in sites:
        if wanted in (None, site.id):
            return site
    raise NotFound("site")


def _shown(products: Iterable[Summary], levels: Mapping[UUID, Level], show: str) -> list[Summary]:
    belongs = _SHOW[show][1]
    return [each for each in products if belongs(levels.get(each.id))]


def _page(rows: list[Summary], after: tuple[str, UUID] | None) -> tuple[list[Summary], bool]:
    """A page of what comes after a place in the list; rows stand by name as the database sorts them."""
    place = next((at for at, row in enumerate(rows) if after and row.id == after[1]), -1)
    following = rows[place + 1 :]
    return following[:PAGE], len(following) > PAGE


@endpoint("inventory.read")
def product(request: HttpRequest, actor: Actor, site_id: UUID, product_id: UUID) -> HttpResponse:
    """One product at the shelf: its lots, its ledger, and what can be done with it."""
    return _product(request, actor, site_id, product_id)


@endpoint("inventory.write", methods=("POST",))
def receive(request: HttpRequest, actor: Actor, site_id: UUID, product_id: UUID) -> HttpResponse:
    """Receive containers of a lot."""
    said = _said(request, "lot_number", "expires_on", "containers")

    def call(key: UUID) -> object:
        return services.receive_stock(
            actor=actor,
            site_id=site_id,
            product_id=product_id,
            lot_number=said["lot_number"],
            expires_on=_day(said["expires_on"]),
            containers=_number(said["containers"], "containers"),
            request_key=key,
        )

    return _done_or_not(request, actor, site_id, product_id, "received", said, call)


@endpoint("inventory.write", methods=("POST",))
def count(request: HttpRequest, actor: Actor, site_id: UUID, product_id: UUID) -> HttpResponse:
    """Set a lot to what was counted."""
    said = _said(request, "lot", "counted", "reason")

    def call(key: UUID) -> object:
        lot_id, seen = _lot(said["lot"])
        return services.count_stock(
            actor=actor,
            site_id=site_id,
            lot_id=lot_id,
            counted_containers=_number(said["counted"], "counted"),
            seen_containers=seen,
            reason=said["reason"],
            request_key=key,
        )

    return _done_or_not(request, actor, site_id, product_id, "counted", said, call)


@endpoint("inventory.write", methods=("POST",))
def waste(request: HttpRequest, actor: Actor, site_id: UUID, product_id: UUID) -> HttpResponse:
    """Throw containers of a lot away."""
    said = _said(request, "lot", "containers", "reason")

    def call(key: UUID) -> object:
        return services.waste_stock(
            actor=actor,
            site_id=site_id,
            lot_id=_lot(said["lot"])[0],
            containers=_number(said["containers"], "containers"),
            reason=said["reason"],
            request_key=key,
        )

    return _done_or_not(request, actor, site_id, product_id, "wasted", said, call)


@endpoint("inventory.write", methods=("POST",))
def undo(request: HttpRequest, actor: Actor, site_id: UUID, product_id: UUID) -> HttpResponse:
    """Take back one's own mistaken move."""
    said = _said(request, "move")

    def call(key: UUID) -> object:
        return services.undo_move(
            actor=actor, site_id=site_id, move_id=uuid_of(said["move"]), request_key=key
        )

    return _done_or_not(request, actor, site_id, product_id, "undone", said, call)


def _said(request: HttpRequest, *names: str) -> dict[str, str]:
    return {name: request.POST.get(name, "").strip() for name in names}


def _done_or_not(
    request: HttpRequest,
    actor: Actor,
    site_id: UUID,
    product_id: UUID,
    done: str,
    said: Mapping[str, str],
    call: Callable[[UUID], object],
) -> HttpResponse:
    """Do it, and show the product as it is now; or show what was typed, with what is wrong with it."""
    try:
        call(uuid_of(request.POST.get("request_key", "")))
    except (Invalid, Conflict) as error:
        field = error.field if isinstance(error, Invalid) and error.field else "form"
        values = {f"{done}_{name}": value for name, value in said.items()}
        return _product(request, actor, site_id, product_id, values, {f"{done}_{field}": str(error)})
    if not request.headers.get("HX-Request"):
        here = reverse("inventory:product", args=[site_id, product_id])
        return redirect(f"{here}?{urlencode({'done': done})}")
    response = _product(request, actor, site_id, product_id)
    response["HX-Trigger"] = json.dumps({"willow:toast": {"text": _DONE[done], "undo_url": ""}})
    return response


def _product(
    request: HttpRequest,
    actor: Actor,
    site_id: UUID,
    product_id: UUID,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> HttpResponse:
    selectors.require_at(actor, site_id, *selectors.READ)
    site = _site(selectors.shelf_sites(actor), str(site_id))
    shown = catalog.products_by_id(actor, [product_id]).get(product_id)
    if shown is None:
        raise NotFound("product")
    today = selectors.site_day(site_id)
    lots = selectors.lots(actor, site_id, product_id)
    levels = selectors.levels(actor, [site_id], [product_id])
    level = levels[0] if levels else None
    before = request.GET.get("before", "")
    place = cursors.read_instant(before)
    found = selectors.moves(
        actor, site_id, product_id, before=(place[0], place[1]) if place and place[0] else None, limit=MOVES
    )
    here = reverse("inventory:product", args=[site_id, product_id])
    older = ""
    if found.more:
        older = f"{here}?{urlencode({'before': cursors.write(found.rows[-1].at, found.rows[-1].id)})}"
    may_keep = selectors.may_keep(actor, site_id)
    chosen = next((text for name, text in (values or {}).items() if name.endswith("_lot")), "")
    page = ProductPage(
        site_id=site_id,
        site_name=site.name,
        product=shown,
        level=level,
        cover=pages.cover_of(level),
        lots=pages.shown_lots(
            lots, today, today + timedelta(days=EXPIRING_DAYS), selectors.recalls(actor, [product_id])
        ),
        moves=_shown_moves(found.rows, actor, may_keep),
        lot_choices=tuple(
            Choice(
                f"{lot.lot_id}:{lot.on_hand_containers}",
                f"{lot.lot_number}, {lot.on_hand_containers:,} on hand",
                chosen.startswith(str(lot.lot_id)),
            )
            for lot in lots
        ),
        here_url=f"{here}?{urlencode({'before': before})}" if before else here,
        shelf_url=pages.shelf_url(site_id),
        newest_url=here if place else "",
        older_url=older,
        may_keep=may_keep,
        receive_key=str(uuid7()),
        count_key=str(uuid7()),
        waste_key=str(uuid7()),
        values=values or {},
        errors=errors or {},
    )
    done = _DONE.get(request.GET.get("done", ""))
    context = {
        "page": page,
        "page_task_kind": TASK,
        "page_live_topics": TOPIC,
        "messages": [done] if done and not errors and request.method == "GET" else [],
    }
    targets = {"stock": "#stock", "keeping": "#keeping"}
    fragment = targets.get(request.headers.get("HX-Target", ""), "")
    template = f"inventory/product.html{fragment}"
    return _varied(render(request, template, context, status=422 if errors else 200))


def _shown_moves(moves: tuple[Move, ...], actor: Actor, may_keep: bool) -> tuple[MoveShown, ...]:
    names = names_of_users({move.by_id for move in moves})
    return tuple(
        MoveShown(
            move,
            names.get(move.by_id, ""),
            str(uuid7()) if may_keep and _is_undoable(move, actor) else "",
            why_url(reference("stock_move", move.id)),
        )
        for move in moves
    )


def _is_undoable(move: Move, actor: Actor) -> bool:
    free = move.undoes_id is None and move.undone_by_id is None
    may = move.by_id == actor.user_id or allows(actor, "practice.manage")
    return free and move.kind in UNDOABLE and may


def _number(text: str, field: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Invalid("Write a whole number.", field=field)
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("Write the day as YYYY-MM-DD.", field="expires_on") from error


def _lot(text: str) -> tuple[UUID, int]:
    """A lot, and how many of it the form said there were."""
    lot_id, _, seen = text.partition(":")
    if not lot_id:
        raise Invalid("Choose the lot.", field="lot")
    return uuid_of(lot_id), _number(seen, "lot")


def _varied(response: HttpResponse) -> HttpResponse:
    response["Vary"] = "HX-Request, HX-Target"
    return response
