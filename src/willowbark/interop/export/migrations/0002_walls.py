"""Exports behind the second wall: one's own, everybody's for who takes the practice out, all for the worker."""

from django.db import migrations

from willowbark.foundation.schema import GrantTable, array

ONE, ALL = array(["patients.export_one"]), array(["practice.export"])
ALLOWED = (
    f"(asked_by_id = willow_user() AND CASE WHEN patient_id IS NULL THEN (SELECT willow_everywhere({ALL}))"
    f" ELSE willow_reaches(patient_id, {ONE}) END)"
)
MINE = (
    "asked_by_id = willow_user()"
    f" OR (SELECT willow_everywhere({array(['practice.export', 'record.import'])}))"
)


class Migration(migrations.Migration):
    dependencies = [
        ("interop_export", "0001_initial"),
        ("practice", "0002_walls"),
    ]

    operations = [
        GrantTable(
            "interop_export_export",
            verbs="SELECT, INSERT, UPDATE",
            read=MINE,
            write=f"{ALLOWED} OR (SELECT willow_everywhere({array(['record.import'])}))",
        ),
    ]
