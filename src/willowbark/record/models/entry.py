"""What every entry of the record has: when, what, from whom, and whether it still stands."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from willowbark.foundation.compartment import Guard, PatientModel

# An import reads what it wrote, to tell what has changed.
CLINICAL = Guard(
    read=("record.read", "record.import"), write=("record.write", "record.void", "record.import")
)
MEDICATIONS = Guard(read=("record.read", "record.medications", "record.import"), write=CLINICAL.write)
WRITING = Guard(
    read=("record.read", "record.import"),
    write=("record.write", "record.note", "record.void", "record.import"),
)

PRECISIONS = [("", "undated"), ("year", "year"), ("month", "month"), ("day", "day"), ("instant", "instant")]
SOURCES = [("staff", "entered by staff"), ("import", "imported"), ("patient", "told by the patient")]


class Entry(PatientModel):
    """
    One thing written in a patient's record, with its source and its author.

    `source_key` is the source's own key: an imported resource's, or the request that a person's entry
    came with, so that neither goes in twice; `source_digest` tells whether its content is the same.
    A date known only in part is kept as its first instant in UTC with its precision. An entry is
    never deleted: it is voided with a reason, and stays readable.
    """

    guard = CLINICAL

    effective_at = models.DateTimeField(null=True)
    effective_precision = models.CharField(max_length=7, choices=PRECISIONS, blank=True)
    code_system = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=100, blank=True)
    text = models.CharField(max_length=1000, blank=True)
    source_kind = models.CharField(max_length=7, choices=SOURCES)
    source_key = models.UUIDField(null=True)
    source_digest = models.BinaryField(null=True)
    source_file = models.UUIDField(null=True)
    author_name = models.CharField(max_length=200, blank=True)
    recorded_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)
    voided_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    void_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True


def entry_constraints(name: str) -> list[models.BaseConstraint]:
    """The constraints of every entry table; `name` is the table's short name."""
    return [
        models.UniqueConstraint(fields=["patient", "source_key"], name=f"{name}_source_once"),
        models.CheckConstraint(
            condition=Q(voided_at__isnull=True, void_reason="")
            | (Q(voided_at__isnull=False) & ~Q(void_reason="")),
            name=f"{name}_voided_with_reason",
        ),
        models.CheckConstraint(
            condition=Q(effective_at__isnull=True, effective_precision="")
            | (Q(effective_at__isnull=False) & ~Q(effective_precision="")),
            name=f"{name}_date_has_precision",
        ),
    ]
