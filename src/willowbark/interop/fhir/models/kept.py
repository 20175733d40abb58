"""Resources for which the record has no table yet: kept whole."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from willowbark.foundation.compartment import Guard, Identified, PatientModel
from willowbark.interop.fhir.models.clear_or_sealed import clear_or_sealed


class KeptResource(PatientModel):
    """
    A patient's resource, whole: `sealed_content` is its canonical JSON, number for number as it was written.

    It is sealed for the patient and the source key (`models.sealed`), and `source_digest` is keyed. `content`
    holds it in a row from before that was so, until `willow keys seal` comes to it.
    """

    guard = Guard(read=("record.read", "record.import"), write=("record.import",))
    not_in_history = ("content", "source_digest")

    resource_type = models.CharField(max_length=64)
    resource_id = models.CharField(max_length=128)
    source_key = models.UUIDField()
    source_digest = models.BinaryField()
    source_file = models.UUIDField(null=True)
    sealed_content = models.BinaryField(null=True)
    content = models.TextField(null=True)
    recorded_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "source_key"], name="kept_source_once"),
            clear_or_sealed("kept_clear_or_sealed"),
        ]
        indexes = [
            models.Index(fields=["patient", "resource_type"], name="kept_by_type"),
            models.Index(
                fields=["patient", "source_key"],
                name="kept_in_the_clear",
                condition=Q(content__isnull=False),
            ),
        ]


class SharedResource(Identified):
    """
    A resource of no single patient, whole: an organisation, a practitioner, a medication.

    Sources tell of the same one in many files, each a little differently; every version is kept, and none
    replaces another. Sealed as a patient's, for its row.
    """

    placement = "local"

    resource_type = models.CharField(max_length=64)
    resource_id = models.CharField(max_length=128)
    source_key = models.UUIDField()
    source_digest = models.BinaryField()
    source_file = models.UUIDField(null=True)
    sealed_content = models.BinaryField(null=True)
    content = models.TextField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source_key", "source_digest"], name="shared_version_once"),
            clear_or_sealed("shared_clear_or_sealed"),
        ]
