"""Work that the worker does for an import: carry out a run, or take in one mended resource."""

from __future__ import annotations

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from willowbark.interop.fhir.services.jobs import CARRY_OUT, REPLAY

# A run that was interrupted goes on where it stopped; one that fails again and again waits for a person.
_AGAIN = RetryStrategy(max_attempts=3, linear_wait=20)


@app.task(name=CARRY_OUT, retry=_AGAIN)
def carry_out(run_id: str) -> None:
    """Do a run that was asked for, or go on with it."""
    from willowbark.interop.fhir.services.running import carry_out as do

    do(UUID(run_id), channel="worker")


@app.task(name=REPLAY, retry=_AGAIN)
def replay(quarantined_id: str, asked_by: str) -> None:
    """Try to take in one resource that waits."""
    from willowbark.interop.fhir.services.replaying import replay as do

    do(UUID(quarantined_id), asked_by=UUID(asked_by), channel="worker")
