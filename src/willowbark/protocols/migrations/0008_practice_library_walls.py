"""
The practice's own library: who may write it, and that what was approved never changes.

Signed protocols say of which Master Protocols they are in a column of their own, filled from what was signed.
"""

from django.db import migrations

from willowbark.foundation.schema import CloseFunctions, GrantTable, array

WRITE = f"(SELECT willow_holds({array(['protocols.author', 'protocols.approve'])}))"

STAYS = f"""
CREATE FUNCTION willow_master_version_stays() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'draft' THEN
      RAISE EXCEPTION 'a version begins as a draft' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.state IN ('approved', 'discarded') THEN
    RAISE EXCEPTION 'what was approved or discarded stays as it is'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF (NEW.id, NEW.master_id, NEW.number) IS DISTINCT FROM (OLD.id, OLD.master_id, OLD.number) THEN
    RAISE EXCEPTION 'a version keeps its number' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.state = 'approved' AND NOT willow_holds({array(["protocols.approve"])}) THEN
    RAISE EXCEPTION 'not approved by who may' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION willow_master_is_decided() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT willow_holds({array(["protocols.approve"])}) THEN
    RAISE EXCEPTION 'not decided by who may' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER protocols_masterprotocol_decided BEFORE UPDATE ON protocols_masterprotocol
FOR EACH ROW EXECUTE FUNCTION willow_master_is_decided();

CREATE TRIGGER protocols_masterversion_stays BEFORE INSERT OR UPDATE ON protocols_masterversion
FOR EACH ROW EXECUTE FUNCTION willow_master_version_stays();
"""

# What was signed before names its Master Protocols inside of its content; what they said is not known then.
NAMED = """
ALTER TABLE protocols_signedprotocol DISABLE TRIGGER USER;
UPDATE protocols_signedprotocol SET masters = (
  SELECT coalesce(jsonb_agg(jsonb_build_object(
           'key', m ->> 'key', 'version', (m ->> 'version')::int, 'phase', '', 'sha256', '')), '[]')
  FROM jsonb_array_elements(convert_from(content, 'UTF8')::jsonb -> 'masters') m);
ALTER TABLE protocols_signedprotocol ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    dependencies = [("protocols", "0007_practice_library")]

    operations = [
        migrations.RunSQL(STAYS),
        GrantTable("protocols_masterprotocol", verbs="SELECT, INSERT, UPDATE", write=WRITE),
        GrantTable("protocols_masterversion", verbs="SELECT, INSERT, UPDATE", write=WRITE),
        migrations.RunSQL(NAMED),
        CloseFunctions(),
    ]
