"""File tasks, and close them."""

from willowbark.worklist.services.break_glass import file_tasks_of_break_glass
from willowbark.worklist.services.closing import (
    ClosesByItself,
    dismiss_task,
    finish_task,
    hand_over,
    reopen_task,
)
from willowbark.worklist.services.closing_many import (
    dismiss_open,
    dismiss_open_of,
    dismiss_tasks_of,
    finish_due,
    finish_tasks_of,
    reopen_dismissed,
    reopen_tasks_of,
)
from willowbark.worklist.services.filing import OwnerOutOfReach, file_task
from willowbark.worklist.services.filing_many import (
    Filing,
    PreparedTask,
    file_tasks,
    prepare_task,
    store_tasks,
)
from willowbark.worklist.services.practice_tasks import file_practice_task, finish_practice_tasks_of

__all__ = [
    "ClosesByItself",
    "Filing",
    "OwnerOutOfReach",
    "PreparedTask",
    "dismiss_open",
    "dismiss_open_of",
    "dismiss_task",
    "dismiss_tasks_of",
    "file_practice_task",
    "file_task",
    "file_tasks",
    "file_tasks_of_break_glass",
    "finish_due",
    "finish_practice_tasks_of",
    "finish_task",
    "finish_tasks_of",
    "hand_over",
    "prepare_task",
    "reopen_dismissed",
    "reopen_task",
    "reopen_tasks_of",
    "store_tasks",
]
