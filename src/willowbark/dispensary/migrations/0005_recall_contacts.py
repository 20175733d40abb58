"""Who was given what is recalled, and whether they know."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import willowbark.foundation.ids
from willowbark.foundation.compartment import Guard
from willowbark.foundation.schema import CloseFunctions, PatientTable, array

CONTACTS = Guard(read=("dispensary.contact",), write=("dispensary.contact",))

# Counts over everybody, for whoever recalls or tells patients: numbers, and nobody's name.
COUNTS = f"""
CREATE FUNCTION willow_count_given(the_products uuid[], the_lots text[], since timestamptz)
RETURNS TABLE (dispensings bigint, patients bigint, containers bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(DISTINCT d.id), count(DISTINCT d.patient_id), coalesce(sum(x.containers), 0)
  FROM dispensary_dispensedline x
  JOIN dispensary_dispensing d ON d.patient_id = x.patient_id AND d.id = x.dispensing_id
  WHERE x.product_id = ANY (the_products) AND d.taken_back_at IS NULL AND d.at >= since
    AND (the_lots = '{{}}' OR x.lot_number = ANY (the_lots))
    AND (SELECT willow_holds({array(["inventory.recall", "dispensary.contact"])}))
$$;

CREATE FUNCTION willow_count_contacts(the_recalls uuid[])
RETURNS TABLE (the_recall uuid, state text, contacts bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.recall_id, c.state::text, count(*)
  FROM dispensary_recallcontact c
  WHERE c.recall_id = ANY (the_recalls)
    AND (SELECT willow_holds({array(["inventory.recall", "dispensary.contact"])}))
  GROUP BY c.recall_id, c.state
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("dispensary", "0004_queue"),
        ("inventory", "0004_recalls_on_a_page"),
        ("practice", "0010_recall_roles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RecallContact",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=willowbark.foundation.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "lot_numbers",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None),
                ),
                ("containers", models.IntegerField()),
                ("given_at", models.DateTimeField()),
                ("due_on", models.DateField()),
                ("state", models.CharField(default="to_contact", max_length=11)),
                ("state_before", models.CharField(blank=True, max_length=11)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("said_at", models.DateTimeField(null=True)),
                (
                    "asked",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="patients.patient",
                    ),
                ),
                (
                    "recall",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.recall"
                    ),
                ),
                (
                    "said_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("patient", "recall"), name="recall_contact_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("containers__gte", 1),
                            ("state__in", ["to_contact", "contacted", "returned", "not_reached"]),
                        ),
                        name="recall_contact_says_something",
                    ),
                ],
            },
        ),
        PatientTable("RecallContact", CONTACTS, changes=("state", "state_before", "note", "said_at", "said_by_id")),
        migrations.RunSQL(COUNTS),
        CloseFunctions(),
    ]
