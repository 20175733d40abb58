"""What is recalled: whoever keeps a shelf says so, and nothing but its lifting changes."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import willowbark.foundation.ids
from willowbark.foundation.schema import GrantTable, app_role, array


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0002_walls"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Recall",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=willowbark.foundation.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("product_key", models.CharField(max_length=80)),
                ("product_ids", django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ("product_name", models.CharField(max_length=200)),
                (
                    "lot_numbers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), blank=True, default=list, size=None
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("source_text", models.CharField(max_length=300)),
                ("recalled_at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lift_reason", models.CharField(blank=True, max_length=300)),
                (
                    "lifted_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recalled_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        condition=models.Q(("lifted_at__isnull", True)),
                        fields=["product_ids"],
                        name="recalls_of_product",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), _negated=True),
                            models.Q(("source_text", ""), _negated=True),
                            models.Q(("product_ids", []), _negated=True),
                        ),
                        name="recall_says_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("lift_reason", ""), ("lifted_at__isnull", True), ("lifted_by__isnull", True)
                            ),
                            models.Q(
                                ("lifted_at__isnull", False),
                                ("lifted_by__isnull", False),
                                models.Q(("lift_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="recall_lifted_whole",
                    ),
                ],
            },
        ),
        GrantTable(
            "inventory_recall",
            verbs="SELECT, INSERT",
            write=f"(SELECT willow_holds({array(['inventory.write'])}))",
        ),
        migrations.RunSQL(f"GRANT UPDATE (lifted_at, lifted_by_id, lift_reason) ON inventory_recall TO {app_role()}"),
    ]
