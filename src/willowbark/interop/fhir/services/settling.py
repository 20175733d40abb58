"""Try again what waited: for something that came later in the same run, or in a later one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.interop.fhir.core.bounds import Bounds
from willowbark.interop.fhir.models import ImportRun, Quarantined, SharedResource
from willowbark.interop.fhir.services.attempts import attempt
from willowbark.interop.fhir.services.state import RunState
from willowbark.interop.fhir.services.storing import lock_imports
from willowbark.patients.services.bulk import known_patients

# How many are looked at, and how many are taken in, in one transaction.
_LOOK = 5_000
_TAKE = 1_000


def settle(actor: Actor, state: RunState, *, bounds: Bounds, now: datetime) -> None:
    """
    Take in what was deferred, as far as it can be now, and what earlier runs left waiting for what has come.

    What still cannot be taken in waits, for a person or for a later run. Interrupted, it goes on next time.
    """
    for ids in _ready(actor, state):
        for start in range(0, len(ids), _TAKE):
            with acting_as(actor):
                lock_imports()
                ImportRun.objects.filter(pk=state.run_id).update(alive_at=clock.now())
                rows = Quarantined.objects.filter(
                    pk__in=ids[start : start + _TAKE], status__in=["deferred", "waiting"]
                )
                attempt(
                    actor,
                    state,
                    list(rows.select_related("file").select_for_update(of=("self",)).order_by("id")),
                    bounds=bounds,
                    now=now,
                    settled_by=actor.user_id,
                )


def _ready(actor: Actor, state: RunState) -> Iterator[list[UUID]]:
    """The ids of those that may come right, a few thousand at a time: what waits is looked at, not read."""
    mine = Q(status="deferred") & (Q(run=state.run_id) | ~Q(run__status="running"))
    waiting = Q(status="waiting", needs_key__isnull=False)
    reached = UUID(int=0)
    while True:
        with acting_as(actor):
            page = list(
                Quarantined.objects.filter(mine | waiting, pk__gt=reached)
                .order_by("id")
                .values_list("id", "status", "needs_key")[:_LOOK]
            )
            there = _there({needs for _, status, needs in page if status == "waiting" and needs})
        if not page:
            return
        reached = page[-1][0]
        yield [id_ for id_, status, needs in page if status == "deferred" or needs in there]


def _there(keys: set[UUID]) -> set[UUID]:
    """Those of the keys that are a known patient's or a known medication's; two statements."""
    wanted: Sequence[UUID] = list(keys)
    shared = SharedResource.objects.filter(source_key__in=wanted).values_list("source_key", flat=True)
    return set(known_patients(wanted)) | set(shared)
