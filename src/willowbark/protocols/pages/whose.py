"""Whose protocol a page shows: no page of a protocol, on a screen or on paper, is without it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from willowbark.foundation.authorisation import Actor, allows
from willowbark.patients.selectors import open_record, reaches
from willowbark.protocols.selectors.signed import READ
from willowbark.record.pages.header import ChartHeader, header_of
from willowbark.record.selectors.chart import open_chart

# Who may read either reads allergies.
ALLERGIES = ("record.read", "record.medications")


@dataclass(frozen=True, slots=True)
class Whose:
    """
    Whom a protocol is for.

    `header` is the head of the chart with the allergies; None for who reads protocols and no allergies.
    """

    patient_id: UUID
    name: str
    birth_date: date | None
    birth_date_precision: str
    header: ChartHeader | None


def whose_of(actor: Actor, patient_id: UUID) -> Whose:
    """
    Whom a protocol is for, with as much of the chart's head as the actor may read. The reading is logged.

    Raises:
        Forbidden: the actor reads no protocols.
        NotFound: no such patient within reach.
    """
    header = None
    if allows(actor, *ALLERGIES) and reaches(actor, patient_id, *ALLERGIES):
        chart = open_chart(actor, patient_id, *ALLERGIES, action="protocols.page_read")
        header, patient = header_of(chart), chart.record.patient
    else:
        patient = open_record(actor, patient_id, READ, action="protocols.page_read").patient
    return Whose(
        patient_id=patient_id,
        name=f"{patient.given} {patient.family}".strip(),
        birth_date=patient.birth_date,
        birth_date_precision=patient.birth_date_precision,
        header=header,
    )
