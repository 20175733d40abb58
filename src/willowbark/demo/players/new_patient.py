"""What the front desk types in when it registers somebody of the script."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from willowbark.demo.script.events import RegisterPatient
from willowbark.kernel.partial_date import PartialDate, Precision
from willowbark.patients.core.details import PatientDetails
from willowbark.patients.services.registration import Identification, NewPatient, PostalAddress


def new_patient(event: RegisterPatient, home_site_id: UUID) -> NewPatient:
    """The details as the registration form has them."""
    details = event.details
    return NewPatient(
        family=details.family,
        given=details.given,
        sex=details.sex,
        home_site_id=home_site_id,
        birth_date=_birth_date(details),
        phone=_contact(details, "phone"),
        email=_contact(details, "email"),
        language=details.language,
        identifiers=tuple(
            Identification(one.system, one.value, one.type_code) for one in details.identifiers
        ),
        address=_address(details),
    )


def _birth_date(details: PatientDetails) -> PartialDate | None:
    day = details.birth_date
    if day is None:
        return None
    return PartialDate(
        datetime(day.year, day.month, day.day, tzinfo=UTC), Precision(details.birth_date_precision)
    )


def _contact(details: PatientDetails, system: str) -> str:
    return next((one.value for one in details.contacts if one.system == system), "")


def _address(details: PatientDetails) -> PostalAddress | None:
    if not details.addresses:
        return None
    where = details.addresses[0]
    return PostalAddress(where.line, where.city, where.state, where.postal_code, where.country)
