"""Ask for an export, and take it once it is made."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.db import transaction

from willowbark.foundation import access, clock, jobs
from willowbark.foundation.authorisation import Actor, Reach, require
from willowbark.foundation.database.settings import DatabaseSettings
from willowbark.interop.export.models import Export
from willowbark.kernel.errors import Forbidden, NotFound, RequestKeyReused
from willowbark.patients.selectors import require_reach

CARRY_OUT = "interop_export.carry_out"
ONE, ALL = "patients.export_one", "practice.export"


def folder() -> Path:
    """The private folder in which exports lie."""
    place = DatabaseSettings.from_environment().data / "exports"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def file_of(export_id: UUID) -> Path:
    """The file of an export, there while it is ready."""
    return folder() / f"{export_id}.zip"


def require_export(actor: Actor, patient_id: UUID | None) -> None:
    """
    Let the actor pass who may take this patient out, or for None the whole practice.

    Raises:
        Forbidden: the actor may not.
        NotFound: no such patient within reach.
    """
    if patient_id is not None:
        require_reach(actor, patient_id, ONE)
        return
    require(actor, ALL)
    if not any(grant.reach is Reach.ORGANISATION for grant in actor.grants_of(ALL)):
        raise Forbidden("the whole practice is taken out by who holds that everywhere")


@transaction.atomic
def ask_for_export(*, actor: Actor, patient_id: UUID | None, request_key: UUID) -> UUID:
    """
    Have the worker make an export of a patient, or for None of the whole practice; its id.

    Repeating `request_key` returns the first and makes nothing.

    Raises:
        Forbidden: the actor may not.
        NotFound: no such patient within reach.
        RequestKeyReused: the key came before for somebody else.
    """
    require_export(actor, patient_id)
    if patient_id is None:
        access.record_change(actor, "exports.practice_asked")
    else:
        access.record_write(actor, "exports.patient_asked", patient_id=patient_id)
    made, is_new = Export.objects.get_or_create(
        asked_by_id=actor.user_id,
        request_key=request_key,
        defaults={"patient_id": patient_id, "asked_at": clock.now()},
    )
    if not is_new:
        if made.patient_id != patient_id:
            raise RequestKeyReused("This request asked for another export before.")
        return made.pk
    jobs.defer(CARRY_OUT, export_id=str(made.pk))
    return made.pk


@transaction.atomic
def take_export(*, actor: Actor, export_id: UUID) -> Path:
    """
    The file of an export that the actor asked for and still may have; taking it is logged.

    Raises:
        Forbidden: the actor may not any more.
        NotFound: none such of theirs, none that is ready, or the patient is out of reach by now.
    """
    require(actor, ONE, ALL)
    export = Export.objects.filter(pk=export_id, asked_by=actor.user_id, state="ready").first()
    if export is None or export.expires_at is None or export.expires_at <= clock.now():
        raise NotFound("export")
    require_export(actor, export.patient_id)
    path = file_of(export_id)
    if not path.is_file():
        raise NotFound("export")
    if export.patient_id is None:
        access.record_list(actor, "exports.practice_taken", subject=str(export_id))
    else:
        access.record_read(actor, "exports.patient_taken", patient_id=export.patient_id)
    export.fetched_at = clock.now()
    export.save(update_fields=["fetched_at"])
    return path
