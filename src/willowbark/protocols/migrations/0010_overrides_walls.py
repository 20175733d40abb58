"""Overrides behind the walls, as the protocols that they belong to."""

from django.db import migrations

from willowbark.foundation.compartment import Guard
from willowbark.foundation.schema import PatientTable

SIGNED = Guard(read=("protocols.read", "record.import"), write=("protocols.sign", "record.import"))


class Migration(migrations.Migration):
    dependencies = [("protocols", "0009_overrides")]

    operations = [PatientTable("ProtocolOverride", SIGNED, changes=())]
