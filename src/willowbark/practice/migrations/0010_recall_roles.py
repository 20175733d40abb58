"""Who recalls a product, and who tells patients of it."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from willowbark.practice.roles import load_roles


def load(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    load_roles(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("practice", "0009_library_roles")]

    operations = [migrations.RunPython(load)]
