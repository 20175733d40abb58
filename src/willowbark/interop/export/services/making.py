"""Make what was asked for, and delete it when its time is over."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.interop.export.models import Export
from willowbark.interop.export.services.asking import file_of, folder, require_export
from willowbark.interop.export.services.parts import remove_unfinished
from willowbark.interop.export.services.writing import Scope, write_export
from willowbark.kernel.errors import DomainError
from willowbark.patients.selectors import rows_of_person
from willowbark.practice.selectors import actor_for, system_actor

KEPT_FOR = timedelta(hours=24)
# What a worker that was killed leaves behind is forgotten after two days.
_LEFT_BEHIND = timedelta(days=2)


def carry_out(export_id: UUID) -> None:
    """
    Make an export from its beginning; one that is made already is left as it is.

    Whoever asked must still be allowed to. A crash leaves no half file, and the next attempt begins anew.

    Raises:
        Exception: whatever stopped it; the export says so.
    """
    system = dataclasses.replace(system_actor("worker"), request_id=export_id)
    with acting_as(system):
        export = Export.objects.get(pk=export_id)
        if export.state not in {"waiting", "running", "failed"}:
            return
        _say(export_id, state="running", done=0, error_text="")
    path = file_of(export_id)
    try:
        person = dataclasses.replace(actor_for(export.asked_by_id, channel="worker"), request_id=export_id)
        scope = scope_of(person, system, export.patient_id)
    except DomainError as refusal:
        remove_unfinished(path)
        with acting_as(system):
            _say(export_id, state="refused", error_text=f"Not allowed any more ({refusal.code})")
        return

    def report(done: int, total: int) -> None:
        with acting_as(system):
            _say(export_id, done=done, total=total)

    try:
        write_export(person=person, system=system, scope=scope, path=path, report=report)
        with acting_as(system):
            _say(
                export_id,
                state="ready",
                made_at=clock.now(),
                expires_at=clock.now() + KEPT_FOR,
                size_bytes=path.stat().st_size,
                sha256=_digest(path),
            )
    except BaseException as error:
        with acting_as(system):
            _say(export_id, state="failed", error_text=type(error).__name__)
        raise


def scope_of(person: Actor, system: Actor, patient_id: UUID | None) -> Scope:
    """
    Whom this person takes out.

    Raises:
        Forbidden: they may not.
        NotFound: no such patient within reach.
    """
    with acting_as(person):
        require_export(person, patient_id)
    if patient_id is None:
        return Scope(None)
    with acting_as(system):
        return Scope(tuple(rows_of_person(patient_id)))


def sweep() -> int:
    """Delete the files whose time is over, and what was left behind; how many exports ended."""
    system, now = system_actor("worker"), clock.now()
    with acting_as(system):
        over = list(Export.objects.filter(state="ready", expires_at__lte=now).values_list("pk", flat=True))
        for export_id in over:
            file_of(export_id).unlink(missing_ok=True)
            _say(export_id, state="expired")
    for path in folder().iterdir():
        if now.timestamp() - path.stat().st_mtime <= _LEFT_BEHIND.total_seconds():
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(over)


def _say(export_id: UUID, **what: object) -> None:
    Export.objects.filter(pk=export_id).update(**what)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
