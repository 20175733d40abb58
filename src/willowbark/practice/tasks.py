"""Work that the worker does for the practice by itself."""

from __future__ import annotations

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from willowbark.practice.services.notices import MAIL

# A mail server may be away for hours: the last try is about a day after the first.
_AGAIN = RetryStrategy(max_attempts=10, exponential_wait=3)


@app.task(name=MAIL, retry=_AGAIN)
def mail_notice(notice_id: str) -> None:
    """Mail somebody what changed in their sign-in."""
    from willowbark.practice.selectors import system_actor
    from willowbark.practice.services.notices import mail_notice as do

    do(system_actor("worker"), UUID(notice_id))


@app.periodic(cron="17 3 * * *", periodic_id="daily")
@app.task(name="practice.sweep_the_door", queueing_lock="practice.sweep_the_door", pass_context=False)
def sweep_the_door(timestamp: int) -> None:
    """Once a day: forget wrong passwords that no longer count, and sessions that have ended."""
    from willowbark.foundation.acting import acting_as
    from willowbark.practice.selectors import system_actor
    from willowbark.practice.services.guessing import sweep

    with acting_as(system_actor("worker")):
        sweep()
