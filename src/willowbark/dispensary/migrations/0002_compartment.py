"""
What was handed out behind the walls, and never more of it than was signed.

The trigger on a dispensed line locks the protocol's line, so that two who dispense it come one after the
other and the second sees what the first handed out; and it holds the protocol against being ended meanwhile.
Functions here read the tables of protocols by name, as a foreign key does: nothing of theirs is written.
"""

from django.db import migrations

from willowbark.foundation.compartment import Guard
from willowbark.foundation.schema import CloseFunctions, PatientTable, array

HANDED_OUT = Guard(read=("dispensary.read",), write=("dispensary.dispense",))
READ, WRITE = array(HANDED_OUT.read), array(HANDED_OUT.write)

GUARD = """
CREATE FUNCTION willow_guard_dispensed_line() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  given record;
  signed record;
  out_already bigint;
BEGIN
  SELECT d.protocol_id, d.taken_back_at INTO given FROM dispensary_dispensing d
   WHERE d.patient_id = NEW.patient_id AND d.id = NEW.dispensing_id;
  SELECT l.protocol_id, l.product_id, l.containers, l.units_per_container INTO signed
    FROM protocols_protocolline l WHERE l.patient_id = NEW.patient_id AND l.id = NEW.protocol_line_id
     FOR NO KEY UPDATE;
  IF signed.protocol_id IS DISTINCT FROM given.protocol_id OR signed.protocol_id IS NULL THEN
    RAISE EXCEPTION 'the line is not one of the protocol that is dispensed'
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'dispensed_line_of_protocol';
  END IF;
  IF signed.product_id <> NEW.product_id OR NEW.units <> NEW.containers * signed.units_per_container THEN
    RAISE EXCEPTION 'another product, or another size of container, than was signed'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'dispensed_line_as_signed';
  END IF;
  PERFORM 1 FROM protocols_signedprotocol p
    WHERE p.patient_id = NEW.patient_id AND p.id = given.protocol_id AND p.ended_at IS NULL FOR SHARE;
  IF NOT FOUND OR given.taken_back_at IS NOT NULL THEN
    RAISE EXCEPTION 'the protocol is not in force'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'dispensed_line_in_force';
  END IF;
  SELECT coalesce(sum(x.containers), 0) INTO out_already
    FROM dispensary_dispensedline x
    JOIN dispensary_dispensing d ON d.patient_id = x.patient_id AND d.id = x.dispensing_id
   WHERE x.patient_id = NEW.patient_id AND x.protocol_line_id = NEW.protocol_line_id
     AND d.taken_back_at IS NULL;
  IF out_already + NEW.containers > signed.containers THEN
    RAISE EXCEPTION 'more containers than were signed'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'dispensed_within_signed';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER dispensary_dispensedline_within_signed BEFORE INSERT ON dispensary_dispensedline
FOR EACH ROW EXECUTE FUNCTION willow_guard_dispensed_line();

CREATE FUNCTION willow_refuse_undoing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what was taken back stays taken back' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER dispensary_dispensing_taken_back BEFORE UPDATE ON dispensary_dispensing FOR EACH ROW
WHEN (OLD.taken_back_at IS NOT NULL) EXECUTE FUNCTION willow_refuse_undoing();
"""

DUE = """
  SELECT l.patient_id, l.protocol_id, l.id AS line_id, l.position, l.product_id, l.product_name,
         l.containers AS signed_containers,
         coalesce((SELECT sum(x.containers) FROM dispensary_dispensedline x
                   JOIN dispensary_dispensing d ON d.patient_id = x.patient_id AND d.id = x.dispensing_id
                   WHERE x.patient_id = l.patient_id AND x.protocol_line_id = l.id
                     AND d.taken_back_at IS NULL), 0)::int AS out_containers
  FROM protocols_protocolline l"""

# Whoever dispenses holds the protocol's lines, in the order of their ids, before anything else: what they
# then read of them stays true until they are done.
HOLDING = f"""
CREATE FUNCTION willow_hold_protocol(the_patient uuid, the_protocol uuid)
RETURNS TABLE (line_id uuid, product_id uuid, signed_containers int, out_containers int, in_force boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  holds boolean;
BEGIN
  IF NOT willow_reaches(the_patient, {WRITE}) THEN
    RETURN;
  END IF;
  PERFORM 1 FROM protocols_protocolline l
    WHERE l.patient_id = the_patient AND l.protocol_id = the_protocol ORDER BY l.id FOR NO KEY UPDATE;
  PERFORM 1 FROM protocols_signedprotocol p
    WHERE p.patient_id = the_patient AND p.id = the_protocol AND p.ended_at IS NULL FOR SHARE;
  holds := FOUND;
  RETURN QUERY
    SELECT due.line_id, due.product_id, due.signed_containers::int, due.out_containers, holds
    FROM ({DUE} WHERE l.patient_id = the_patient AND l.protocol_id = the_protocol) due ORDER BY due.line_id;
END $$;
"""

# Protocols in force of which something is still to be handed out, those signed first, first.
QUEUE = f"""
CREATE FUNCTION willow_dispensary_queue(
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
    AND (the_site IS NULL OR p.site_id = the_site)
    AND (after_signed IS NULL OR (p.signed_at, p.id) > (after_signed, after_id))
    AND (me.everywhere OR q.home_site_id = ANY (me.sites) OR person.home_site_id = ANY (me.sites)
         OR p.patient_id = ANY (in_care))
  ORDER BY p.signed_at, p.id LIMIT how_many;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("dispensary", "0001_initial"),
        ("protocols", "0002_compartment"),
        ("patients", "0003_search"),
        ("inventory", "0002_walls"),
    ]

    operations = [
        PatientTable(
            "Dispensing", HANDED_OUT, changes=("taken_back_at", "taken_back_by_id", "taken_back_reason")
        ),
        PatientTable("DispensedLine", HANDED_OUT, changes=()),
        migrations.RunSQL(GUARD),
        migrations.RunSQL(HOLDING),
        migrations.RunSQL(QUEUE),
        CloseFunctions(),
    ]
