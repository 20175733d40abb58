"""Take a file that was handed in: keep it whole first, then have the worker import it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from willowbark.foundation.authorisation import Actor, require
from willowbark.interop.fhir import tasks
from willowbark.interop.fhir.bounds import DEFAULT_BOUNDS, Bounds
from willowbark.interop.fhir.identity import DEFAULT_SOURCE, check_source
from willowbark.interop.fhir.reading.originals import take_in
from willowbark.interop.fhir.services.originals import keep_originals
from willowbark.interop.fhir.services.running import begin_run


@transaction.atomic
def hand_in(
    *,
    actor: Actor,
    name: str,
    pieces: Iterable[bytes],
    source: str = DEFAULT_SOURCE,
    home_site_id: UUID | None = None,
    bounds: Bounds = DEFAULT_BOUNDS,
) -> UUID:
    """
    Keep a file and have it imported; returns the run.

    File, run and job are stored together: what is acknowledged survives whatever happens to the worker.

    Raises:
        Forbidden: the actor may not run imports.
        Refused: the file is too large, or the source's name is none.
        Conflict: the practice has not been opened.
    """
    require(actor, "import.run")
    check_source(source)
    original = take_in(name, pieces, bounds)
    ids = keep_originals([original])
    run_id = begin_run(
        actor=actor,
        names=[name],
        source=source,
        home_site_id=home_site_id,
        path_text=name,
        original_ids=[ids[original.sha256]],
    )
    tasks.carry_out.defer(run_id=str(run_id))
    return run_id
