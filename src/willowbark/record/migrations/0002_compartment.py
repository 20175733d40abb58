"""Every entry table behind the walls. Encounters first: the others' composite keys point at them."""

from django.db import migrations

from willowbark.foundation.compartment import Guard
from willowbark.foundation.schema import PatientTable

# An import reads what it wrote, to tell what has changed.
CLINICAL = Guard(
    read=("record.read", "record.import"), write=("record.write", "record.void", "record.import")
)
MEDICATIONS = Guard(read=("record.read", "record.medications", "record.import"), write=CLINICAL.write)
WRITING = Guard(
    read=("record.read", "record.import"),
    write=("record.write", "record.note", "record.void", "record.import"),
)


class Migration(migrations.Migration):
    dependencies = [
        ("record", "0001_initial"),
        ("patients", "0002_compartment"),
    ]

    operations = [
        PatientTable("Encounter", CLINICAL),
        PatientTable("Observation", CLINICAL),
        PatientTable("Condition", CLINICAL),
        PatientTable("Medication", MEDICATIONS),
        PatientTable("Allergy", MEDICATIONS),
        PatientTable("Procedure", CLINICAL),
        PatientTable("Immunization", CLINICAL),
        PatientTable("Document", CLINICAL),
        PatientTable("Note", WRITING),
    ]
