"""Who cares for a patient, and what the patient agreed to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F

from willowbark.foundation.authorisation import Actor, require
from willowbark.patients.models import CareRelationship, Consent
from willowbark.patients.selectors.reach import OpenRecord
from willowbark.practice.selectors import names_of_users


def care_team(actor: Actor, record: OpenRecord) -> list[tuple[UUID, str, str]]:
    """Who cares for the patient now: (staff id, name, kind), the primary practitioner first."""
    return [(each.staff_id, each.name, each.kind) for each in care_of(actor, record).now]


@dataclass(frozen=True, slots=True)
class Carer:
    """Someone who cares for a patient, or did; `ended_at` is None while they do. `kind`: primary or team."""

    staff_id: UUID
    name: str
    title: str
    works_here: bool
    kind: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Care:
    """Who cares for a patient now, the primary practitioner first, and who did, the last first."""

    now: tuple[Carer, ...]
    past: tuple[Carer, ...]


def care_of(actor: Actor, record: OpenRecord) -> Care:
    """Who cares for a patient and who did. One statement; who does so in two merged rows is named once."""
    require(actor, "patients.read")
    rows = (
        CareRelationship.objects.filter(patient__in=record.patient_ids)
        .order_by("kind", F("started_at").asc(), "id")
        .values_list(
            "staff_id", "staff__name", "staff__title", "staff__is_active", "kind", "started_at", "ended_at"
        )
    )
    carers = [Carer(*row) for row in rows]
    now: dict[UUID, Carer] = {}
    for each in carers:
        if each.ended_at is None:
            now.setdefault(each.staff_id, each)
    past = ((each.ended_at, each) for each in carers if each.ended_at is not None)
    return Care(tuple(now.values()), tuple(each for _, each in sorted(past, key=_last_first, reverse=True)))


def _last_first(ended: tuple[datetime, Carer]) -> datetime:
    return ended[0]


def primary_of(actor: Actor, patient_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Patient id -> who cares for them: the primary practitioner, else who began first. One statement."""
    require(actor, "patients.read")
    rows = (
        CareRelationship.objects.filter(patient__in=patient_ids, ended_at__isnull=True)
        .order_by("patient_id", "kind", "started_at", "id")
        .distinct("patient_id")
        .values_list("patient_id", "staff__name")
    )
    return dict(rows)


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """What a patient agreed to; `withdrawn_at` is None while it is in force."""

    scope: str
    wording: str
    given_at: datetime
    withdrawn_at: datetime | None
    recorded_by_name: str


def consents_of(actor: Actor, record: OpenRecord) -> list[ConsentRow]:
    """Everything that a patient agreed to or withdrew, the last first."""
    require(actor, "patients.read")
    rows = list(Consent.objects.filter(patient__in=record.patient_ids).order_by("-given_at", "-id"))
    names = names_of_users({row.recorded_by_id for row in rows})
    return [
        ConsentRow(row.scope, row.wording, row.given_at, row.withdrawn_at, names.get(row.recorded_by_id, ""))
        for row in rows
    ]
