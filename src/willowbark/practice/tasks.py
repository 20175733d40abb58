"""Work that the worker does for the practice by itself."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.periodic(cron="17 3 * * *", periodic_id="daily")
@app.task(name="practice.sweep_the_door", queueing_lock="practice.sweep_the_door", pass_context=False)
def sweep_the_door(timestamp: int) -> None:
    """Once a day: forget wrong passwords that no longer count, and sessions that have ended."""
    from willowbark.foundation.acting import acting_as
    from willowbark.practice.selectors import system_actor
    from willowbark.practice.services.guessing import sweep

    with acting_as(system_actor("worker")):
        sweep()
