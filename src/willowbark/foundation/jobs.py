"""Long work, handed to the worker in the transaction that asks for it."""

from __future__ import annotations

from procrastinate.contrib.django import app


def defer(task: str, **arguments: str) -> None:
    """
    Ask the worker to run a task, by the name under which a business's `tasks.py` registers it.

    The job is kept with the current transaction: both happen, or neither. Whoever calls this imports no
    task, so that services stay below the tasks that call them.
    """
    app.configure_task(task, allow_unknown=True).defer(**arguments)
