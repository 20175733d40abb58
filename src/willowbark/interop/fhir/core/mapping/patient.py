"""Patient: http://hl7.org/fhir/R4/patient.html, and the birth sex of US Core."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from willowbark.interop.fhir.core.mapping.contacts import read_addresses, read_contacts
from willowbark.interop.fhir.core.mapping.datatypes import (
    Address,
    CodeableConcept,
    ContactPoint,
    Domain,
    Element,
    Extension,
    HumanName,
    Identifier,
)
from willowbark.interop.fhir.core.mapping.identity_text import identity_text
from willowbark.interop.fhir.core.mapping.names import NO_NAME, choose_name
from willowbark.interop.fhir.core.mapping.reading import Reading, best_coding, one_of
from willowbark.interop.fhir.core.mapping.systems import SSN
from willowbark.interop.fhir.core.problems import Refused
from willowbark.patients.core.details import IdentifierDetails, PatientDetails

_GENDERS = frozenset(("male", "female", "other", "unknown"))
# US Core names the sex at birth in one extension, and in later releases the sex in another.
_SEX_EXTENSIONS = frozenset(
    f"http://hl7.org/fhir/us/core/StructureDefinition/{name}"
    for name in ("us-core-birthsex", "us-core-individual-sex", "us-core-sex")
)
_SEX_BY_CODE = {"F": "female", "M": "male", "OTH": "other", "248152002": "female", "248153007": "male"}


class Communication(Element):
    """A language that the patient speaks."""

    language: CodeableConcept | None = None
    preferred: bool | None = None


class PatientResource(Domain):
    """What is read of a Patient."""

    extension: list[Extension] | None = None
    identifier: list[Identifier] | None = None
    name: list[HumanName] | None = None
    telecom: list[ContactPoint] | None = None
    gender: str | None = None
    birth_date: str | None = None
    deceased_boolean: bool | None = None
    deceased_date_time: str | None = None
    address: list[Address] | None = None
    communication: list[Communication] | None = None


@dataclass(frozen=True, slots=True)
class MappedPatient:
    """A person, and what was left out of what their source said."""

    details: PatientDetails
    warnings: tuple[str, ...]


def map_patient(resource: PatientResource, reading: Reading) -> MappedPatient:
    """
    Map a person. Someone without any name goes in under `NO_NAME`: their record must not wait for one.

    Raises:
        Refused: a value that cannot be read.
    """
    name = choose_name(resource.name or [], reading)
    if name.family == NO_NAME:
        reading.warn("name is missing")
    death = reading.when(resource.deceased_date_time, "deceasedDateTime")
    if death is None and resource.deceased_boolean:
        reading.warn("deceasedBoolean says that the patient has died, but not when")
    birth = _birth(resource, reading)
    if death and birth and death.at.date() < birth["birth_date"]:
        raise Refused(
            "date",
            f"deceasedDateTime {resource.deceased_date_time} lies before birthDate {resource.birth_date}",
        )
    details = PatientDetails(
        family=name.family,
        given=name.given,
        prefix=name.prefix,
        **birth,
        sex=_sex(resource),
        is_deceased=death is not None or bool(resource.deceased_boolean),
        deceased_at=death.at if death else None,
        language=_language(resource.communication or [], reading),
        source_kind="import",
        source_key=reading.key,
        source_digest=reading.resource.digest,
        identifiers=_identifiers(resource.identifier or [], reading),
        contacts=read_contacts(resource.telecom or [], reading),
        addresses=read_addresses(resource.address or [], reading),
    )
    return MappedPatient(details, tuple(reading.warnings))


def _birth(resource: PatientResource, reading: Reading) -> dict[str, Any]:
    date = reading.when(resource.birth_date, "birthDate")
    if date is None:
        return {}
    if date.precision == "instant":
        raise Refused("date", f'birthDate "{resource.birth_date}" has a time: it is a date')
    return {"birth_date": date.day, "birth_date_precision": date.precision.value}


def _sex(resource: PatientResource) -> str:
    """The administrative gender; when nobody has said it, the sex that an extension of US Core tells."""
    gender = one_of(resource.gender or "unknown", _GENDERS, "gender")
    if gender != "unknown":
        return gender
    for extension in resource.extension or ():
        if extension.url in _SEX_EXTENSIONS:
            coded = extension.value_coding.code if extension.value_coding else extension.value_code
            return _SEX_BY_CODE.get(coded or "", "unknown")
    return "unknown"


def _language(spoken: list[Communication], reading: Reading) -> str:
    """The preferred language, else the first."""
    chosen = next((one for one in spoken if one.preferred), next(iter(spoken), None))
    coding = best_coding(chosen.language, ()) if chosen else None
    return identity_text(coding.code if coding else None, "patient.language", "communication.language")


def _identifiers(given: list[Identifier], reading: Reading) -> tuple[IdentifierDetails, ...]:
    """Every identifier that has a value, once for each system and value."""
    found: dict[tuple[str, str], IdentifierDetails] = {}
    for number, one in enumerate(given):
        path = f"identifier[{number}]"
        value = identity_text(one.value, "identifier.value", f"{path}.value").strip()
        if not value:
            reading.warn(f"{path} has no value")
            continue
        system = identity_text(one.system, "identifier.system", f"{path}.system")
        coding = best_coding(one.type, ())
        type_code = (coding.code if coding else None) or ("SS" if system == SSN else "")
        found.setdefault(
            (system, value),
            IdentifierDetails(
                system=system,
                value=value,
                type_code=identity_text(type_code, "identifier.type_code", f"{path}.type"),
            ),
        )
    return tuple(found.values())
