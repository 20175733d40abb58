"""What reading a file asks of the database: each question in a short transaction of its own."""

from __future__ import annotations

import contextlib

from django.db.models import QuerySet

from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.interop.fhir.core.identity import source_key
from willowbark.interop.fhir.core.mapping.datatypes import CodeableConcept
from willowbark.interop.fhir.core.mapping.directory import Address, Directory
from willowbark.interop.fhir.core.mapping.pointed_at import medication_in, name_of
from willowbark.interop.fhir.core.references import Target
from willowbark.interop.fhir.models import ImportFile, SharedResource
from willowbark.interop.fhir.models.sealed import SHARED, digest_of_original, opened

_MOST_MISSES = 50_000
_MOST_DIGESTS = 100_000


def read_before(source: str) -> QuerySet[ImportFile]:
    """The files that were read to their end, from this source."""
    return ImportFile.objects.filter(source=source, status="done", original__isnull=False)


class Lookups:
    """Asks as `actor`; what was not found is not asked for again in the same run."""

    def __init__(self, actor: Actor, source: str) -> None:
        self._actor = actor
        self._source = source
        self._missing: set[Address] = set()
        self._is_inside = False
        self._read: set[bytes] | None = None
        self._all_read_are_here = False

    def directory(self) -> Directory:
        """A directory that asks here for what the run has not read itself."""
        return Directory(find_name=self.find_name, find_medication=self.find_medication)

    def directory_inside(self) -> Directory:
        """The same for work inside a transaction that acts already."""
        self._is_inside = True
        return self.directory()

    def was_read(self, sha256: bytes) -> bool:
        """Whether a file with this hash was read to its end before, from this source."""
        if self._read is None:
            self._read, self._all_read_are_here = self._load_read()
        digest = digest_of_original(sha256)
        if digest in self._read or self._all_read_are_here:
            return digest in self._read
        with acting_as(self._actor):
            return read_before(self._source).filter(original__sha256=digest).exists()

    def _load_read(self) -> tuple[set[bytes], bool]:
        """The digests of the files read last, and whether these are all: asked once, not for each file."""
        with acting_as(self._actor):
            digests = read_before(self._source).order_by("-id").values_list("original__sha256", flat=True)
            found = [bytes(one) for one in digests[: _MOST_DIGESTS + 1]]
        return set(found), len(found) <= _MOST_DIGESTS

    def find_name(self, address: Address) -> str | None:
        """The name of a practitioner or a place that an earlier import brought."""
        content = self._content(address)
        return name_of(content) if content else None

    def find_medication(self, address: Address) -> CodeableConcept | None:
        """What a medication is that an earlier import brought."""
        content = self._content(address)
        return medication_in(content) if content else None

    def _content(self, address: Address) -> bytes | None:
        if not isinstance(address, Target) or address in self._missing:
            return None
        key = source_key(self._source, address.type, address.id)
        with contextlib.nullcontext() if self._is_inside else acting_as(self._actor):
            found = (
                SharedResource.objects.filter(source_key=key)
                .order_by("-recorded_at", "-id")
                .values_list("id", "sealed_content", "content")
                .first()
            )
        if found is None:
            if len(self._missing) >= _MOST_MISSES:
                self._missing.clear()
            self._missing.add(address)
            return None
        return opened(SHARED, *found)
