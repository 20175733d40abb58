"""That somebody has died, which is known more often than when."""

from django.db import migrations, models
from django.db.models import Q

DEFAULT = "ALTER TABLE patients_patient ALTER COLUMN is_deceased SET DEFAULT false"
DATED = "UPDATE patients_patient SET is_deceased = true WHERE deceased_at IS NOT NULL"


class Migration(migrations.Migration):
    dependencies = [("patients", "0003_search")]

    operations = [
        migrations.AddField(
            "patient", "is_deceased", models.BooleanField(default=False)
        ),
        migrations.RunSQL(DEFAULT),
        migrations.RunSQL(DATED),
        migrations.AddConstraint(
            "patient",
            models.CheckConstraint(
                condition=Q(deceased_at__isnull=True) | Q(is_deceased=True), name="patient_died_if_dated"
            ),
        ),
    ]
