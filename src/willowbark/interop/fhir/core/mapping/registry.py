"""Which mapping reads which resource."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from willowbark.interop.fhir.core.mapping.allergy import AllergyResource, map_allergy
from willowbark.interop.fhir.core.mapping.condition import ConditionResource, map_condition
from willowbark.interop.fhir.core.mapping.datatypes import Domain
from willowbark.interop.fhir.core.mapping.document import DocumentResource, map_document
from willowbark.interop.fhir.core.mapping.encounter import EncounterResource, map_encounter
from willowbark.interop.fhir.core.mapping.immunization import ImmunizationResource, map_immunization
from willowbark.interop.fhir.core.mapping.kept import (
    AppointmentResource,
    KeptResource,
    ProvenanceResource,
    map_appointment,
    map_kept,
    map_provenance,
)
from willowbark.interop.fhir.core.mapping.medication import (
    MedicationAdministrationResource,
    MedicationDispenseResource,
    MedicationRequestResource,
    MedicationStatementResource,
    map_administration,
    map_dispense,
    map_request,
    map_statement,
)
from willowbark.interop.fhir.core.mapping.observation import ObservationResource, map_observation
from willowbark.interop.fhir.core.mapping.outcome import Mapped
from willowbark.interop.fhir.core.mapping.patient import MappedPatient, PatientResource, map_patient
from willowbark.interop.fhir.core.mapping.procedure import ProcedureResource, map_procedure
from willowbark.interop.fhir.core.mapping.reading import Reading
from willowbark.interop.fhir.core.mapping.report import ReportResource, map_report
from willowbark.interop.fhir.core.reading.faults import explain

PATIENT = "Patient"

_MAPPINGS: dict[str, tuple[type[Domain], Callable[[Any, Reading], Mapped]]] = {
    "Encounter": (EncounterResource, map_encounter),
    "Condition": (ConditionResource, map_condition),
    "Observation": (ObservationResource, map_observation),
    "MedicationRequest": (MedicationRequestResource, map_request),
    "MedicationStatement": (MedicationStatementResource, map_statement),
    "MedicationDispense": (MedicationDispenseResource, map_dispense),
    "MedicationAdministration": (MedicationAdministrationResource, map_administration),
    "AllergyIntolerance": (AllergyResource, map_allergy),
    "Procedure": (ProcedureResource, map_procedure),
    "Immunization": (ImmunizationResource, map_immunization),
    "DiagnosticReport": (ReportResource, map_report),
    "DocumentReference": (DocumentResource, map_document),
}
_KEPT: dict[str, tuple[type[msgspec.Struct], Callable[[Any, Reading], Mapped]]] = {
    "Provenance": (ProvenanceResource, map_provenance),
    "Appointment": (AppointmentResource, map_appointment),
}
_DECODERS = {type_: msgspec.json.Decoder(shape).decode for type_, (shape, _) in (_MAPPINGS | _KEPT).items()}
_decode_kept = msgspec.json.Decoder(KeptResource).decode
_decode_patient = msgspec.json.Decoder(PatientResource).decode

#: The types that become entries of the record.
ENTRY_TYPES = frozenset(_MAPPINGS)


def read_patient(reading: Reading) -> MappedPatient:
    """
    Map the Patient that `reading` holds.

    Raises:
        Refused: it cannot be taken in.
    """
    try:
        resource = _decode_patient(reading.resource.canonical)
    except msgspec.ValidationError as error:
        raise explain(error, b"") from error
    reading.open(resource)
    return map_patient(resource, reading)


def read_entries(reading: Reading) -> Mapped:
    """
    Map any other resource: to entries of the record, or to nothing but its owner when it is kept beside it.

    Raises:
        Refused: it cannot be taken in.
    """
    type_ = reading.resource.type
    try:
        resource = _DECODERS.get(type_, _decode_kept)(reading.resource.canonical)
    except msgspec.ValidationError as error:
        raise explain(error, b"") from error
    if isinstance(resource, Domain):
        reading.open(resource)
    if type_ in _MAPPINGS:
        return _MAPPINGS[type_][1](resource, reading)
    return _KEPT.get(type_, (KeptResource, map_kept))[1](resource, reading)
