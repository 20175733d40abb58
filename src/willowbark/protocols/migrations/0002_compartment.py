"""Drafts, compositions and signed protocols behind the walls; what was composed or signed stands."""

from django.db import migrations

from willowbark.foundation.compartment import Guard
from willowbark.foundation.schema import PatientTable

COMPOSING = Guard(
    read=("protocols.compose", "protocols.sign", "record.import"),
    write=("protocols.compose", "protocols.sign", "record.import"),
)
SIGNED = Guard(read=("protocols.read", "record.import"), write=("protocols.sign", "record.import"))


class Migration(migrations.Migration):
    dependencies = [
        ("protocols", "0001_initial"),
        ("patients", "0002_compartment"),
    ]

    operations = [
        PatientTable("Draft", COMPOSING),
        PatientTable("Composition", COMPOSING, changes=()),
        PatientTable(
            "SignedProtocol", SIGNED, changes=("ended_at", "ended_by_id", "ending", "end_reason")
        ),
        PatientTable("ProtocolLine", SIGNED, changes=()),
    ]
