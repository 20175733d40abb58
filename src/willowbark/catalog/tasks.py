"""Work that the worker does for the catalog: carry out a price list, a portion in each transaction."""

from __future__ import annotations

import logging
from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from willowbark.catalog.services.applying import CARRY_OUT
from willowbark.kernel.errors import DomainError

_LOGGER = logging.getLogger(__name__)


# Tried once more when it was interrupted; it goes on where it stopped.
@app.task(name=CARRY_OUT, retry=RetryStrategy(max_attempts=2, linear_wait=10))
def carry_out(price_list_id: str, asked_by: str) -> None:
    """Do what the preview said, as who asked for it, with the roles that they hold now."""
    from willowbark.catalog.services.applying import apply_portion
    from willowbark.foundation.acting import acting_as
    from willowbark.practice.selectors import actor_for

    more = True
    try:
        while more:
            with acting_as(actor_for(UUID(asked_by), channel="worker")) as actor:
                more = apply_portion(actor=actor, price_list_id=UUID(price_list_id))
    except DomainError as refusal:
        _LOGGER.warning("price_list_refused", extra={"code": refusal.code})
