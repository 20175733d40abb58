"""Tasks for the practice: who works with tasks reads and writes them; none is ever deleted."""

from django.db import migrations

from willowbark.foundation.schema import GrantTable, app_role, array


class Migration(migrations.Migration):
    dependencies = [("worklist", "0004_practice_tasks")]

    operations = [
        GrantTable(
            "worklist_practicetask",
            verbs="SELECT, INSERT",
            read=f"(SELECT willow_holds({array(['tasks.read'])}))",
            write=f"(SELECT willow_holds({array(['tasks.write'])}))",
        ),
        migrations.RunSQL(
            f"GRANT UPDATE (closed_at, closed_by_id) ON worklist_practicetask TO {app_role()}"
        ),
    ]
