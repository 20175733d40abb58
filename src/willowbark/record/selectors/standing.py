"""What holds for a patient now, as plain values: for what is decided on it by the floors above."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor, require
from willowbark.knowledge.selectors import release
from willowbark.patients.selectors import OpenRecord
from willowbark.record.core.allergies import states_none_known
from willowbark.record.models import Allergy, Condition, Medication, Observation

# Who imports records sees what holds in them, as the system does when it looks at protocols again.
READ = ("record.read", "record.import")
_GONE = ("inactive", "remission", "resolved")
_NOT_TAKEN = ("stopped", "completed", "cancelled", "entered-in-error", "not-taken")
_NOT_TRUE = ("refuted", "entered-in-error")
_EACH = ("patient", "code", "unit", "value_code", "value_text", "value_comparator")
_NO_RESULT = ("registered", "cancelled", "entered-in-error", "unknown")


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
class Result:
    """A laboratory result: of which test (LOINC), when, and what it says, as it was written."""

    id: UUID
    code: str
    effective_at: datetime
    value: Decimal | None
    value_comparator: str
    unit: str
    value_code: str
    value_text: str
    interpretation: str


@dataclass(frozen=True, slots=True)
class Standing:
    """
    A patient's facts that hold now, each list in the order of its texts.

    `results` has the newest of each test of which the knowledge says what its results count as, in each unit
    and in each word that it came in: the newest of all may be one that cannot be compared.
    """

    birth_date: date | None
    birth_date_precision: str
    sex: str
    is_deceased: bool
    deceased_at: datetime | None
    taken: Sequence[Taken]
    conditions: Sequence[Stated]
    allergies: Sequence[Stated]
    results: Sequence[Result]


def standing_of(actor: Actor, record: OpenRecord) -> Standing:
    """
    What holds now of an open record; four statements, whatever there is.

    What was voided, refuted, stopped or has ended is left out, and so is the statement that no allergy is
    known. What is merely on hold is taken.

    Raises:
        Forbidden: the actor may not read records.
    """
    return standings_of(actor, [record])[record.patient.pk]


def standings_of(actor: Actor, records: Collection[OpenRecord]) -> Mapping[UUID, Standing]:
    """
    What holds now of many open records, by patient; four statements, whatever there is. See `standing_of`.

    Raises:
        Forbidden: the actor may not read records.
    """
    require(actor, *READ)
    now = clock.now()
    person = {row: each.patient.pk for each in records for row in each.patient_ids}
    theirs = {"patient__in": list(person), "voided_at__isnull": True}
    stated = ("id", "text", "code_system", "code")
    taken = (
        Medication.objects.filter(**theirs)
        .exclude(Q(status__in=_NOT_TAKEN) | Q(ends_at__lt=now))
        .order_by("text", "id")
        .values_list("patient_id", *stated, "kind", "dosage_text", "dose_value", "dose_unit", "as_needed")
    )
    conditions = (
        Condition.objects.filter(**theirs, abated_at__isnull=True)
        .exclude(Q(clinical_status__in=_GONE) | Q(verification_status__in=_NOT_TRUE))
        .order_by("text", "id")
        .values_list("patient_id", *stated)
    )
    allergies = (
        Allergy.objects.filter(**theirs)
        .exclude(Q(clinical_status__in=("inactive", "resolved")) | Q(verification_status__in=_NOT_TRUE))
        .order_by("text", "id")
        .values_list("patient_id", *stated)
    )
    results = (
        Observation.objects.filter(**theirs, code__in=list(release().findings_by_test))
        .filter(Q(code_system="") | Q(code_system__icontains="loinc"), effective_at__lte=now)
        .exclude(status__in=_NO_RESULT)
        .order_by(*_EACH, F("effective_at").desc(), "-id")
        .distinct(*_EACH)
        .values_list(
            "patient_id",
            "id",
            "code",
            "effective_at",
            "value",
            "value_comparator",
            "unit",
            "value_code",
            "value_text",
            "interpretation",
        )
    )
    by_person = [
        _by_person(person, rows, kind)
        for rows, kind in ((taken, Taken), (conditions, Stated), (allergies, Stated), (results, Result))
    ]
    return {
        each.patient.pk: _standing(each, *(found.get(each.patient.pk, ()) for found in by_person))
        for each in records
    }


def _by_person(person: Mapping[UUID, UUID], rows: Any, kind: type[Any]) -> Mapping[UUID, Sequence[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for patient_id, *said in rows:
        found[person[patient_id]].append(kind(*said))
    return found


def _standing(
    record: OpenRecord,
    taken: Sequence[Taken],
    conditions: Sequence[Stated],
    allergies: Sequence[Stated],
    results: Sequence[Result],
) -> Standing:
    patient = record.patient
    return Standing(
        birth_date=patient.birth_date,
        birth_date_precision=patient.birth_date_precision,
        sex=patient.sex,
        is_deceased=patient.is_deceased,
        deceased_at=patient.deceased_at,
        taken=tuple(taken),
        conditions=tuple(conditions),
        allergies=tuple(each for each in allergies if not states_none_known(each.code_system, each.code)),
        results=tuple(results),
    )


def counts_for_rules(actor: Actor, patient_id: UUID, observation_id: UUID) -> bool:
    """
    Whether an observation is of a test of which the knowledge says what its results count as.

    Raises:
        Forbidden: the actor may not read records.
    """
    require(actor, *READ)
    rows = Observation.objects.filter(patient=patient_id, pk=observation_id)
    return rows.filter(code__in=list(release().findings_by_test)).exists()


def changed_since(actor: Actor, patient_ids: Collection[UUID], at: datetime) -> tuple[UUID, ...]:
    """
    Those of the patients about whom something that rules ask for was recorded since: a drug, a supplement, a
    condition, an allergy, or a result of a test that counts.

    Four statements, whatever there is; in the order of the patients' ids.

    Raises:
        Forbidden: the actor may not read records.
    """
    require(actor, *READ)
    found: set[UUID] = set()
    theirs = {"patient__in": list(patient_ids), "recorded_at__gte": at}
    for rows in (
        *(model._default_manager.filter(**theirs) for model in (Medication, Condition, Allergy)),
        Observation.objects.filter(**theirs, code__in=list(release().findings_by_test)),
    ):
        found.update(rows.values_list("patient_id", flat=True).distinct())
    return tuple(sorted(found))
