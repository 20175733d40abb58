"""What holds for a patient now, as plain values: for what is decided on it by the floors above."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Q

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor, require
from willowbark.patients.selectors import OpenRecord
from willowbark.record.core.allergies import states_none_known
from willowbark.record.models import Allergy, Condition, Medication

# Who imports records sees what holds in them, as the system does when it looks at protocols again.
READ = ("record.read", "record.import")
_GONE = ("inactive", "remission", "resolved")
_NOT_TAKEN = ("stopped", "completed", "cancelled", "entered-in-error", "not-taken")
_NOT_TRUE = ("refuted", "entered-in-error")


@dataclass(frozen=True, slots=True)
class Stated:
    """One entry that holds: its id, and what it says as it was written."""

    id: UUID
    text: str
    code_system: str
    code: str


@dataclass(frozen=True, slots=True)
class Taken(Stated):
    """A drug or a supplement (`kind`) that is taken; `dose_value` counts `dose_unit`s a time."""

    kind: str
    dosage_text: str
    dose_value: Decimal | None
    dose_unit: str
    as_needed: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A patient's facts that hold now, each list in the order of its texts."""

    birth_date: date | None
    birth_date_precision: str
    sex: str
    is_deceased: bool
    deceased_at: datetime | None
    taken: Sequence[Taken]
    conditions: Sequence[Stated]
    allergies: Sequence[Stated]


def standing_of(actor: Actor, record: OpenRecord) -> Standing:
    """
    What holds now of an open record; three statements, whatever there is.

    What was voided, refuted, stopped or has ended is left out, and so is the statement that no allergy is
    known. What is merely on hold is taken.

    Raises:
        Forbidden: the actor may not read records.
    """
    require(actor, *READ)
    now, theirs = clock.now(), {"patient__in": record.patient_ids, "voided_at__isnull": True}
    stated = ("id", "text", "code_system", "code")
    taken = (
        Medication.objects.filter(**theirs)
        .exclude(Q(status__in=_NOT_TAKEN) | Q(ends_at__lt=now))
        .order_by("text", "id")
        .values_list(*stated, "kind", "dosage_text", "dose_value", "dose_unit", "as_needed")
    )
    conditions = (
        Condition.objects.filter(**theirs, abated_at__isnull=True)
        .exclude(Q(clinical_status__in=_GONE) | Q(verification_status__in=_NOT_TRUE))
        .order_by("text", "id")
        .values_list(*stated)
    )
    allergies = (
        Allergy.objects.filter(**theirs)
        .exclude(Q(clinical_status__in=("inactive", "resolved")) | Q(verification_status__in=_NOT_TRUE))
        .order_by("text", "id")
        .values_list(*stated)
    )
    patient = record.patient
    return Standing(
        birth_date=patient.birth_date,
        birth_date_precision=patient.birth_date_precision,
        sex=patient.sex,
        is_deceased=patient.is_deceased,
        deceased_at=patient.deceased_at,
        taken=tuple(Taken(*row) for row in taken),
        conditions=tuple(Stated(*row) for row in conditions),
        allergies=tuple(Stated(*row) for row in allergies if not states_none_known(row[2], row[3])),
    )


def changed_since(actor: Actor, patient_ids: Collection[UUID], at: datetime) -> tuple[UUID, ...]:
    """
    Those of the patients about whom a drug, a supplement, a condition or an allergy was recorded since.

    Three statements, whatever there is; in the order of the patients' ids.

    Raises:
        Forbidden: the actor may not read records.
    """
    require(actor, *READ)
    found: set[UUID] = set()
    for model in (Medication, Condition, Allergy):
        rows = model._default_manager.filter(patient__in=patient_ids, recorded_at__gte=at)
        found.update(rows.values_list("patient_id", flat=True).distinct())
    return tuple(sorted(found))
