"""Requests that move stock, each carried out once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.inventory.models import StockMove
from willowbark.kernel.errors import RequestKeyReused

_CLAIM = """
INSERT INTO inventory_stockrequest (id, site_id, request_key, kind, content_sha256, source_id, at, by_id)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (site_id, request_key) DO NOTHING
"""
_FIRST = "SELECT id, content_sha256 FROM inventory_stockrequest WHERE site_id = %s AND request_key = %s"


@dataclass(frozen=True, slots=True)
class Request:
    """A request, and whether it comes for the first time."""

    id: UUID
    site_id: UUID
    kind: str
    source_id: UUID | None
    is_first: bool


def claim(
    actor: Actor,
    site_id: UUID,
    kind: str,
    request_key: UUID,
    content: tuple[object, ...],
    source_id: UUID | None = None,
) -> Request:
    """
    Take a key for this request, before anything is looked at or moved.

    Whoever comes with the same key meanwhile waits here until the first is done, and finds it done; if the
    first is rolled back, they are the first.

    Raises:
        RequestKeyReused: the key came before with something else.
    """
    request_id, digest = uuid7(), digest_of(kind, content, source_id)
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            [request_id, site_id, request_key, kind, digest, source_id, clock.now(), actor.user_id],
        )
        if cursor.rowcount:
            return Request(request_id, site_id, kind, source_id, True)
        cursor.execute(_FIRST, [site_id, request_key])
        known = cursor.fetchone()
    if known is None or known[1] != digest:
        raise RequestKeyReused("This form has moved something else before.")
    return Request(known[0], site_id, kind, source_id, False)


def digest_of(kind: str, content: tuple[object, ...], source_id: UUID | None) -> str:
    """A SHA-256 over what a request asks for: tells a repetition from another use of its key."""
    text = json.dumps([kind, content, source_id], default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def moves_of(request: Request) -> list[StockMove]:
    """The moves that a request made, in the order of their lots."""
    rows = StockMove.objects.filter(site_id=request.site_id, request_id=request.id)
    return list(rows.order_by("lot_id"))
