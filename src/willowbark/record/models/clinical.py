"""Problems, medicines and supplements, allergies, procedures and immunisations."""

from __future__ import annotations

from django.db import models

from willowbark.foundation.compartment import CompartmentFK
from willowbark.foundation.fields import NumericField
from willowbark.record.models.encounter import Encounter
from willowbark.record.models.entry import MEDICATIONS, PRECISIONS, Entry, entry_constraints


class Condition(Entry):
    """A problem or diagnosis (FHIR Condition); `effective_at` is its onset."""

    encounter = CompartmentFK(Encounter, null=True)
    clinical_status = models.CharField(max_length=20, blank=True)
    verification_status = models.CharField(max_length=20, blank=True)
    category = models.CharField(max_length=60, blank=True)
    abated_at = models.DateTimeField(null=True)
    abated_precision = models.CharField(max_length=7, choices=PRECISIONS, blank=True)

    class Meta:
        constraints = entry_constraints("condition")
        indexes = [models.Index(fields=["patient", "effective_at", "id"], name="condition_in_time")]


class Medication(Entry):
    """A medicine ordered or taken, or a supplement taken (FHIR MedicationRequest / MedicationStatement)."""

    guard = MEDICATIONS

    encounter = CompartmentFK(Encounter, null=True)
    kind = models.CharField(max_length=10, choices=[("drug", "medicine"), ("supplement", "supplement")])
    status = models.CharField(max_length=20)
    intent = models.CharField(max_length=20, blank=True)
    dosage_text = models.CharField(max_length=1000, blank=True)
    dose_value = NumericField(null=True)
    dose_unit = models.CharField(max_length=60, blank=True)
    as_needed = models.BooleanField(default=False)
    ends_at = models.DateTimeField(null=True)
    reason_text = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = entry_constraints("medication")
        indexes = [models.Index(fields=["patient", "effective_at", "id"], name="medication_in_time")]


class Allergy(Entry):
    """An allergy or intolerance (FHIR AllergyIntolerance)."""

    guard = MEDICATIONS

    encounter = CompartmentFK(Encounter, null=True)
    clinical_status = models.CharField(max_length=20, blank=True)
    verification_status = models.CharField(max_length=20, blank=True)
    category = models.CharField(max_length=60, blank=True)
    criticality = models.CharField(max_length=20, blank=True)
    reaction_text = models.CharField(max_length=1000, blank=True)
    severity = models.CharField(max_length=20, blank=True)

    class Meta:
        verbose_name_plural = "allergies"
        constraints = entry_constraints("allergy")
        indexes = [models.Index(fields=["patient", "effective_at", "id"], name="allergy_in_time")]


class Procedure(Entry):
    """Something done to or with the patient (FHIR Procedure)."""

    encounter = CompartmentFK(Encounter, null=True)
    status = models.CharField(max_length=20)
    ends_at = models.DateTimeField(null=True)
    reason_text = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = entry_constraints("procedure")
        indexes = [models.Index(fields=["patient", "effective_at", "id"], name="procedure_in_time")]


class Immunization(Entry):
    """A vaccine given (FHIR Immunization)."""

    encounter = CompartmentFK(Encounter, null=True)
    status = models.CharField(max_length=20)
    lot_number = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = entry_constraints("immunization")
        indexes = [models.Index(fields=["patient", "effective_at", "id"], name="immunization_in_time")]
