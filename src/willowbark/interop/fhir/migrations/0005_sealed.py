"""What an import keeps as it came is sealed: its columns, and digests by which nobody can guess it."""

from collections.abc import Iterator

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.utils import CursorWrapper
from django.db.migrations.state import StateApps
from django.db.models import Q

from willowbark.foundation.encryption import columns, keeping
from willowbark.foundation.encryption.blind import keyed_digest
from willowbark.foundation.schema import history_triggers

BATCH_ROWS = 10_000
# Those that are looked up by their digest alone. A kept resource's is keyed when it is sealed.
DIGESTS = (
    ("interop_fhir_original", "sha256"),
    ("interop_fhir_quarantined", "content_sha256"),
    ("interop_fhir_sharedresource", "source_digest"),
)
# Sealed values cannot be compressed any further.
STORAGE = """
ALTER TABLE interop_fhir_originalchunk ALTER COLUMN sealed_content SET STORAGE EXTERNAL;
ALTER TABLE interop_fhir_keptresource ALTER COLUMN sealed_content SET STORAGE EXTERNAL;
ALTER TABLE interop_fhir_sharedresource ALTER COLUMN sealed_content SET STORAGE EXTERNAL;
ALTER TABLE interop_fhir_quarantined ALTER COLUMN sealed_content SET STORAGE EXTERNAL;
ALTER TABLE interop_fhir_quarantined ALTER COLUMN sealed_mended SET STORAGE EXTERNAL;
"""
KEPT = "interop_fhir_keptresource"
HISTORY = [
    *(f"DROP TRIGGER {KEPT}_{change}_history ON {KEPT}" for change in ("insert", "update", "delete")),
    *history_triggers(KEPT, "patient_id", ("content", "source_digest")),
]
# What was told of a reference by number quoted the number.
MESSAGES = r"""
UPDATE interop_fhir_quarantined SET message = 'belongs to the patient with a number that nobody, or several, have'
WHERE message LIKE 'belongs to the patient with the number %'
"""


def key_digests(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """As the tables' owner, in one transaction with the rest of this migration."""
    keeping.ensure(lambda: columns.is_anything_sealed(schema_editor.connection.connection))
    ring = keeping.keyring()
    with schema_editor.connection.cursor() as cursor:
        for table, column in DIGESTS:
            for ids, digests in _batches(cursor, table, column):
                cursor.execute(
                    f"UPDATE {table} AS t SET {column} = n.digest"  # noqa: S608 - our own names
                    " FROM unnest(%s::uuid[], %s::bytea[]) AS n (id, digest) WHERE t.id = n.id",
                    [ids, [keyed_digest(ring, table, digest) for digest in digests]],
                )


def _batches(cursor: CursorWrapper, table: str, column: str) -> Iterator[tuple[list[object], list[bytes]]]:
    cursor.execute(f"SELECT id, {column} FROM {table}")  # noqa: S608 - our own names
    rows = cursor.fetchall()
    for start in range(0, len(rows), BATCH_ROWS):
        some = rows[start : start + BATCH_ROWS]
        yield [id_ for id_, _ in some], [bytes(digest) for _, digest in some]


def clear_or_sealed(name: str) -> models.CheckConstraint:
    """What a row keeps stands in one of the two."""
    return models.CheckConstraint(
        condition=Q(content__isnull=True, sealed_content__isnull=False)
        | Q(content__isnull=False, sealed_content__isnull=True),
        name=name,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("interop_fhir", "0004_mending"),
        ("foundation", "0006_history_leaves_out"),
        ("patients", "0009_seal_numbers"),
    ]

    operations = [
        migrations.RunPython(key_digests),
        migrations.RunSQL(MESSAGES),
        # A constraint is added to a table that no check still waits for.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE"),
        migrations.AddField("keptresource", "sealed_content", models.BinaryField(null=True)),
        migrations.AddField("sharedresource", "sealed_content", models.BinaryField(null=True)),
        migrations.AddField("originalchunk", "sealed_content", models.BinaryField(null=True)),
        migrations.AddField("quarantined", "sealed_content", models.BinaryField(null=True)),
        migrations.AddField("quarantined", "sealed_mended", models.BinaryField(null=True)),
        migrations.AlterField("keptresource", "content", models.TextField(null=True)),
        migrations.AlterField("sharedresource", "content", models.TextField(null=True)),
        migrations.AlterField("originalchunk", "content", models.BinaryField(null=True)),
        migrations.AlterField("quarantined", "content", models.BinaryField(null=True)),
        migrations.AddConstraint("keptresource", clear_or_sealed("kept_clear_or_sealed")),
        migrations.AddConstraint("sharedresource", clear_or_sealed("shared_clear_or_sealed")),
        migrations.AddConstraint("originalchunk", clear_or_sealed("original_chunk_clear_or_sealed")),
        migrations.AddConstraint("quarantined", clear_or_sealed("quarantined_clear_or_sealed")),
        migrations.AddConstraint(
            "quarantined",
            models.CheckConstraint(
                condition=Q(mended__isnull=True) | Q(sealed_mended__isnull=True),
                name="quarantined_mended_once",
            ),
        ),
        migrations.AddIndex(
            "keptresource",
            models.Index(
                fields=["patient", "source_key"],
                name="kept_in_the_clear",
                condition=Q(content__isnull=False),
            ),
        ),
        migrations.AddIndex(
            "originalchunk",
            models.Index(
                fields=["id"], name="original_chunk_in_the_clear", condition=Q(content__isnull=False)
            ),
        ),
        migrations.RunSQL(STORAGE),
        *(migrations.RunSQL(statement) for statement in HISTORY),
    ]
