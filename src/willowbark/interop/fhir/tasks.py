"""Work that the worker does for an import: carry out a run, or take in one mended resource."""

from __future__ import annotations

import logging
from collections.abc import Callable
from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from willowbark.interop.fhir.services.jobs import CARRY_OUT, REPLAY
from willowbark.kernel.errors import DomainError

# A run that was interrupted goes on where it stopped; one that fails again and again waits for a person.
_AGAIN = RetryStrategy(max_attempts=3, linear_wait=20)
_LOGGER = logging.getLogger(__name__)


def _answered(work: Callable[[], None]) -> None:
    """Do it; a refusal is an answer, which the report tells and another try would repeat. A crash is none."""
    try:
        work()
    except DomainError as refusal:
        _LOGGER.info("import_job_refused", extra={"code": refusal.code})


@app.task(name=CARRY_OUT, retry=_AGAIN)
def carry_out(run_id: str) -> None:
    """Do a run that was asked for, or go on with it."""
    from willowbark.interop.fhir.services.running import carry_out as do

    _answered(lambda: do(UUID(run_id), channel="worker"))


@app.task(name=REPLAY, retry=_AGAIN)
def replay(quarantined_id: str, asked_by: str) -> None:
    """Try to take in one resource that waits."""
    from willowbark.interop.fhir.services.replaying import replay as do

    _answered(lambda: do(UUID(quarantined_id), asked_by=UUID(asked_by), channel="worker"))
