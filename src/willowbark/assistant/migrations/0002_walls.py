"""Questions to a language model behind the walls: of one patient, for those who compose protocols."""

from django.db import migrations

from willowbark.foundation.compartment import Guard
from willowbark.foundation.schema import PatientTable

ASKINGS = Guard(read=("protocols.compose",), write=("protocols.compose",))
CHANGES = (
    "state",
    "failure",
    "answer",
    "proposals",
    "input_tokens",
    "output_tokens",
    "sent_at",
    "ended_at",
    "taken",
    "taken_by_id",
    "taken_at",
)


class Migration(migrations.Migration):
    dependencies = [("assistant", "0001_initial"), ("patients", "0009_seal_numbers")]

    operations = [PatientTable("Asking", ASKINGS, changes=CHANGES)]
