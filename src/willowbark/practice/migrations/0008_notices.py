"""What somebody is told of their own sign-in."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from willowbark.foundation.ids import uuid7
from willowbark.foundation.schema import GrantTable, array

# One's own; and of whoever may reset what somebody has lost, which the system may.
OWN = f"user_id = willow_user() OR (SELECT willow_holds({array(['practice.reset_factors'])}))"


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0007_sign_in_anew"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.UUIDField(default=uuid7, editable=False, primary_key=True, serialize=False)),
                ("what", models.CharField(max_length=40)),
                ("detail", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField()),
                ("seen_at", models.DateTimeField(null=True)),
                ("mailed_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.AddIndex("notice", models.Index(fields=["user", "-at"], name="notice_by_user")),
        GrantTable("practice_notice", verbs="SELECT, INSERT, UPDATE", read=OWN, write=OWN),
    ]
