"""Measurements and findings."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from willowbark.foundation.compartment import CompartmentFK
from willowbark.foundation.fields import NumericField
from willowbark.record.models.encounter import Encounter
from willowbark.record.models.entry import Entry, entry_constraints


class Observation(Entry):
    """
    One measured or observed value (FHIR Observation).

    `value` is exact and in `unit`, a UCUM code. The parts of a compound result (the two pressures of
    a blood pressure) are rows of their own that name their `parent`.
    """

    encounter = CompartmentFK(Encounter, null=True)
    parent = CompartmentFK("self", null=True)
    status = models.CharField(max_length=20)
    category = models.CharField(max_length=60, blank=True)
    value = NumericField(null=True)
    value_comparator = models.CharField(max_length=2, blank=True)
    unit = models.CharField(max_length=60, blank=True)
    unit_text = models.CharField(max_length=60, blank=True)
    value_code_system = models.CharField(max_length=200, blank=True)
    value_code = models.CharField(max_length=100, blank=True)
    value_text = models.TextField(blank=True)
    reference_low = NumericField(null=True)
    reference_high = NumericField(null=True)
    reference_text = models.CharField(max_length=300, blank=True)
    interpretation = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            *entry_constraints("observation"),
            models.CheckConstraint(
                condition=Q(reference_low__isnull=True)
                | Q(reference_high__isnull=True)
                | Q(reference_low__lte=F("reference_high")),
                name="observation_range_in_order",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "code", "effective_at", "id"], name="observation_by_test"),
            models.Index(fields=["patient", "effective_at", "id"], name="observation_in_time"),
        ]
