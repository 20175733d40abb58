"""How to reach a patient."""

from __future__ import annotations

from willowbark.interop.fhir.core.mapping.datatypes import Address, ContactPoint, Period
from willowbark.interop.fhir.core.mapping.identity_text import identity_text
from willowbark.interop.fhir.core.mapping.reading import Reading, one_of
from willowbark.patients.core.details import AddressDetails, ContactDetails

_SYSTEMS = frozenset(("phone", "fax", "email", "pager", "url", "sms", "other"))
_MOST_RANK = 32_767


def read_contacts(given: list[ContactPoint], reading: Reading) -> tuple[ContactDetails, ...]:
    """
    Return each way to reach the patient once; those that have ended, or have no value, are left out.

    Raises:
        Refused: an unknown system, or a value that is too long.
    """
    found: dict[tuple[str, str], ContactDetails] = {}
    for number, point in enumerate(given):
        path = f"telecom[{number}]"
        if not point.value or not point.value.strip() or _has_ended(point.period, reading):
            continue
        system = one_of(point.system or "other", _SYSTEMS, f"{path}.system")
        value = identity_text(point.value.strip(), "contact.value", f"{path}.value")
        details = ContactDetails(
            system=system,
            value=value,
            use=identity_text(point.use, "contact.use", f"{path}.use"),
            rank=min(max(point.rank or number + 1, 1), _MOST_RANK),
        )
        found.setdefault((system, value), details)
    return tuple(found.values())


def read_addresses(given: list[Address], reading: Reading) -> tuple[AddressDetails, ...]:
    """
    Return each address once; those that have ended, or say nothing, are left out.

    Raises:
        Refused: a part that is too long.
    """
    found: dict[tuple[str, str, str], AddressDetails] = {}
    for number, address in enumerate(given):
        path = f"address[{number}]"
        if _has_ended(address.period, reading):
            continue
        lines = "\n".join(line for line in address.line or () if line)
        has_parts = any((lines, address.city, address.district, address.state, address.postal_code))
        details = AddressDetails(
            use=identity_text(address.use, "address.use", f"{path}.use"),
            line=identity_text(lines if has_parts else address.text, "address.line", f"{path}.line"),
            city=identity_text(address.city, "address.city", f"{path}.city"),
            district=identity_text(address.district, "address.district", f"{path}.district"),
            state=identity_text(address.state, "address.state", f"{path}.state"),
            postal_code=identity_text(address.postal_code, "address.postal_code", f"{path}.postalCode"),
            country=identity_text(address.country, "address.country", f"{path}.country"),
        )
        if has_parts or details.line or details.country:
            found.setdefault((details.line, details.postal_code, details.city), details)
    return tuple(found.values())


def _has_ended(period: Period | None, reading: Reading) -> bool:
    end = period.end if period else None
    return end is not None and end < reading.now.isoformat()[: len(end)]
