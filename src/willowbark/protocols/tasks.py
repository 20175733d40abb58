"""Work that the worker does for protocols by itself: look again at those in force."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from procrastinate.contrib.django import app

from willowbark.foundation.authorisation import Actor
from willowbark.protocols.events import RECHECK_SINCE

if TYPE_CHECKING:
    from willowbark.protocols.services.releases import ToLookAt


@app.periodic(cron="*/2 * * * *", periodic_id="release")
@app.task(name="protocols.recheck_release", queueing_lock="protocols.recheck_release", pass_context=False)
def recheck_release(timestamp: int) -> None:
    """Every other minute: is there a new release of the knowledge, and whom does it touch?"""
    from willowbark.foundation.acting import acting_as
    from willowbark.practice.selectors import system_actor
    from willowbark.protocols.services.releases import remember_release, touched_by_release

    _recheck(touched_by_release)
    with acting_as(system_actor("worker")) as actor:
        remember_release(actor=actor)


@app.periodic(cron="37 2 * * *", periodic_id="nightly")
@app.task(name="protocols.recheck_all", queueing_lock="protocols.recheck_all", pass_context=False)
def recheck_all(timestamp: int) -> None:
    """Every night: birthdays, limits that begin or end, products that changed."""
    from willowbark.protocols.services.releases import ToLookAt, in_force

    _recheck(lambda actor: ToLookAt(in_force(actor)))


@app.periodic(cron="11 5 * * *", periodic_id="library")
@app.task(
    name="protocols.ask_for_due_reviews",
    queueing_lock="protocols.ask_for_due_reviews",
    pass_context=False,
)
def ask_for_due_reviews(timestamp: int) -> None:
    """Every morning: which Master Protocols are due for their quarterly review?"""
    from willowbark.foundation.acting import acting_as
    from willowbark.practice.selectors import system_actor
    from willowbark.protocols.services import library_reviews

    with acting_as(system_actor("worker")) as actor:
        library_reviews.ask_for_due_reviews(actor=actor)


@app.task(name=RECHECK_SINCE)
def recheck_since(at: str) -> None:
    """After an import: whoever has a protocol in force, and something new in the record."""
    from willowbark.protocols.services.releases import touched_since

    _recheck(lambda actor: touched_since(actor, datetime.fromisoformat(at)))


def _recheck(find: Callable[[Actor], ToLookAt]) -> None:
    """Each portion in a transaction of its own: whoever was done stays done."""
    from willowbark.foundation.acting import acting_as
    from willowbark.practice.selectors import system_actor
    from willowbark.protocols.services.rechecking import recheck_many

    system = system_actor("worker")
    with acting_as(system) as actor:
        found = find(actor)
    for portion in found.portions():
        with acting_as(system) as actor:
            recheck_many(actor=actor, patient_ids=portion, about=found.about)
