"""Who a patient is, as values: what a desk, a file or a message says of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierDetails:
    """A number by which `system` knows the patient; `type_code` is of HL7 table 0203 (MR, SS, DL ...)."""

    system: str
    value: str
    type_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDetails:
    """
    A way to reach the patient.

    `system` is phone, email, fax, sms, url, pager or other; `rank` 1 is tried first.
    """

    system: str
    value: str
    use: str = ""
    rank: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressDetails:
    """A postal address; several street lines are joined by line breaks."""

    use: str = ""
    line: str = ""
    city: str = ""
    district: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientDetails:
    """
    One person. `family` is never empty.

    `birth_date` is the first day that the date covers, `birth_date_precision` 'year', 'month', 'day', or ''
    when there is none. `sex` is 'female', 'male', 'other' or 'unknown'. Somebody with a `deceased_at` has
    died; with `is_deceased` alone, it is not known when. `source_...` as in an entry.
    """

    family: str
    given: str = ""
    prefix: str = ""
    birth_date: date | None = None
    birth_date_precision: str = ""
    sex: str = "unknown"
    is_deceased: bool = False
    deceased_at: datetime | None = None
    language: str = ""
    source_kind: str = "staff"
    source_key: UUID | None = None
    source_digest: bytes | None = None
    source_file: UUID | None = None
    identifiers: tuple[IdentifierDetails, ...] = ()
    contacts: tuple[ContactDetails, ...] = ()
    addresses: tuple[AddressDetails, ...] = ()
