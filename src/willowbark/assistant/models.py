"""What a language model was asked about a patient, and what it answered."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from willowbark.foundation.compartment import Guard, PatientModel

ASKINGS = Guard(read=("protocols.compose",), write=("protocols.compose",))
STATES = [
    ("waiting", "waiting"),
    ("asking", "being asked"),
    ("answered", "answered"),
    ("failed", "no answer"),
    ("cancelled", "cancelled"),
]
SHA256 = r"^[0-9a-f]{64}$"


class Asking(PatientModel):
    """
    One question to a language model: exactly what was sent, to which model where, and exactly what came back.

    `asked_sha256` is over all that the answer depends on, so that the same question has its answer already.
    `answer` is as it came, `proposals` what of it may be taken (`core.proposing`), `taken` what was.
    `failure` is a code of `core.failures`.
    """

    guard = ASKINGS
    changes = (
        "state",
        "failure",
        "answer",
        "proposals",
        "input_tokens",
        "output_tokens",
        "sent_at",
        "ended_at",
        "taken",
        "taken_by_id",
        "taken_at",
    )

    text = models.TextField()
    instructions = models.TextField()
    asked_sha256 = models.CharField(max_length=64)
    prompt_version = models.SmallIntegerField()
    model = models.CharField(max_length=100)
    endpoint = models.CharField(max_length=200)
    host = models.CharField(max_length=200)
    state = models.CharField(max_length=9, choices=STATES, default="waiting")
    failure = models.CharField(max_length=20, blank=True)
    answer = models.JSONField(null=True)
    proposals = models.JSONField(null=True)
    input_tokens = models.IntegerField(default=0)
    output_tokens = models.IntegerField(default=0)
    taken = models.JSONField(null=True)
    asked_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    taken_at = models.DateTimeField(null=True)
    request_key = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "request_key"], name="asking_request_once"),
            models.CheckConstraint(
                condition=Q(asked_sha256__regex=SHA256) & ~Q(text="") & ~Q(model=""), name="asking_is_whole"
            ),
            models.CheckConstraint(
                condition=Q(state="answered", answer__isnull=False, proposals__isnull=False, failure="")
                | Q(state="failed", answer__isnull=True) & ~Q(failure="")
                | Q(state__in=["waiting", "asking", "cancelled"], answer__isnull=True, failure=""),
                name="asking_answered_or_not",
            ),
        ]
        indexes = [models.Index(fields=["patient", "asked_sha256"], name="asking_of_the_same")]
