"""What was asked to be taken out, and what became of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from willowbark.foundation.compartment import Identified

STATES = [
    ("waiting", "waiting"),
    ("running", "running"),
    ("ready", "ready"),
    ("failed", "failed"),
    ("refused", "refused"),
    ("expired", "expired"),
]


class Export(Identified):
    """
    One export: of the patient, or of the whole practice where there is none.

    Its file lies in a private folder of the machine, named by the export's id, until `expires_at`. `done` of
    `total` patients are written.
    """

    placement = "local"

    asked_by = models.ForeignKey("foundation.User", on_delete=models.PROTECT, related_name="+")
    patient_id = models.UUIDField(null=True)
    request_key = models.UUIDField()
    state = models.CharField(max_length=7, choices=STATES, default="waiting")
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)
    size_bytes = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    error_text = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["asked_by", "request_key"], name="export_request_once"),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(made_at__isnull=False, expires_at__isnull=False),
                name="export_ready_until",
            ),
        ]
        indexes = [models.Index(fields=["asked_at", "id"], name="export_by_time")]
