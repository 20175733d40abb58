"""Concerns weigh, and say why."""

from django.db import migrations, models

from willowbark.foundation.schema import app_role


class Migration(migrations.Migration):
    dependencies = [("protocols", "0005_concerns_walls")]

    operations = [
        migrations.AddField("protocolconcern", "weight", models.SmallIntegerField(default=1)),
        migrations.AddField(
            "protocolconcern", "because", models.CharField(blank=True, default="", max_length=300)
        ),
        migrations.RunSQL(f"GRANT UPDATE (weight, because) ON protocols_protocolconcern TO {app_role()}"),
    ]
