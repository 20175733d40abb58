"""Open a chart: whose it is, and what everyone must know before anything else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from willowbark.foundation.authorisation import Actor
from willowbark.patients.selectors import Identity, OpenRecord, care_team, identity_of, open_record
from willowbark.record.models import Allergy
from willowbark.record.selectors.shown import Shown, common, names_for


@dataclass(frozen=True, slots=True, kw_only=True)
class AllergyRow(Shown):
    """One allergy or intolerance, or the statement that none is known."""

    clinical_status: str
    verification_status: str
    category: str
    criticality: str
    reaction_text: str
    severity: str


@dataclass(frozen=True, slots=True)
class Chart:
    """An open chart: identity and allergies stand above every part of it."""

    record: OpenRecord
    identity: Identity
    allergies: Sequence[AllergyRow]
    carers: Sequence[tuple[UUID, str, str]]
    """Who cares for the patient: (staff id, name, primary or team), the primary practitioner first."""

    @property
    def patient_ids(self) -> tuple[UUID, ...]:
        """The patient rows that together are this person."""
        return self.record.patient_ids


def open_chart(actor: Actor, patient_id: UUID, *permissions: str, action: str = "record.chart_read") -> Chart:
    """
    Open a chart for reading; the reading is logged once. Without permissions named, the whole chart.

    Raises:
        Forbidden: the actor holds none of the permissions.
        NotFound: no such patient, or none within reach.
    """
    record = open_record(actor, patient_id, *(permissions or ("record.read",)), action=action)
    return Chart(
        record=record,
        identity=identity_of(actor, record),
        allergies=standing_allergies(record.patient_ids),
        carers=care_team(actor, record),
    )


def standing_allergies(patient_ids: tuple[UUID, ...]) -> list[AllergyRow]:
    """What an open chart says of allergies and nobody has refuted, the gravest first; two statements."""
    rows = list(
        Allergy.objects.filter(patient__in=patient_ids, voided_at__isnull=True)
        .exclude(clinical_status__in=["inactive", "resolved"])
        .exclude(verification_status__in=["refuted", "entered-in-error"])
        .order_by("text", "id")
    )
    rows.sort(key=_gravest_first)
    names = names_for(rows)
    return [
        AllergyRow(
            **common(row, "allergy", names),  # type: ignore[arg-type]
            clinical_status=row.clinical_status,
            verification_status=row.verification_status,
            category=row.category,
            criticality=row.criticality,
            reaction_text=row.reaction_text,
            severity=row.severity,
        )
        for row in rows
    ]


def _gravest_first(row: Allergy) -> int:
    """What nobody has assessed stands before what was found harmless."""
    if row.criticality == "high" or row.severity == "severe":
        return 0
    return 2 if row.criticality == "low" else 1
