"""Work that the worker does for exports: make one, and delete what nobody fetched in time."""

from __future__ import annotations

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from willowbark.interop.export.services.asking import CARRY_OUT


@app.task(name=CARRY_OUT, retry=RetryStrategy(max_attempts=3, linear_wait=20))
def carry_out(export_id: str) -> None:
    """Make an export that was asked for, from its beginning."""
    from willowbark.interop.export.services.making import carry_out as do

    do(UUID(export_id))


@app.periodic(cron="41 * * * *", periodic_id="hourly")
@app.task(name="interop_export.sweep", queueing_lock="interop_export.sweep", pass_context=False)
def sweep(timestamp: int) -> None:
    """Every hour: delete the files whose time is over."""
    from willowbark.interop.export.services.making import sweep as do

    do()
