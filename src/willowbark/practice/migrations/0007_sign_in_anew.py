"""Everybody signs in anew: sessions from before devices were noted could not be ended from elsewhere."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("practice", "0006_second_factor"), ("sessions", "0001_initial")]

    operations = [migrations.RunSQL("DELETE FROM django_session", migrations.RunSQL.noop)]
