"""Take files that were handed in: keep them whole first, then have the worker import them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from willowbark.foundation.authorisation import Actor, require
from willowbark.interop.fhir.core.bounds import Bounds
from willowbark.interop.fhir.core.identity import DEFAULT_SOURCE, check_source
from willowbark.interop.fhir.core.reading.originals import take_in
from willowbark.interop.fhir.models import ImportFile, ImportRun
from willowbark.interop.fhir.services.jobs import ask_to_carry_out
from willowbark.interop.fhir.services.limits import bounds_of_uploads
from willowbark.interop.fhir.services.originals import keep_originals, lock_names
from willowbark.interop.fhir.services.running import begin_run
from willowbark.kernel.errors import Invalid, RequestKeyReused


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A file as it arrives: what its sender calls it, and its bytes in pieces."""

    name: str
    pieces: Iterable[bytes]


@transaction.atomic
def hand_in(
    *,
    actor: Actor,
    files: Sequence[HandedIn],
    request_key: UUID,
    source: str = DEFAULT_SOURCE,
    home_site_id: UUID | None = None,
    bounds: Bounds | None = None,
) -> UUID:
    """
    Keep files and have them imported; returns the run.

    Files, run and job are stored together: what is acknowledged survives whatever happens to the worker.
    Repeating `request_key` with the same files returns the first run.

    Raises:
        Forbidden: the actor may not run imports.
        Invalid: no file, one that is too large, or the source's name is none.
        Conflict: the practice has not been opened.
        RequestKeyReused: the key came before with other files.
    """
    require(actor, "import.run")
    check_source(source)
    if not files:
        raise Invalid("Choose a file to import.", field="files")
    originals = [take_in(file.name, file.pieces, bounds or bounds_of_uploads()) for file in files]
    lock_names([request_key.bytes])
    ids = keep_originals(originals)
    kept = [ids[original.sha256] for original in originals]
    first = ImportRun.objects.filter(request_key=request_key).first()
    if first is not None:
        before = ImportFile.objects.filter(run=first).order_by("position")
        if list(before.values_list("original_id", flat=True)) != kept or first.source != source:
            raise RequestKeyReused("this request handed in other files before")
        return first.pk
    run_id = begin_run(
        actor=actor,
        names=[original.name for original in originals],
        source=source,
        home_site_id=home_site_id,
        path_text=", ".join(original.name for original in originals),
        original_ids=kept,
        request_key=request_key,
    )
    ask_to_carry_out(run_id)
    return run_id
