"""Reading what is known. The same for everybody: facts, no person's data."""

from __future__ import annotations

from functools import cache

from willowbark.knowledge.core.reading import release_of, shipped
from willowbark.knowledge.core.release import Release


@cache
def release() -> Release:
    """The release that this version of the platform ships; read once in a process."""
    return release_of(shipped())
