"""Documents that came or were made, and notes that people wrote."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from willowbark.foundation.compartment import CompartmentFK
from willowbark.record.models.encounter import Encounter
from willowbark.record.models.entry import WRITING, Entry, entry_constraints


class Document(Entry):
    """A report or a file (FHIR DiagnosticReport / DocumentReference), with its content if it came along."""

    encounter = CompartmentFK(Encounter, null=True)
    kind = models.CharField(max_length=10, choices=[("report", "report"), ("document", "document")])
    status = models.CharField(max_length=20)
    content_type = models.CharField(max_length=100, blank=True)
    content = models.BinaryField(null=True)
    url = models.CharField(max_length=1000, blank=True)
    conclusion = models.TextField(blank=True)

    class Meta:
        constraints = entry_constraints("document")
        indexes = [models.Index(fields=["patient", "effective_at", "id"], name="document_in_time")]


class Note(Entry):
    """What someone wrote about the patient."""

    guard = WRITING

    encounter = CompartmentFK(Encounter, null=True)
    kind = models.CharField(
        max_length=20, choices=[("clinical", "clinical note"), ("coaching", "coaching note")]
    )
    body = models.TextField()

    class Meta:
        constraints = [
            *entry_constraints("note"),
            models.CheckConstraint(condition=~Q(body=""), name="note_not_empty"),
        ]
        indexes = [models.Index(fields=["patient", "effective_at", "id"], name="note_in_time")]
