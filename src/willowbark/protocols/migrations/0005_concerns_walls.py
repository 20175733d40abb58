"""Concerns behind the walls; only who checks protocols anew keeps them."""

from django.db import migrations

from willowbark.foundation.compartment import Guard
from willowbark.foundation.schema import GrantTable, PatientTable, array

RECHECKED = Guard(read=("protocols.read",), write=("protocols.recheck",))


class Migration(migrations.Migration):
    dependencies = [("protocols", "0004_concerns")]

    operations = [
        PatientTable("ProtocolConcern", RECHECKED, changes=("gone_at", "found_at", "task_id")),
        GrantTable(
            "protocols_recheckedrelease",
            verbs="SELECT, INSERT, UPDATE",
            write=f"(SELECT willow_holds({array(['protocols.recheck'])}))",
        ),
    ]
