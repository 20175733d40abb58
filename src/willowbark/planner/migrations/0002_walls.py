"""Who plans sees and keeps scenarios; a saved one is put away, and nothing else of it changes."""

from django.db import migrations

from willowbark.foundation.schema import GrantTable, app_role, array

VIEW = f"(SELECT willow_holds({array(['planner.view'])}))"
EDIT = f"(SELECT willow_holds({array(['planner.edit'])}))"


class Migration(migrations.Migration):
    dependencies = [
        ("planner", "0001_initial"),
        ("practice", "0002_walls"),
    ]

    operations = [
        GrantTable("planner_savedscenario", verbs="SELECT, INSERT", read=VIEW, write=EDIT),
        migrations.RunSQL(f"GRANT UPDATE (put_away_at) ON planner_savedscenario TO {app_role()}"),
    ]
