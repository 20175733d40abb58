"""Whoever manages the catalog adds and retires products; what a product is made of nobody changes."""

from django.db import migrations

from willowbark.foundation.schema import CloseFunctions, GrantTable, app_role, array

MANAGE = f"(SELECT willow_holds({array(['catalog.manage'])}))"

# Names, prices and retirement alone may change. Everything else is what protocols were signed on.
MAY_CHANGE = (
    "name, brand, container_price_cents, container_cost_cents, currency, gtin, source,"
    " is_active, retired_at, retire_reason"
)

WHOLE = """
CREATE FUNCTION willow_product_is_whole() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  the_key text;
BEGIN
  SELECT p.key INTO the_key FROM catalog_product p
   WHERE p.id IN (SELECT product_id FROM new_rows)
     AND p.ingredient_count <> (SELECT count(*) FROM catalog_productingredient i WHERE i.product_id = p.id)
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the composition of % is written once and in whole', the_key
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER catalog_productingredient_whole AFTER INSERT ON catalog_productingredient
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION willow_product_is_whole();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
        ("practice", "0002_walls"),
    ]

    operations = [
        migrations.RunSQL(WHOLE),
        GrantTable("catalog_product", verbs="SELECT, INSERT", write=MANAGE),
        migrations.RunSQL(f"GRANT UPDATE ({MAY_CHANGE}) ON catalog_product TO {app_role()}"),
        GrantTable("catalog_productingredient", verbs="SELECT, INSERT", write=MANAGE),
        CloseFunctions(),
    ]
