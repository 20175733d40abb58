"""What somebody still has to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time

from willowbark.assistant.core.lines import LONGEST_DETAIL, LONGEST_LEAD, Group, Line, Section, Tier, clipped
from willowbark.assistant.core.situation import Situation


def lines_of(known: Situation) -> Iterator[Line]:
    """Open tasks by the day on which they are due: what is overdue first."""
    for task in sorted(known.tasks, key=lambda each: (each.due_on, each.title)):
        late = (known.today - task.due_on).days
        due = f"overdue by {late} day{'' if late == 1 else 's'}" if late > 0 else "due"
        yield Line(
            section=Section.TASKS,
            tier=Tier.ABNORMAL if late > 0 else Tier.HEARD,
            group=Group.TASK,
            lead=clipped(task.title, LONGEST_LEAD),
            detail=clipped(f"{task.owner}, {due}", LONGEST_DETAIL),
            at=datetime.combine(task.due_on, time(0), UTC),
            precision="day",
            source=task.source,
        )
