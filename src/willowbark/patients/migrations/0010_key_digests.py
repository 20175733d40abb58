"""
The digest of what an import said of a patient is keyed: whoever has a dump cannot try which number is in it.

Row history would keep each as it was before: so this change alone is not kept in it.
"""

from uuid import UUID

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from willowbark.foundation.encryption import keeping
from willowbark.foundation.encryption.blind import keyed_digest

BATCH_ROWS = 10_000
TABLE = "patients_patient"


def key_digests(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """As the tables' owner, in one transaction."""
    ring, after = keeping.keyring(), UUID(int=0)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER {TABLE}_update_history")
        while True:
            cursor.execute(
                f"SELECT id, source_digest FROM {TABLE} WHERE source_kind = 'import'"  # noqa: S608 - our own names
                " AND source_digest IS NOT NULL AND id > %s ORDER BY id LIMIT %s",
                [after, BATCH_ROWS],
            )
            rows = cursor.fetchall()
            if not rows:
                break
            after = rows[-1][0]
            keyed = [keyed_digest(ring, TABLE, bytes(digest)) for _, digest in rows]
            cursor.execute(
                f"UPDATE {TABLE} AS p SET source_digest = n.digest"  # noqa: S608 - our own names
                " FROM unnest(%s::uuid[], %s::bytea[]) AS n (id, digest) WHERE p.id = n.id",
                [[id_ for id_, _ in rows], keyed],
            )
        cursor.execute(f"ALTER TABLE {TABLE} ENABLE TRIGGER {TABLE}_update_history")


class Migration(migrations.Migration):
    dependencies = [("patients", "0009_seal_numbers")]

    operations = [migrations.RunPython(key_digests)]
