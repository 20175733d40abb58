"""Work that the worker does for the assistant: ask the practice's language model."""

from __future__ import annotations

import logging
from uuid import UUID

from procrastinate.contrib.django import app

from willowbark.assistant.services.asking import ASK
from willowbark.kernel.errors import DomainError

_LOGGER = logging.getLogger(__name__)


@app.task(name=ASK)
def ask(patient_id: str, asking_id: str, asked_by: str) -> None:
    """Ask, as who asked for it and with the roles that they hold now."""
    from willowbark.assistant.services.asking import carry_out
    from willowbark.practice.selectors import actor_for

    try:
        carry_out(
            actor=actor_for(UUID(asked_by), channel="worker"),
            patient_id=UUID(patient_id),
            asking_id=UUID(asking_id),
        )
    except DomainError as refusal:
        _LOGGER.warning("asking_refused", extra={"code": refusal.code})
