"""Entries that name a visit which has not come yet, and what becomes of them when it does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from willowbark.foundation.authorisation import Actor
from willowbark.interop.fhir.models import WaitingForVisit
from willowbark.record.services.bulk import WithoutVisit, place_in_visits

_PAGE = 5_000


def note_waiting(run_id: UUID, entries: Sequence[WithoutVisit]) -> None:
    """Remember which entries wait for which visits."""
    if entries:
        WaitingForVisit.objects.bulk_create(
            [
                WaitingForVisit(
                    run_id=run_id,
                    patient_id=one.patient_id,
                    kind=one.kind,
                    source_key=one.source_key,
                    encounter_key=one.encounter_key,
                )
                for one in entries
            ],
            batch_size=_PAGE,
            ignore_conflicts=True,
        )


def place_waiting(actor: Actor, visits_that_came: Iterable[UUID]) -> None:
    """Give the entries that waited for these visits, by source key, what they waited for."""
    keys = list(visits_that_came)
    # Seldom does anything wait; to look for thousands of visits would cost more than to see that.
    if not keys or not WaitingForVisit.objects.exists():
        return
    waiting = list(WaitingForVisit.objects.filter(encounter_key__in=keys))
    if not waiting:
        return
    named = {
        WithoutVisit(one.patient_id, one.kind, one.source_key, one.encounter_key): one.pk for one in waiting
    }
    placed = place_in_visits(actor=actor, entries=list(named))
    WaitingForVisit.objects.filter(pk__in=[named[one] for one in placed]).delete()


def still_waiting(run_id: UUID) -> int:
    """How many entries of a run are in the record without the visit that they name."""
    return WaitingForVisit.objects.filter(run_id=run_id).count()
