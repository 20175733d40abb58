"""An index by which the day sheet finds who comes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("record", "0002_compartment"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="encounter",
            index=models.Index(fields=["effective_at"], name="encounter_by_day"),
        ),
    ]
