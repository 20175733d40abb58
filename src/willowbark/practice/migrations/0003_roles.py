"""The roles that come with the platform, and the system's own user."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from willowbark.practice.roles import load_roles, make_system_users


def load(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    load_roles(schema_editor.connection)
    make_system_users(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("practice", "0002_walls")]

    operations = [migrations.RunPython(load)]
