"""The queue passes over protocols of which nothing is left, without looking at their lines."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from willowbark.foundation.compartment import Guard
from willowbark.foundation.schema import CloseFunctions, app_role, array

READ = array(Guard(read=("dispensary.read",), write=("dispensary.dispense",)).read)

DUE = """
  SELECT l.patient_id, l.protocol_id, l.id AS line_id, l.position, l.product_id, l.product_name,
         l.containers AS signed_containers,
         coalesce((SELECT sum(x.containers) FROM dispensary_dispensedline x
                   JOIN dispensary_dispensing d ON d.patient_id = x.patient_id AND d.id = x.dispensing_id
                   WHERE x.patient_id = l.patient_id AND x.protocol_line_id = l.id
                     AND d.taken_back_at IS NULL), 0)::int AS out_containers
  FROM protocols_protocolline l"""

# Protocols in force of which something is still to be handed out, those signed first, first.
QUEUE = f"""
CREATE OR REPLACE FUNCTION willow_dispensary_queue(
  the_site uuid, after_signed timestamptz, after_id uuid, how_many int
) RETURNS TABLE (
  the_patient uuid, the_protocol uuid, number int, site_id uuid, signed_at timestamptz, signed_by uuid, due jsonb
) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me record;
  in_care uuid[] := '{{}}';
BEGIN
  IF NOT willow_holds({READ}) THEN
    RETURN;
  END IF;
  SELECT (array_agg(s.id))[1] AS staff_id, bool_or(a.reach = 'organisation') AS everywhere,
         coalesce(array_agg(a.site_id) FILTER (WHERE a.reach = 'site'), '{{}}') AS sites,
         bool_or(a.reach = 'care') AS cares
    INTO me
    FROM practice_staff s
    JOIN practice_roleassignment a ON a.staff_id = s.id
    JOIN practice_rolepermission p ON p.role_id = a.role_id AND p.permission = ANY ({READ})
   WHERE s.user_id = willow_user();
  IF me.cares THEN
    in_care := ARRAY(
      SELECT q.id FROM patients_carerelationship c
      JOIN patients_patient q ON q.id = c.patient_id OR q.linked_to = c.patient_id
      WHERE c.staff_id = me.staff_id AND c.ended_at IS NULL
      UNION
      SELECT q.id FROM patients_patient q WHERE q.recorded_by_id = willow_user() AND q.source_kind = 'staff'
        AND NOT EXISTS (SELECT 1 FROM patients_carerelationship c WHERE c.patient_id = q.id));
  END IF;
  RETURN QUERY
  SELECT p.patient_id, p.id, p.number, p.site_id, p.signed_at, p.signed_by_id, waiting.lines
  FROM protocols_signedprotocol p
  JOIN patients_patient q ON q.id = p.patient_id
  JOIN patients_patient person ON person.id = coalesce(q.linked_to, q.id)
  CROSS JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object(
             'product_id', due.product_id, 'name', due.product_name,
             'containers', due.signed_containers - due.out_containers) ORDER BY due.position) AS lines
    FROM ({DUE} WHERE l.patient_id = p.patient_id AND l.protocol_id = p.id) due
    WHERE due.signed_containers > due.out_containers
  ) waiting
  WHERE p.ended_at IS NULL AND waiting.lines IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM dispensary_dispensing d
                    WHERE d.patient_id = p.patient_id AND d.protocol_id = p.id AND d.completes)
    AND (the_site IS NULL OR p.site_id = the_site)
    AND (after_signed IS NULL OR (p.signed_at, p.id) > (after_signed, after_id))
    AND (me.everywhere OR q.home_site_id = ANY (me.sites) OR person.home_site_id = ANY (me.sites)
         OR p.patient_id = ANY (in_care))
  ORDER BY p.signed_at, p.id LIMIT how_many;
END $$;
"""


def let_change(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Whoever takes something back says that the protocol is not handed out whole any more."""
    schema_editor.execute(f"GRANT UPDATE (completes) ON dispensary_dispensing TO {app_role()}", params=None)


class Migration(migrations.Migration):
    dependencies = [("dispensary", "0003_completes")]

    operations = [
        migrations.RunPython(let_change),
        migrations.RunSQL(QUEUE),
        CloseFunctions(),
    ]
