"""How many protocols in force hold a product, for whoever recalls it: a number, and nobody's name."""

from django.db import migrations

from willowbark.foundation.schema import CloseFunctions, array

HELD = f"""
CREATE FUNCTION willow_count_in_force(the_products uuid[]) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(DISTINCT p.id)
  FROM protocols_protocolline l
  JOIN protocols_signedprotocol p ON p.patient_id = l.patient_id AND p.id = l.protocol_id
  WHERE p.ended_at IS NULL AND l.product_id = ANY (the_products)
    AND (SELECT willow_holds({array(["inventory.recall", "dispensary.contact"])}))
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("protocols", "0012_override_counts"), ("inventory", "0004_recalls_on_a_page")]

    operations = [migrations.RunSQL(HELD), CloseFunctions()]
