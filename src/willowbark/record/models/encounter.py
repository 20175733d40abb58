"""Meetings between the patient and someone who treats them."""

from __future__ import annotations

from django.db import models

from willowbark.record.models.entry import Entry, entry_constraints


class Encounter(Entry):
    """One visit, call or stay (FHIR Encounter); `effective_at` is when it began."""

    status = models.CharField(max_length=20)
    class_code = models.CharField(max_length=20, blank=True)
    ends_at = models.DateTimeField(null=True)
    reason_text = models.CharField(max_length=1000, blank=True)
    practitioner_name = models.CharField(max_length=200, blank=True)
    place_name = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = entry_constraints("encounter")
        indexes = [
            models.Index(fields=["patient", "effective_at", "id"], name="encounter_in_time"),
            # Who comes on a day, whoever they are.
            models.Index(fields=["effective_at"], name="encounter_by_day"),
        ]
