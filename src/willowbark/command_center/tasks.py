"""Work that the worker does for the command center by itself."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.periodic(cron="12 * * * *", periodic_id="hourly")
@app.task(name="command_center.review", queueing_lock="command_center.review", pass_context=False)
def review(timestamp: int) -> None:
    """Every hour: look at everything, since a day that has begun somewhere needs other containers."""
    from willowbark.command_center.events import TOPIC
    from willowbark.command_center.services import review as review_everything
    from willowbark.foundation import live
    from willowbark.foundation.acting import acting_as
    from willowbark.practice.selectors import system_actor

    with acting_as(system_actor("worker")) as actor:
        if review_everything(actor=actor):
            live.publish(TOPIC, {})
