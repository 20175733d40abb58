"""What a person has made of a resource that could not be read."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("interop_fhir", "0003_settling"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("quarantined", "mended", models.BinaryField(null=True)),
        migrations.AddField("quarantined", "mended_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "quarantined",
            "mended_by",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
