"""Work that the worker does for protocols by itself: look again at those in force."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from procrastinate.contrib.django import app

from willowbark.protocols.events import RECHECK_SINCE


@app.periodic(cron="*/2 * * * *", periodic_id="release")
@app.task(name="protocols.recheck_release", queueing_lock="protocols.recheck_release", pass_context=False)
def recheck_release(timestamp: int) -> None:
    """Every other minute: is there a new release of the knowledge, and whom does it touch?"""
    from willowbark.foundation.acting import acting_as
    from willowbark.practice.selectors import system_actor
    from willowbark.protocols.services.releases import remember_release, touched_by_release

    with acting_as(system_actor("worker")) as actor:
        touched = touched_by_release(actor)
    _recheck(touched)
    with acting_as(system_actor("worker")) as actor:
        remember_release(actor=actor)


@app.periodic(cron="37 2 * * *", periodic_id="nightly")
@app.task(name="protocols.recheck_all", queueing_lock="protocols.recheck_all", pass_context=False)
def recheck_all(timestamp: int) -> None:
    """Every night: birthdays, limits that begin or end, products that changed."""
    from willowbark.foundation.acting import acting_as
    from willowbark.practice.selectors import system_actor
    from willowbark.protocols.services.releases import in_force

    with acting_as(system_actor("worker")) as actor:
        everybody = in_force(actor)
    _recheck(everybody)


@app.task(name=RECHECK_SINCE)
def recheck_since(at: str) -> None:
    """After an import: whoever has a protocol in force, and something new in the record."""
    from willowbark.foundation.acting import acting_as
    from willowbark.practice.selectors import system_actor
    from willowbark.protocols.services.releases import touched_since

    with acting_as(system_actor("worker")) as actor:
        touched = touched_since(actor, datetime.fromisoformat(at))
    _recheck(touched)


def _recheck(patient_ids: Iterable[UUID]) -> None:
    """Each patient in a transaction of their own: whoever was done stays done."""
    from willowbark.foundation.acting import acting_as
    from willowbark.practice.selectors import system_actor
    from willowbark.protocols.services.rechecking import recheck

    system = system_actor("worker")
    for patient_id in patient_ids:
        with acting_as(system) as actor:
            recheck(actor=actor, patient_id=patient_id)
