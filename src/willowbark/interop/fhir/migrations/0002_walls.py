"""The import's tables behind the walls: who may read what came, and who may write it."""

from django.db import migrations

from willowbark.foundation.compartment import Guard
from willowbark.foundation.schema import GrantTable, PatientTable, array


def held(*permissions: str) -> str:
    """The test that the actor holds any of the permissions, worked out once a statement."""
    return f"(SELECT willow_holds({array(permissions)}))"


REPORT = held("import.read", "import.run", "record.import")
IMPORT = held("import.run", "record.import")
STORE = held("record.import")

# Texts of tens of kilobytes: lz4 costs a fraction of the default's time. A server built without it keeps that.
COMPRESS = """
DO $do$ BEGIN
  IF EXISTS (SELECT FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)) THEN
    ALTER TABLE interop_fhir_keptresource ALTER COLUMN content SET COMPRESSION lz4;
    ALTER TABLE interop_fhir_sharedresource ALTER COLUMN content SET COMPRESSION lz4;
    ALTER TABLE interop_fhir_quarantined ALTER COLUMN content SET COMPRESSION lz4;
  END IF;
END $do$;
-- Pieces of originals are compressed already.
ALTER TABLE interop_fhir_originalchunk ALTER COLUMN content SET STORAGE EXTERNAL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("interop_fhir", "0001_initial"),
        ("patients", "0002_compartment"),
    ]

    operations = [
        PatientTable("KeptResource", Guard(read=("record.read", "record.import"), write=("record.import",))),
        GrantTable("interop_fhir_importrun", verbs="SELECT, INSERT, UPDATE", read=REPORT, write=IMPORT),
        GrantTable("interop_fhir_importfile", verbs="SELECT, INSERT, UPDATE", read=REPORT, write=IMPORT),
        GrantTable("interop_fhir_original", verbs="SELECT, INSERT", read=REPORT, write=IMPORT),
        GrantTable("interop_fhir_originalchunk", verbs="SELECT, INSERT", read=IMPORT, write=IMPORT),
        GrantTable(
            "interop_fhir_quarantined", verbs="SELECT, INSERT, UPDATE, DELETE", read=REPORT, write=IMPORT
        ),
        GrantTable(
            "interop_fhir_sharedresource",
            verbs="SELECT, INSERT",
            read=held("practice.read", "record.import"),
            write=STORE,
        ),
        GrantTable("interop_fhir_waitingforvisit", verbs="SELECT, INSERT, DELETE", read=STORE, write=STORE),
        migrations.RunSQL(COMPRESS),
    ]
