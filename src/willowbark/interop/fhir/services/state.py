"""What a run carries from batch to batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(slots=True)
class RunState:
    """
    The run, and what it has seen so far.

    `logged` are the patients whose access entry it has made: one for each, however many batches. `doubtful`
    are the source keys of patients under which somebody else stands: what is theirs is not put anywhere.
    """

    run_id: UUID
    source: str
    home_site_id: UUID
    logged: set[UUID] = field(default_factory=set)
    doubtful: set[UUID] = field(default_factory=set)
    linked: int = 0
    questions: int = 0
    taken_up: int = 0
