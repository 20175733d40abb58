"""Others' active time is read by who may read that, not by whoever reads figures; the roles say who."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from willowbark.foundation.schema import array
from willowbark.practice.roles import load_roles

READ = f"user_id = willow_user() OR (SELECT willow_holds({array(['effort.read'])}))"


def load(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    load_roles(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("practice", "0004_door")]

    operations = [
        migrations.RunSQL(f"ALTER POLICY foundation_effort_read ON foundation_effort USING ({READ})"),
        migrations.RunPython(load),
    ]
