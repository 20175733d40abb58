"""Whose protocol in force came from which version of a Master Protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor, require
from willowbark.patients.selectors import persons_of
from willowbark.practice.selectors import names_of_users
from willowbark.protocols.models import SignedProtocol
from willowbark.protocols.selectors.signed import READ

MOST_LISTED = 500


@dataclass(frozen=True, slots=True)
class PatientOn:
    """A patient within reach whose protocol in force came from a version of a Master Protocol."""

    patient_id: UUID
    patient_name: str
    protocol_id: UUID
    protocol_number: int
    site_id: UUID
    version: int
    phase: str
    starts_on: date
    signed_by: UUID
    signed_by_name: str


def patients_on(
    actor: Actor, key: str, *, version: int | None = None, most: int | None = MOST_LISTED
) -> Sequence[PatientOn]:
    """
    The patients within reach whose protocol in force came from a Master Protocol, or from one version of it.

    The oldest version first, then as they were signed; at most `most`, None for all. Whose they are is
    logged.

    Raises:
        Forbidden: the actor reads no protocols.
    """
    require(actor, READ)
    named: dict[str, Any] = {"key": key} if version is None else {"key": key, "version": version}
    rows = list(
        SignedProtocol.objects.filter(ended_at__isnull=True, masters__contains=[named])
        .order_by("signed_at", "id")
        .values_list("patient_id", "pk", "number", "site_id", "masters", "starts_on", "signed_by_id")[:most]
    )
    persons = persons_of(actor, [row[0] for row in rows])
    names = names_of_users({row[6] for row in rows})
    access.record_list(actor, "protocols.patients_on_listed", patient_ids=list(persons), subject=key)
    found = []
    for patient_id, protocol_id, number, site_id, masters, starts_on, signed_by in rows:
        if patient_id not in persons:
            continue
        said = next(each for each in masters if each["key"] == key)
        found.append(
            PatientOn(
                patient_id=patient_id,
                patient_name=persons[patient_id].name,
                protocol_id=protocol_id,
                protocol_number=number,
                site_id=site_id,
                version=said["version"],
                phase=said["phase"],
                starts_on=starts_on,
                signed_by=signed_by,
                signed_by_name=names.get(signed_by, ""),
            )
        )
    return sorted(found, key=lambda each: each.version)


def counted(actor: Actor) -> Mapping[str, Mapping[int, int]]:
    """
    How many protocols in force within reach came from each version of each Master Protocol; one statement.

    Key -> version -> how many.

    Raises:
        Forbidden: the actor reads no protocols.
    """
    require(actor, READ)
    found: dict[str, dict[int, int]] = {}
    rows = SignedProtocol.objects.filter(ended_at__isnull=True).values_list("masters", flat=True)
    for masters in rows.iterator(chunk_size=2_000):
        for each in masters:
            versions = found.setdefault(each["key"], {})
            versions[each["version"]] = versions.get(each["version"], 0) + 1
    return found
