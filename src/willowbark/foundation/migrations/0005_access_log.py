"""The access log is read by person and by refusal, and by who reads it everywhere."""

from django.db import migrations, models

from willowbark.foundation.schema import array

READ = f"(SELECT willow_everywhere({array(['audit.read'])}))"


class Migration(migrations.Migration):
    dependencies = [("foundation", "0004_seals"), ("practice", "0002_walls")]

    operations = [
        migrations.AddIndex("accessentry", models.Index(fields=["actor_id", "id"], name="access_by_person")),
        migrations.AddIndex(
            "accessentry",
            models.Index(fields=["id"], name="access_refused", condition=models.Q(outcome="refused")),
        ),
        migrations.RunSQL(f"ALTER POLICY foundation_accessentry_read ON foundation_accessentry USING ({READ})"),
    ]
