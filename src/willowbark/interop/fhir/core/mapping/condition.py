"""Condition: http://hl7.org/fhir/R4/condition.html."""

from __future__ import annotations

from willowbark.interop.fhir.core.mapping.common import dated, sourced
from willowbark.interop.fhir.core.mapping.datatypes import CodeableConcept, Domain, Period, Reference
from willowbark.interop.fhir.core.mapping.outcome import Mapped, Row
from willowbark.interop.fhir.core.mapping.reading import Reading
from willowbark.interop.fhir.core.mapping.systems import ICD10, ICD10_CM, SNOMED
from willowbark.record.core.entries import Condition


class ConditionResource(Domain):
    """What is read of a Condition."""

    clinical_status: CodeableConcept | None = None
    verification_status: CodeableConcept | None = None
    category: list[CodeableConcept] | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    onset_date_time: str | None = None
    onset_period: Period | None = None
    abatement_date_time: str | None = None
    abatement_period: Period | None = None
    recorded_date: str | None = None
    recorder: Reference | None = None
    asserter: Reference | None = None


def map_condition(resource: ConditionResource, reading: Reading) -> Mapped:
    """
    Map a problem or diagnosis; one without an onset stands at the date when it was recorded.

    Raises:
        Refused: a needed value is missing, or one cannot be read.
    """
    owner = reading.owner(resource.subject, "subject")
    if owner is None:
        return Mapped(None)
    onset, abatement = resource.onset_period or Period(), resource.abatement_period or Period()
    verification = reading.simple_code(
        resource.verification_status, "verification_status", "verificationStatus"
    )
    abated = reading.first_date(
        (resource.abatement_date_time, "abatementDateTime"),
        (abatement.end, "abatementPeriod.end"),
        (abatement.start, "abatementPeriod.start"),
    )
    entry = Condition(
        **dated(
            reading.first_date(
                (resource.onset_date_time, "onsetDateTime"),
                (onset.start, "onsetPeriod.start"),
                (resource.recorded_date, "recordedDate"),
            )
        ),
        **reading.code(resource.code, "code", SNOMED, ICD10_CM, ICD10),
        **sourced(
            reading, status=verification, author=reading.person_or_place(resource.recorder, resource.asserter)
        ),
        clinical_status=reading.simple_code(resource.clinical_status, "clinical_status", "clinicalStatus"),
        verification_status=verification,
        category=reading.simple_code(next(iter(resource.category or ()), None), "category", "category[0]"),
        abated_at=abated.at if abated else None,
        abated_precision=abated.precision.value if abated else "",
    )
    row = Row(entry, encounter_key=reading.encounter(resource.encounter, "encounter"))
    return Mapped(owner, (row,), tuple(reading.warnings))
