"""Take a new patient in."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from willowbark.foundation import access, clock, outbox
from willowbark.foundation.authorisation import Actor, Reach, require
from willowbark.foundation.encryption.blind import blind_index
from willowbark.foundation.encryption.keeping import keyring
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Forbidden, Invalid, RequestKeyReused
from willowbark.kernel.partial_date import PartialDate, Precision
from willowbark.patients.core.identifiers import looked_up_as
from willowbark.patients.core.names import name_key
from willowbark.patients.events import PatientRegistered
from willowbark.patients.models import Address, ContactPoint, Patient, PatientIdentifier, PatientSource
from willowbark.patients.selectors import reachable
from willowbark.patients.selectors.numbers import kept
from willowbark.patients.services.care import begin_care

SEXES = ("female", "male", "other", "unknown")
LONGEST = {"family": 200, "given": 200, "phone": 200, "email": 200, "language": 35}
LONGEST_OF_ADDRESS = {"line": 400, "city": 120, "state": 80, "postal_code": 20, "country": 60}


@dataclass(frozen=True, slots=True)
class Identification:
    """A number by which a system knows the patient; `type_code` is HL7's (MR, SS, DL, PPN), or ''."""

    system: str
    value: str
    type_code: str = ""


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """Where the patient lives; each part may be ''."""

    line: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class NewPatient:
    """
    What the front desk knows of someone new. `birth_date` may be a year or a month only.

    `primary_id` is the member of staff who will care for them, if that is known.
    """

    family: str
    given: str
    sex: str
    home_site_id: UUID
    birth_date: PartialDate | None = None
    phone: str = ""
    email: str = ""
    language: str = ""
    identifiers: tuple[Identification, ...] = ()
    address: PostalAddress | None = None
    primary_id: UUID | None = None

    def digest(self) -> bytes:
        """
        A digest of the content, to tell a repeated request from another one.

        Keyed, since it is kept: nobody finds a sensitive number by trying which one fits.
        """
        return bytes.fromhex(blind_index(keyring(), "registration", repr(self)))


@transaction.atomic
def register_patient(*, actor: Actor, new: NewPatient, request_key: UUID) -> Patient:
    """
    Register someone new at a site.

    Whoever is named as the primary practitioner begins to care for them. A practitioner whose reach is
    the patients in their care begins so too, as the primary one if nobody else is. Repeating
    `request_key` returns the first registration.

    Raises:
        Forbidden: the actor may not register patients at this site.
        NotFound: nobody active works here under `primary_id`.
        Invalid: no family name, a birth date in the future, an unknown sex, a primary
            practitioner who may not write charts, or text that cannot be kept.
        RequestKeyReused: the key came before with other content.
    """
    require(actor, "patients.write")
    _check_site(actor, new.home_site_id)
    _check(new)
    digest = new.digest()
    source, is_new = PatientSource.objects.get_or_create(
        source_key=request_key, defaults={"patient_id": uuid7()}
    )
    if not is_new:
        return _first_registration(actor, source.patient_id, digest)
    patient = Patient.objects.create(
        id=source.patient_id,
        home_site_id=new.home_site_id,
        family=new.family.strip(),
        given=new.given.strip(),
        birth_date=new.birth_date.day if new.birth_date else None,
        birth_date_precision=new.birth_date.precision if new.birth_date else "",
        sex=new.sex,
        language=new.language,
        source_kind="staff",
        source_key=request_key,
        source_digest=digest,
        recorded_by_id=actor.user_id,
        recorded_at=clock.now(),
        name_key=name_key(new.family, new.given),
    )
    if all(grant.reach is Reach.CARE for grant in actor.grants_of("patients.write")):
        begin_care(actor=actor, patient_id=patient.pk, staff_id=_own_staff_id(actor), kind="primary")
    if new.primary_id:
        begin_care(actor=actor, patient_id=patient.pk, staff_id=new.primary_id, kind="primary")
    _add_details(patient, new)
    access.record_write(actor, "patients.registered", patient_id=patient.pk)
    outbox.publish(actor, PatientRegistered(patient_id=patient.pk))
    return patient


def _first_registration(actor: Actor, patient_id: UUID, digest: bytes) -> Patient:
    first = reachable(actor, "patients.write").filter(pk=patient_id).first()
    if first is None or bytes(first.source_digest or b"") != digest:
        raise RequestKeyReused("this request registered someone else before")
    return first


def _add_details(patient: Patient, new: NewPatient) -> None:
    PatientIdentifier.objects.bulk_create(
        PatientIdentifier(id=row_id, patient=patient, system=each.system, type_code=each.type_code, **number)
        for each in new.identifiers
        for row_id in [uuid7()]
        for number in [_kept(patient.pk, row_id, each)]
    )
    ContactPoint.objects.bulk_create(
        ContactPoint(patient=patient, system=system, value=value.strip())
        for system, value in (("phone", new.phone), ("email", new.email))
        if value.strip()
    )
    if new.address:
        where = new.address
        Address.objects.create(
            patient=patient,
            use="home",
            line=where.line,
            city=where.city,
            state=where.state,
            postal_code=where.postal_code,
            country=where.country,
        )


def _kept(patient_id: UUID, row_id: UUID, each: Identification) -> dict[str, Any]:
    number = kept(
        keyring(), patient_id, row_id, system=each.system, value=each.value, type_code=each.type_code
    )
    return asdict(number)


def _check_site(actor: Actor, site_id: UUID) -> None:
    grants = actor.grants_of("patients.write")
    if not any(grant.reach is Reach.ORGANISATION or grant.site_id == site_id for grant in grants):
        raise Forbidden("not at this site")


def _own_staff_id(actor: Actor) -> UUID:
    if actor.staff_id is None:
        raise Forbidden("works nowhere")
    return actor.staff_id


def _check_length(field: str, text: str, longest: int) -> None:
    if "\0" in text or len(text) > longest:
        raise Invalid(f"The {field} is too long or holds a NUL character.", field=field)


def _check(new: NewPatient) -> None:
    if not new.family.strip():
        raise Invalid("A family name is needed (or the only name, if there is one).", field="family")
    for field, longest in LONGEST.items():
        _check_length(field, getattr(new, field), longest)
    for each in new.identifiers:
        for field, longest in (("system", 300), ("value", 200), ("type_code", 20)):
            _check_length("identifiers", getattr(each, field), longest)
    if len({(each.system, looked_up_as(each.value)) for each in new.identifiers}) < len(new.identifiers):
        raise Invalid("The same number stands there twice.", field="identifiers")
    if new.address:
        for field, longest in LONGEST_OF_ADDRESS.items():
            _check_length("address", getattr(new.address, field), longest)
    if new.sex not in SEXES:
        raise Invalid(f"The sex is one of {', '.join(SEXES)}.", field="sex")
    if new.email.strip() and "@" not in new.email:
        raise Invalid("The e-mail address has no @.", field="email")
    born = new.birth_date
    if born and born.precision is Precision.INSTANT:
        raise Invalid("A birth date is a day, a month or a year.", field="birth_date")
    if born and not (born.day.year >= 1850 and born.at <= clock.now()):
        raise Invalid("The birth date lies in the future or before 1850.", field="birth_date")
