"""A recall says how bad it is and who told of it, is entered once, and by whoever may recall."""

from django.db import migrations, models

from willowbark.foundation.schema import CloseFunctions, array

RECALL = f"(SELECT willow_holds({array(['inventory.recall'])}))"
POLICIES = f"""
ALTER POLICY inventory_recall_add ON inventory_recall WITH CHECK ({RECALL});
ALTER POLICY inventory_recall_change ON inventory_recall USING ({RECALL}) WITH CHECK ({RECALL});
ALTER POLICY inventory_recall_remove ON inventory_recall USING ({RECALL});
"""

# A recall is of every site, and whoever says it is mostly of one.
LOTS = f"""
CREATE FUNCTION willow_lots_everywhere(the_products uuid[])
RETURNS TABLE (site_name text, lot_number text, expires_on date, on_hand_containers int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.name::text, l.lot_number::text, l.expires_on, b.on_hand_containers
  FROM inventory_lot l
  JOIN inventory_balance b ON b.site_id = l.site_id AND b.lot_id = l.id
  JOIN practice_site s ON s.id = l.site_id
  WHERE l.product_id = ANY (the_products)
    AND (SELECT willow_holds({array(["inventory.recall", "dispensary.contact"])}))
  ORDER BY s.name, l.expires_on, l.lot_number
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0003_recalls"),
        ("practice", "0010_recall_roles"),
    ]

    operations = [
        migrations.AddField("recall", "class_code", models.CharField(blank=True, default="", max_length=20), False),
        migrations.AddField("recall", "told_by", models.CharField(blank=True, default="", max_length=200), False),
        migrations.AddField("recall", "request_key", models.UUIDField(null=True, unique=True)),
        migrations.AddConstraint(
            "recall",
            models.CheckConstraint(
                condition=models.Q(
                    ("class_code__in", ["", "fda_1", "fda_2", "fda_3", "eu_serious", "eu_other"])
                ),
                name="recall_class_known",
            ),
        ),
        migrations.RunSQL(POLICIES),
        migrations.RunSQL(LOTS),
        CloseFunctions(),
    ]
