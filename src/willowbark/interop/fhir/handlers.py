"""What an import does when it has finished."""

from __future__ import annotations

from willowbark.foundation import jobs
from willowbark.foundation.authorisation import Actor
from willowbark.interop.fhir.events import ImportFinished
from willowbark.interop.fhir.selectors import started_at
from willowbark.protocols.events import RECHECK_SINCE


def recheck_protocols(actor: Actor, event: ImportFinished) -> None:
    """What came may speak against protocols in force: have the worker look."""
    jobs.defer(RECHECK_SINCE, at=started_at(actor, event.run_id).isoformat())
