"""Drafts, as their composers read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor, require
from willowbark.kernel.errors import NotFound
from willowbark.patients.selectors import persons_of, require_reach
from willowbark.protocols.core.choices import Choices, choices_of
from willowbark.protocols.models import Draft

COMPOSE = "protocols.compose"
MOST_LEFT_OPEN = 20


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft: of whom, at which site's shelf, which Master Protocols, and what was decided by hand."""

    id: UUID
    patient_id: UUID
    site_id: UUID
    master_keys: tuple[str, ...]
    choices: Choices
    state: str
    opened_by: UUID
    opened_at: datetime
    changed_at: datetime


def view_of(row: Draft) -> DraftView:
    """A row as a value."""
    return DraftView(
        id=row.pk,
        patient_id=row.patient_id,
        site_id=row.site_id,
        master_keys=tuple(row.master_keys),
        choices=choices_of(row.choices),
        state=row.state,
        opened_by=row.opened_by_id,
        opened_at=row.opened_at,
        changed_at=row.changed_at,
    )


def draft(actor: Actor, patient_id: UUID, draft_id: UUID) -> DraftView:
    """
    One draft, open or not.

    Raises:
        Forbidden: the actor composes no protocols.
        NotFound: no such draft of a patient within reach.
    """
    require_reach(actor, patient_id, COMPOSE)
    row = Draft.objects.filter(patient_id=patient_id, pk=draft_id).first()
    if row is None:
        raise NotFound("draft")
    return view_of(row)


def open_draft_of(actor: Actor, patient_id: UUID) -> DraftView | None:
    """
    The patient's open draft, None when there is none.

    Raises:
        Forbidden, NotFound: the actor composes no protocols, or not for this patient.
    """
    require_reach(actor, patient_id, COMPOSE)
    row = Draft.objects.filter(patient_id=patient_id, state="open").first()
    return view_of(row) if row else None


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """A draft that somebody opened and has not signed."""

    patient_id: UUID
    patient_name: str
    changed_at: datetime
    master_keys: tuple[str, ...]


def left_open(actor: Actor) -> Sequence[LeftOpen]:
    """The actor's own open drafts, those touched last first, at most 20; who they are of is logged."""
    require(actor, COMPOSE)
    rows = list(
        Draft.objects.filter(opened_by=actor.user_id, state="open")
        .exclude(master_keys=[])
        .order_by("-changed_at", "-id")
        .values_list("patient_id", "changed_at", "master_keys")[:MOST_LEFT_OPEN]
    )
    if not rows:
        return ()
    persons = persons_of(actor, [patient_id for patient_id, _, _ in rows])
    access.record_list(actor, "protocols.drafts_listed", patient_ids=list(persons))
    return tuple(
        LeftOpen(patient_id, persons[patient_id].name, changed_at, tuple(keys))
        for patient_id, changed_at, keys in rows
        if patient_id in persons
    )
