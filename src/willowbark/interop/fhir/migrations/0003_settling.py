"""Why somebody dismissed a resource, and how far reading it again has come."""

from django.db import migrations, models
from django.db.models import Q

TOLD = "UPDATE interop_fhir_quarantined SET settled_reason = 'No reason was asked for.' WHERE status = 'dismissed'"


class Migration(migrations.Migration):
    dependencies = [("interop_fhir", "0002_walls")]

    operations = [
        migrations.AddField(
            "quarantined", "settled_reason", models.CharField(max_length=300, blank=True, db_default="")
        ),
        migrations.AddField("quarantined", "replay_asked_at", models.DateTimeField(null=True)),
        migrations.AddField("quarantined", "tried_at", models.DateTimeField(null=True)),
        migrations.RunSQL(TOLD),
        migrations.AddConstraint(
            "quarantined",
            models.CheckConstraint(
                condition=~Q(status="dismissed") | ~Q(settled_reason=""),
                name="quarantined_dismissed_with_reason",
            ),
        ),
    ]
