"""Tables and constraints: the one queue of tasks that every business files into."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from willowbark.foundation.compartment import Guard, Identified, PatientModel

STATES = [("open", "open"), ("done", "done"), ("dismissed", "dismissed")]
TASKS = Guard(read=("tasks.read",), write=("tasks.write",))


class Task(PatientModel):
    """
    Something that somebody has to do for a patient by a day.

    `owner` is who was asked to, always a person. `source_kind` and `source_id` say what made the task
    necessary ('protocol' and its id, for instance); '' and null when a person filed it. `request_digest`
    is a SHA-256 over the task as it was filed.
    """

    guard = TASKS
    changes = ("owner_id", "state", "closed_at", "closed_by_id", "close_reason")

    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    detail = models.CharField(max_length=2000, blank=True)
    owner = models.ForeignKey("foundation.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    due_on = models.DateField()
    next_action = models.CharField(max_length=200)
    source_kind = models.CharField(max_length=40, blank=True)
    source_id = models.UUIDField(null=True)
    state = models.CharField(max_length=9, choices=STATES, default="open")
    filed_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    filed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    close_reason = models.CharField(max_length=300, blank=True)
    request_key = models.UUIDField()
    request_digest = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "request_key"], name="task_request_once"),
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(kind="") & ~Q(next_action=""), name="task_says_something"
            ),
            models.CheckConstraint(
                condition=Q(source_kind="", source_id__isnull=True)
                | (~Q(source_kind="") & Q(source_id__isnull=False)),
                name="task_source_whole",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True, closed_by__isnull=True, close_reason="")
                | Q(state="done", closed_at__isnull=False, closed_by__isnull=False, close_reason="")
                | (
                    Q(state="dismissed", closed_at__isnull=False, closed_by__isnull=False)
                    & ~Q(close_reason="")
                ),
                name="task_closed_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["owner", "due_on", "id"], name="task_open_by_owner", condition=Q(state="open")
            ),
            models.Index(
                fields=["patient", "due_on", "id"], name="task_open_of_patient", condition=Q(state="open")
            ),
            models.Index(fields=["due_on", "id"], name="task_open_by_day", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return self.title


class PracticeTask(Identified):
    """
    Something that somebody has to do for the practice by a day, about no patient.

    `path` is the page of ours where it is done; doing it there closes the task. `source_id` is what made it
    necessary, `request_key` the request that filed it.
    """

    placement = "reference"

    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    owner = models.ForeignKey("foundation.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    due_on = models.DateField()
    next_action = models.CharField(max_length=200)
    path = models.CharField(max_length=200)
    source_id = models.UUIDField()
    filed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    request_key = models.UUIDField(unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(kind="") & ~Q(next_action="") & Q(path__startswith="/"),
                name="practice_task_says_something",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="practice_task_closed_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on", "id"], name="practice_tasks_open", condition=Q(closed_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return self.title
