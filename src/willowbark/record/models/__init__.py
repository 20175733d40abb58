"""The tables of the longitudinal record."""

from willowbark.record.models.clinical import Allergy, Condition, Immunization, Medication, Procedure
from willowbark.record.models.encounter import Encounter
from willowbark.record.models.entry import CLINICAL, Entry
from willowbark.record.models.observation import Observation
from willowbark.record.models.writing import Document, Note

__all__ = [
    "CLINICAL",
    "Allergy",
    "Condition",
    "Document",
    "Encounter",
    "Entry",
    "Immunization",
    "Medication",
    "Note",
    "Observation",
    "Procedure",
]
