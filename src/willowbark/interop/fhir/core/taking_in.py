"""
From a file's text to what can be stored: read, named, mapped; what cannot is set aside with its reason.

Pure: the only thing asked of the outside is what `Directory` was given to ask. A file comes in portions, so
that a large one is never held as a whole, and its portions are the same every time it is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from willowbark.interop.fhir.core.bounds import Bounds
from willowbark.interop.fhir.core.identity import content_id, source_key
from willowbark.interop.fhir.core.mapping.directory import Directory
from willowbark.interop.fhir.core.mapping.outcome import Owner, Row
from willowbark.interop.fhir.core.mapping.pointed_at import LEARNT, learn
from willowbark.interop.fhir.core.mapping.reading import Reading
from willowbark.interop.fhir.core.mapping.registry import PATIENT, read_entries, read_patient
from willowbark.interop.fhir.core.problems import Refused
from willowbark.interop.fhir.core.reading.documents import Item, read_documents
from willowbark.interop.fhir.core.reading.order import in_order
from willowbark.interop.fhir.core.reading.resource import Resource, peek, read_resource
from willowbark.interop.fhir.core.reading.spool import Text
from willowbark.interop.fhir.core.references import Links, Target, address_of
from willowbark.interop.fhir.core.versions import Versions
from willowbark.patients.core.details import PatientDetails

#: A portion has at most so many resources, or bytes of them.
PORTION_RESOURCES = 4_000
PORTION_BYTES = 32_000_000


class Taken(NamedTuple):
    """
    One resource, ready to be stored: a patient, entries of a record, or whole (`content`, canonical JSON).

    `owner` is None for what belongs to no patient, and for patients themselves.
    """

    item: Item
    links: Links
    resource_type: str
    resource_id: str
    key: UUID
    digest: bytes
    owner: Owner | None = None
    rows: tuple[Row, ...] = ()
    patient: PatientDetails | None = None
    content: bytes = b""

    def aside(self, fault: Refused) -> SetAside:
        """The same, set aside for a fault that showed only when it was to be stored."""
        return set_aside(self.item, self.links, fault, self.resource_type, self.resource_id)


@dataclass(frozen=True, slots=True)
class SetAside:
    """One resource that cannot be taken in, or not yet: `raw` is what came, byte for byte."""

    place: str
    full_url: str
    raw: bytes
    links: dict[str, Any]
    resource_type: str
    resource_id: str
    reason: str
    message: str
    needs: UUID | None

    @property
    def may_come_right(self) -> bool:
        """Whether something that comes later may mend it."""
        return self.reason in {"unknown_patient", "unknown_medication"}


@dataclass(slots=True)
class Portion:
    """
    A part of a file: its resources from the last portion's `upto` to its own, counted from 0.

    `repeated` counts, by type, what was said before in the same file, word for word.
    """

    upto: int = 0
    is_last: bool = False
    resources: int = 0
    size_bytes: int = 0
    taken: list[Taken] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)
    repeated: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)


class FileReader:
    """Reads one file. `now` is when the import began; `directory` is that of the whole import."""

    def __init__(self, *, source: str, now: datetime, directory: Directory, bounds: Bounds) -> None:
        self._source = source
        self._now = now
        self._directory = directory
        self._bounds = bounds
        self._versions = Versions()

    def portions(self, text: Text, *, after: int = 0) -> Iterator[Portion]:
        """
        Yield the file's resources; the last portion says so, and there always is one.

        The first `after` resources are stored already: they are read for what they say of others, no more.

        Raises:
            Refused: the file as a whole cannot be read; nothing was yielded before.
        """
        portion, upto = Portion(), 0
        for document in read_documents(text, self._bounds):
            items, links = in_order(document)
            for item in items:
                if upto < after:
                    self.take(item, links, Portion())
                    upto += 1
                    continue
                size = memoryview(item.raw).nbytes
                full = portion.resources >= PORTION_RESOURCES or portion.size_bytes + size > PORTION_BYTES
                if full and portion.resources:
                    yield portion
                    portion = Portion()
                upto += 1
                portion.upto = upto
                portion.resources += 1
                portion.size_bytes += size
                self.take(item, links, portion)
        portion.upto, portion.is_last = upto, True
        yield portion

    def take(self, item: Item, links: Links, portion: Portion) -> None:
        """Read and map one resource into the portion."""
        type_, id_ = "", ""
        try:
            resource = named(read_resource(item, self._bounds))
            type_, id_ = resource.type, resource.id
            key = source_key(self._source, type_, id_)
            if self._said_before(key, resource):
                portion.repeated[type_] += 1
                return
            portion.taken.append(self._mapped(item, links, resource, key, portion))
        except Refused as fault:
            if not type_:
                type_, id_ = peek(item.raw)
            portion.aside.append(set_aside(item, links, fault, type_, id_))

    def _said_before(self, key: UUID, resource: Resource) -> bool:
        """Whether the file has said this before. What is shared may come in several versions."""
        return self._versions.is_repeated(
            key, resource, may_differ=resource.type in LEARNT - {PATIENT, "Medication"}
        )

    def _mapped(self, item: Item, links: Links, resource: Resource, key: UUID, portion: Portion) -> Taken:
        learn(resource, self._directory, self._source)
        reading = Reading(
            resource,
            source=self._source,
            now=self._now,
            links=links,
            directory=self._directory,
            bounds=self._bounds,
        )
        if resource.type == PATIENT:
            person = read_patient(reading)
            warnings = person.warnings
            made = Taken(
                item, links, resource.type, resource.id, key, resource.digest, patient=person.details
            )
        else:
            mapped = read_entries(reading)
            warnings = mapped.warnings
            if links.asks_for_owners and isinstance(mapped.owner, UUID):
                self._directory.owners.put(Target(resource.type, resource.id), mapped.owner)
            made = Taken(
                item,
                links,
                resource.type,
                resource.id,
                key,
                resource.digest,
                owner=mapped.owner,
                rows=mapped.rows,
                content=b"" if mapped.rows else resource.canonical,
            )
        portion.warnings += (f"{resource.label}: {warning}" for warning in warnings)
        return made


def named(resource: Resource) -> Resource:
    """Give a resource without an id the one that its address, or else its content, implies."""
    if resource.id:
        return resource
    address = address_of(resource.full_url, resource.type)
    return resource._replace(id=address or content_id(resource.digest))


def set_aside(item: Item, links: Links, fault: Refused, resource_type: str, resource_id: str) -> SetAside:
    """A resource with what a person, or a later attempt, needs to know of it."""
    raw = bytes(item.raw)
    return SetAside(
        item.where,
        item.full_url,
        raw,
        links.as_json(raw),
        resource_type,
        resource_id,
        fault.reason,
        str(fault),
        fault.needs,
    )
