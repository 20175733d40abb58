"""The addresses of metrics, and of what explains them."""

from __future__ import annotations

from willowbark.foundation.explaining import why_url

from ..world import EVERY_ROLE
from .call import Call

CALLS: tuple[Call, ...] = (
    # What a figure measures is told everybody who works here; each resolver asks for more where it is more.
    Call("foundation:why", "GET", EVERY_ROLE, lambda world, _: why_url("measure:protocol_time")),
)
