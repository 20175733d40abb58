"""Keys that carry the site, a ledger that alone moves balances, and who may read and write a shelf."""

from django.db import migrations

from willowbark.foundation.schema import CloseFunctions, GrantTable, array

KEYS = """
ALTER TABLE inventory_balance DROP CONSTRAINT inventory_balance_pkey;
ALTER TABLE inventory_balance ADD PRIMARY KEY (site_id, id);
ALTER TABLE inventory_stockmove DROP CONSTRAINT inventory_stockmove_pkey;
ALTER TABLE inventory_stockmove ADD PRIMARY KEY (site_id, id);
ALTER TABLE inventory_lot DROP CONSTRAINT inventory_lot_pkey;
ALTER TABLE inventory_lot ADD PRIMARY KEY (site_id, id);
ALTER TABLE inventory_stockrequest DROP CONSTRAINT inventory_stockrequest_pkey;
ALTER TABLE inventory_stockrequest ADD PRIMARY KEY (site_id, id);
ALTER TABLE inventory_balance ADD CONSTRAINT inventory_balance_lot_same_site
  FOREIGN KEY (site_id, lot_id) REFERENCES inventory_lot (site_id, id);
ALTER TABLE inventory_stockmove ADD CONSTRAINT inventory_stockmove_lot_same_site
  FOREIGN KEY (site_id, lot_id) REFERENCES inventory_lot (site_id, id);
ALTER TABLE inventory_stockmove ADD CONSTRAINT inventory_stockmove_request_same_site
  FOREIGN KEY (site_id, request_id) REFERENCES inventory_stockrequest (site_id, id);
ALTER TABLE inventory_stockmove ADD CONSTRAINT inventory_stockmove_undoes_same_site
  FOREIGN KEY (site_id, undoes_id) REFERENCES inventory_stockmove (site_id, id);
"""

# The balance of a lot is made with it and follows the ledger. Both run as the tables' owner: nothing else
# may write a balance, and the application's role cannot.
LEDGER = """
CREATE FUNCTION willow_open_balance() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO inventory_balance (id, site_id, lot_id, on_hand_containers)
  VALUES (willow_uuid7(), NEW.site_id, NEW.id, 0);
  RETURN NULL;
END $$;

CREATE TRIGGER inventory_lot_balance AFTER INSERT ON inventory_lot
FOR EACH ROW EXECUTE FUNCTION willow_open_balance();

CREATE FUNCTION willow_move_balance() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE inventory_balance SET on_hand_containers = on_hand_containers + NEW.containers
   WHERE site_id = NEW.site_id AND lot_id = NEW.lot_id
  RETURNING on_hand_containers INTO NEW.left_containers;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such lot at this site' USING ERRCODE = 'foreign_key_violation';
  END IF;
  SELECT product_id INTO STRICT NEW.product_id FROM inventory_lot
   WHERE site_id = NEW.site_id AND id = NEW.lot_id;
  RETURN NEW;
END $$;

CREATE TRIGGER inventory_stockmove_balance BEFORE INSERT ON inventory_stockmove
FOR EACH ROW EXECUTE FUNCTION willow_move_balance();
"""

TAKERS = ["inventory.write", "dispensary.dispense"]

# What is left is locked in the order of the keys, so that two who take the same things in another order
# wait for each other and never both for each other.
READING = f"""
CREATE FUNCTION willow_sites_with(wanted text[]) RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(array_agg(DISTINCT a.site_id), '{{}}')
  FROM practice_staff s
  JOIN foundation_user u ON u.id = s.user_id
  JOIN practice_roleassignment a ON a.staff_id = s.id
  JOIN practice_rolepermission p ON p.role_id = a.role_id
  WHERE s.user_id = willow_user() AND s.is_active AND u.is_active AND a.site_id IS NOT NULL
    AND p.permission = ANY (wanted)
$$;

CREATE FUNCTION willow_site_day(the_site uuid, the_instant timestamptz) RETURNS date
LANGUAGE sql STABLE AS $$
  SELECT (the_instant AT TIME ZONE time_zone)::date FROM practice_site WHERE id = the_site
$$;

CREATE FUNCTION willow_lock_stock(the_site uuid, the_products uuid[], the_lots uuid[])
RETURNS TABLE (lot_id uuid, product_id uuid, lot_number text, expires_on date, on_hand_containers integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT willow_at_site(the_site, {array(TAKERS)}) THEN
    RAISE EXCEPTION 'not a site of whoever acts' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY
    SELECT l.id, l.product_id, l.lot_number::text, l.expires_on, b.on_hand_containers
    FROM inventory_balance b
    JOIN inventory_lot l ON l.site_id = b.site_id AND l.id = b.lot_id
    WHERE b.site_id = the_site AND (l.product_id = ANY (the_products) OR l.id = ANY (the_lots))
    ORDER BY l.id
    FOR NO KEY UPDATE OF b;
END $$;
"""


def at_sites(permissions: list[str]) -> str:
    """The row-level test of a site column, worked out once a statement."""
    wanted = array(permissions)
    return (
        f"(SELECT willow_everywhere({wanted}))"
        f" OR site_id = ANY ((SELECT willow_sites_with({wanted}))::uuid[])"
    )


READ = at_sites(["inventory.read", *TAKERS])
WRITE = at_sites(["inventory.write"])
# Whoever dispenses moves stock by that alone, and by taking back what was dispensed.
MOVE = f"{WRITE} OR (kind IN ('dispense', 'return') AND ({at_sites(['dispensary.dispense'])}))"


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0001_initial"),
        ("catalog", "0002_walls"),
        ("practice", "0002_walls"),
        ("foundation", "0002_walls"),
    ]

    operations = [
        migrations.RunSQL(KEYS),
        migrations.RunSQL(LEDGER),
        migrations.RunSQL(READING),
        GrantTable("inventory_lot", verbs="SELECT, INSERT", read=READ, write=WRITE),
        GrantTable("inventory_balance", verbs="SELECT", read=READ, write="false"),
        GrantTable("inventory_stockrequest", verbs="SELECT, INSERT", read=READ, write=MOVE),
        GrantTable("inventory_stockmove", verbs="SELECT, INSERT", read=READ, write=MOVE),
        CloseFunctions(),
    ]
