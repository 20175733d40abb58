"""Entries whose visit had not come yet."""

from __future__ import annotations

from django.db import models

from willowbark.foundation.compartment import Identified


class WaitingForVisit(Identified):
    """An entry that is in the record without the visit it names; it gets it when the visit comes."""

    placement = "local"

    run_id = models.UUIDField()
    patient_id = models.UUIDField()
    kind = models.CharField(max_length=20)
    source_key = models.UUIDField()
    encounter_key = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient_id", "source_key"], name="waiting_for_visit_once")
        ]
        indexes = [
            models.Index(fields=["encounter_key"], name="waiting_by_visit"),
            models.Index(fields=["run_id"], name="waiting_by_run"),
        ]
