"""Set resources aside, whole, sealed and with their reason."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from willowbark.foundation import clock
from willowbark.foundation.encryption.keeping import keyring
from willowbark.foundation.encryption.keyring import Keyring
from willowbark.foundation.ids import uuid7
from willowbark.foundation.staging import Staging, columns_of, quoted
from willowbark.interop.fhir.core.counts import Outcome
from willowbark.interop.fhir.core.taking_in import SetAside
from willowbark.interop.fhir.models import Quarantined
from willowbark.interop.fhir.models.sealed import QUARANTINED, digest_of_quarantined
from willowbark.interop.fhir.services.batches import FileShare
from willowbark.interop.fhir.services.state import RunState

_COLUMNS = columns_of(
    Quarantined,
    without=(
        *("settled_at", "settled_by_id", "settled_reason", "replay_asked_at", "tried_at"),
        *("content", "sealed_mended", "mended", "mended_at", "mended_by_id"),
    ),
)

# The same content with the same fault is set aside once. While it waits it moves to the newest run that
# brought it; once settled it stays settled.
_MOVED = quoted(("run_id", "file_id", "place", "message", "needs_key", "status"))
_MOVED_FROM = quoted(("run_id", "file_id", "place", "message", "needs_key", "status"), "excluded.")
_SET_ASIDE = f"""
INSERT INTO interop_fhir_quarantined AS t ({quoted(_COLUMNS)}) SELECT {quoted(_COLUMNS)} FROM {{staged}}
ON CONFLICT (source, content_sha256, reason) DO UPDATE SET ({_MOVED}) = ROW({_MOVED_FROM})
  WHERE t.status = 'waiting' OR (t.status = 'deferred' AND t.run_id <> excluded.run_id)
RETURNING content_sha256, reason, status
"""  # noqa: S608 - our own names

#: What makes two set aside resources the same: the digest of their bytes, and the fault.
Key = tuple[bytes, str]


def set_aside(
    state: RunState, items: Sequence[tuple[int, SetAside]], shares: Sequence[FileShare], *, defer: bool
) -> None:
    """
    Keep what could not be taken in, and count it with its file; runs in the caller's transaction.

    With `defer`, what may come right by the end of the run is tried again then. What this run has deferred
    before counts as unchanged when it comes again.
    """
    if not items:
        return
    keys = [(digest_of_quarantined(hashlib.sha256(one.raw).digest()), one.reason) for _, one in items]
    first: dict[Key, tuple[int, SetAside]] = {}
    for key, item in zip(keys, items, strict=True):
        first.setdefault(key, item)
    kept = _store(state, first, shares, defer=defer)
    missing = [key for key in first if key not in kept]
    deferred_before = _deferred_by(state, missing)
    counted: set[Key] = set()
    for key, (number, one) in zip(keys, items, strict=True):
        again = key in counted or key in deferred_before
        deferred = kept.get(key) == "deferred" or key in deferred_before
        outcome = Outcome.QUARANTINED if not deferred else Outcome.UNCHANGED if again else Outcome.DEFERRED
        shares[number].tally.add(one.resource_type, outcome)
        counted.add(key)


def _store(
    state: RunState, first: Mapping[Key, tuple[int, SetAside]], shares: Sequence[FileShare], *, defer: bool
) -> dict[Key, str]:
    """Store each once; returns the status of those that are new here or have moved here."""
    now, ring = clock.now(), keyring()
    staging = Staging("quarantined", _COLUMNS)
    staging.fill(
        _row(ring, state, shares[number].file.id, one, digest, defer and one.may_come_right, now)
        for (digest, _), (number, one) in first.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(_SET_ASIDE.format(staged=staging.table))
        return {(bytes(digest), reason): status for digest, reason, status in cursor.fetchall()}


def _deferred_by(state: RunState, keys: Sequence[Key]) -> set[Key]:
    """Those of the keys that this run deferred in an earlier batch."""
    if not keys:
        return set()
    rows = Quarantined.objects.filter(
        run=state.run_id, status="deferred", content_sha256__in=[digest for digest, _ in keys]
    )
    return {(bytes(digest), reason) for digest, reason in rows.values_list("content_sha256", "reason")}


def _row(
    ring: Keyring,
    state: RunState,
    file_id: UUID,
    one: SetAside,
    digest: bytes,
    deferred: bool,
    now: datetime,
) -> list[Any]:
    id_ = uuid7()
    values = {
        "id": id_,
        "run_id": state.run_id,
        "file_id": file_id,
        "source": state.source,
        "place": one.place[:200],
        "resource_type": one.resource_type[:64],
        "resource_id": plain(one.resource_id)[:128],
        "full_url": plain(one.full_url)[:500],
        "links": one.links,
        "sealed_content": QUARANTINED.seal(ring, id_, None, one.raw),
        "content_sha256": digest,
        "reason": one.reason,
        "message": plain(one.message)[:1000],
        "needs_key": one.needs,
        "status": "deferred" if deferred else "waiting",
        "set_aside_at": now,
    }
    return [values[column.name] for column in _COLUMNS]


def plain(text: str) -> str:
    """A text as a column can hold it: what is told of a fault may quote it."""
    return text.replace("\0", "\\0").encode(errors="replace").decode()
