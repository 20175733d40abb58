"""Resources for which the record has no table yet: kept whole."""

from __future__ import annotations

from django.db import models

from willowbark.foundation.compartment import Guard, Identified, PatientModel


class KeptResource(PatientModel):
    """A patient's resource, whole: `content` is its canonical JSON, number for number as it was written."""

    guard = Guard(read=("record.read", "record.import"), write=("record.import",))

    resource_type = models.CharField(max_length=64)
    resource_id = models.CharField(max_length=128)
    source_key = models.UUIDField()
    source_digest = models.BinaryField()
    source_file = models.UUIDField(null=True)
    content = models.TextField()
    recorded_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "source_key"], name="kept_source_once")]
        indexes = [models.Index(fields=["patient", "resource_type"], name="kept_by_type")]


class SharedResource(Identified):
    """
    A resource of no single patient, whole: an organisation, a practitioner, a medication.

    Sources tell of the same one in many files, each a little differently; every version is kept, and none
    replaces another.
    """

    placement = "local"

    resource_type = models.CharField(max_length=64)
    resource_id = models.CharField(max_length=128)
    source_key = models.UUIDField()
    source_digest = models.BinaryField()
    source_file = models.UUIDField(null=True)
    content = models.TextField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source_key", "source_digest"], name="shared_version_once")
        ]
