"""Jobs for the worker, asked for by name: the tasks themselves stand above the services."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

CARRY_OUT = "interop_fhir.carry_out"
REPLAY = "interop_fhir.replay"


def ask_to_carry_out(run_id: UUID) -> None:
    """Have a run carried out once the caller's transaction is committed."""
    app.configure_task(CARRY_OUT, lock=f"import {run_id}").defer(run_id=str(run_id))


def ask_to_try_again(quarantined_id: UUID, asked_by: UUID) -> None:
    """Have a resource that waits tried again once the caller's transaction is committed."""
    app.configure_task(REPLAY).defer(quarantined_id=str(quarantined_id), asked_by=str(asked_by))
