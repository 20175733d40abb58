"""Set resources aside, whole and with their reason."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from willowbark.foundation import clock
from willowbark.foundation.ids import uuid7
from willowbark.interop.fhir.core.counts import Outcome
from willowbark.interop.fhir.core.taking_in import SetAside
from willowbark.interop.fhir.services.batches import FileShare
from willowbark.interop.fhir.services.state import RunState

# The same content with the same fault is set aside once. While it waits it moves to the newest run that
# brought it; once settled it stays settled.
_SET_ASIDE = """
INSERT INTO interop_fhir_quarantined AS t
  (id, run_id, file_id, source, place, resource_type, resource_id, full_url, links, content, content_sha256,
   reason, message, needs_key, status, set_aside_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (source, content_sha256, reason) DO UPDATE
  SET run_id = excluded.run_id, file_id = excluded.file_id, place = excluded.place,
      message = excluded.message, needs_key = excluded.needs_key, status = excluded.status
  WHERE t.status IN ('waiting', 'deferred')
RETURNING status
"""


def set_aside(
    state: RunState, items: Sequence[tuple[int, SetAside]], shares: Sequence[FileShare], *, defer: bool
) -> None:
    """
    Keep what could not be taken in, and count it with its file; runs in the caller's transaction.

    With `defer`, what may come right by the end of the run is tried again then.
    """
    if not items:
        return
    now = clock.now()
    with connection.cursor() as cursor:
        for number, one in items:
            share = shares[number]
            status = "deferred" if defer and one.may_come_right else "waiting"
            cursor.execute(_SET_ASIDE, _row(state, share.file.id, one, status, now))
            kept = cursor.fetchone()
            deferred = kept is not None and kept[0] == "deferred"
            share.tally.add(one.resource_type, Outcome.DEFERRED if deferred else Outcome.QUARANTINED)


def _row(state: RunState, file_id: UUID, one: SetAside, status: str, now: datetime) -> list[Any]:
    return [
        uuid7(),
        state.run_id,
        file_id,
        state.source,
        one.place[:200],
        one.resource_type[:64],
        _plain(one.resource_id)[:128],
        _plain(one.full_url)[:500],
        Jsonb(one.links),
        one.raw,
        hashlib.sha256(one.raw).digest(),
        one.reason,
        _plain(one.message)[:1000],
        one.needs,
        status,
        now,
    ]


def _plain(text: str) -> str:
    """A text as a column can hold it: what is told of a fault may quote it."""
    return text.replace("\0", "\\0").encode(errors="replace").decode()
