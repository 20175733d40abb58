"""
Access for hours: who broke the glass reaches the patient until the database's clock says otherwise.

The rows are written by functions of the owner, which ask everything again: that the person holds a clinical
role, has just named the patient exactly, and lets in nobody but themselves.
"""

from django.db import migrations

from willowbark.foundation.compartment import Guard
from willowbark.foundation.schema import CloseFunctions, GrantTable, PatientTable, array

BREAK = array(["patients.break_glass"])
REVIEW = array(["patients.review_break_glass"])
CHART = array(["record.read"])
# What hours of access never open; `patients/core/break_glass.py` says the same and why.
NEVER = array(
    [
        "patients.write",
        "patients.match",
        "patients.review_break_glass",
        "patients.export_one",
        "practice.export",
        "record.import",
        "audit.read",
    ]
)

REACH = f"""
CREATE OR REPLACE FUNCTION willow_reaches(the_patient uuid, wanted text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    SELECT 1 FROM patients_patient q
    JOIN patients_patient person ON person.id = coalesce(q.linked_to, q.id)
    JOIN practice_staff s ON s.user_id = willow_user() AND s.is_active
    JOIN foundation_user u ON u.id = s.user_id AND u.is_active
    JOIN practice_roleassignment a ON a.staff_id = s.id
    JOIN practice_rolepermission p ON p.role_id = a.role_id AND p.permission = ANY (wanted)
    WHERE q.id = the_patient AND (
      a.reach = 'organisation'
      OR (a.reach = 'site' AND a.site_id IN (person.home_site_id, q.home_site_id))
      OR (a.reach = 'care' AND EXISTS (
        SELECT 1 FROM patients_carerelationship c
        WHERE c.staff_id = s.id AND c.patient_id IN (person.id, q.id) AND c.ended_at IS NULL))
      OR (a.reach = 'care' AND q.recorded_by_id = s.user_id AND q.source_kind = 'staff'
        AND NOT EXISTS (SELECT 1 FROM patients_carerelationship c WHERE c.patient_id = q.id))
      -- Only what the role that may break the glass permits, and of that nothing that outlasts the hours.
      OR (p.permission <> ALL ({NEVER})
        AND EXISTS (SELECT 1 FROM practice_rolepermission b
                    WHERE b.role_id = a.role_id AND b.permission = ANY ({BREAK}))
        AND EXISTS (SELECT 1 FROM patients_breakglass g
                    WHERE g.staff_id = s.id AND g.patient_id IN (person.id, q.id)
                      AND g.ended_at IS NULL AND g.expires_at > statement_timestamp()))))
$$;
"""

# Written by the owner's functions alone: nobody else lets anybody in.
GUARDS = """
CREATE FUNCTION willow_guard_break_glass() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF current_user <> (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID) THEN
    RAISE EXCEPTION 'access is asked for, never given' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER patients_breakglass_by_asking BEFORE INSERT OR UPDATE ON patients_breakglass
FOR EACH ROW EXECUTE FUNCTION willow_guard_break_glass();

CREATE FUNCTION willow_guard_break_glass_review() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.reviewer_id IS DISTINCT FROM willow_user() OR NOT EXISTS (
    SELECT 1 FROM patients_breakglass g JOIN practice_staff s ON s.id = g.staff_id
    WHERE g.patient_id = NEW.patient_id AND g.id = NEW.glass_id AND s.user_id <> NEW.reviewer_id
      AND (g.ended_at IS NOT NULL OR g.expires_at <= statement_timestamp())) THEN
    RAISE EXCEPTION 'access is reviewed by another, once it is over' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER patients_breakglassreview_by_another BEFORE INSERT ON patients_breakglassreview
FOR EACH ROW EXECUTE FUNCTION willow_guard_break_glass_review();
"""

LOOKING_UP = f"""
CREATE FUNCTION willow_find_exactly(
  the_name text, the_birth_date date, the_number text, how_often int
) RETURNS TABLE (outcome text, the_patient uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  kind text := CASE WHEN the_number <> '' THEN 'number' ELSE 'name' END;
BEGIN
  IF NOT willow_holds({BREAK}) THEN
    RAISE EXCEPTION 'looking up exactly is for who may break the glass' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('willow looks up ' || willow_user()::text, 0));
  IF (SELECT count(*) FROM foundation_accessentry e
      WHERE e.actor_id = willow_user() AND e.action = 'patients.looked_up_exactly'
        AND e.at > clock_timestamp() - interval '1 hour') >= how_often THEN
    PERFORM willow_log_access('patients.looked_up_too_often', kind, NULL, 'refused', false);
    RETURN QUERY SELECT 'too often', NULL::uuid;
    RETURN;
  END IF;
  PERFORM willow_log_access('patients.looked_up_exactly', kind, NULL, 'read', false);
  RETURN QUERY
    WITH found AS MATERIALIZED (
      SELECT DISTINCT coalesce(m.linked_to, m.id) AS id FROM patients_patient m
      WHERE CASE WHEN the_number <> '' THEN m.id IN (
          SELECT i.patient_id FROM patients_patientidentifier i WHERE i.value IN (the_number, upper(the_number)))
        ELSE m.birth_date = the_birth_date AND m.birth_date_precision = 'day'
          AND (m.name_key = the_name OR m.name_key LIKE willow_like(the_name) || ' %') END
      LIMIT 5)
    SELECT 'found', f.id FROM found f,
      LATERAL (SELECT willow_log_access('patients.found_exactly', kind, f.id, 'read', false)) AS logged;
END $$;

CREATE FUNCTION willow_found_exactly(the_patients uuid[]) RETURNS TABLE (
  the_patient uuid, family text, given text, birth_date date, birth_date_precision text, sex text, site_name text,
  is_reached boolean, open_until timestamptz
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.id, p.family, p.given, p.birth_date, p.birth_date_precision, p.sex, s.name,
    willow_reaches(p.id, {CHART}),
    (SELECT g.expires_at FROM patients_breakglass g JOIN practice_staff me ON me.id = g.staff_id
     WHERE g.patient_id = p.id AND me.user_id = willow_user() AND g.ended_at IS NULL
       AND g.expires_at > statement_timestamp())
  FROM patients_patient p JOIN practice_site s ON s.id = p.home_site_id
  WHERE p.id = ANY (the_patients) AND willow_holds({BREAK}) AND EXISTS (
    SELECT 1 FROM foundation_accessentry e
    WHERE e.actor_id = willow_user() AND e.patient_id = p.id AND e.action = 'patients.found_exactly'
      AND e.at > clock_timestamp() - interval '15 minutes')
  ORDER BY p.name_key, p.id
$$;
"""

BREAKING = f"""
CREATE FUNCTION willow_break_glass(
  the_patient uuid, the_id uuid, the_code text, the_words text, the_key uuid
) RETURNS TABLE (outcome text, the_glass uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me uuid := (SELECT s.id FROM practice_staff s WHERE s.user_id = willow_user() AND s.is_active);
  before patients_breakglass;
BEGIN
  IF me IS NULL OR NOT willow_holds({BREAK}) THEN
    RETURN QUERY SELECT 'absent', NULL::uuid;
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('willow breaks the glass ' || me::text || the_patient::text, 0));
  SELECT * INTO before FROM patients_breakglass g
  WHERE g.patient_id = the_patient AND g.staff_id = me AND g.request_key = the_key;
  IF FOUND THEN
    RETURN QUERY SELECT CASE WHEN (before.reason_code, before.reason) = (the_code, the_words)
      THEN 'again' ELSE 'reused' END, before.id;
    RETURN;
  END IF;
  SELECT * INTO before FROM patients_breakglass g
  WHERE g.patient_id = the_patient AND g.staff_id = me AND g.ended_at IS NULL
    AND g.expires_at > clock_timestamp();
  IF FOUND THEN
    RETURN QUERY SELECT 'open', before.id;
    RETURN;
  END IF;
  IF willow_reaches(the_patient, {CHART}) THEN
    RETURN QUERY SELECT 'reached', NULL::uuid;
    RETURN;
  END IF;
  -- Whoever asks has named the patient exactly, a moment ago.
  IF NOT EXISTS (
    SELECT 1 FROM foundation_accessentry e
    WHERE e.actor_id = willow_user() AND e.patient_id = the_patient AND e.action = 'patients.found_exactly'
      AND e.at > clock_timestamp() - interval '15 minutes') THEN
    RETURN QUERY SELECT 'absent', NULL::uuid;
    RETURN;
  END IF;
  INSERT INTO patients_breakglass (patient_id, id, staff_id, reason_code, reason, opened_at, expires_at, request_key)
  SELECT the_patient, the_id, me, the_code, the_words, now.at, now.at + hours.hours * interval '1 hour', the_key
  FROM (SELECT clock_timestamp() AS at) now,
    (SELECT coalesce((SELECT r.hours FROM patients_breakglassrule r), 4) AS hours) hours;
  RETURN QUERY SELECT 'open now', the_id;
END $$;

CREATE FUNCTION willow_end_break_glass(the_patient uuid, the_glass uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  glass patients_breakglass;
BEGIN
  SELECT g.* INTO glass FROM patients_breakglass g JOIN practice_staff s ON s.id = g.staff_id
  WHERE g.id = the_glass
    AND g.patient_id IN (SELECT unnest(ARRAY[q.id, q.linked_to]) FROM patients_patient q WHERE q.id = the_patient)
    AND (s.user_id = willow_user() OR willow_reaches(the_patient, {REVIEW}))
  FOR NO KEY UPDATE OF g;
  IF NOT FOUND THEN
    RETURN 'absent';
  END IF;
  IF glass.ended_at IS NOT NULL OR glass.expires_at <= clock_timestamp() THEN
    RETURN 'over';
  END IF;
  UPDATE patients_breakglass g SET ended_at = clock_timestamp(), ended_by_id = willow_user()
  WHERE g.patient_id = glass.patient_id AND g.id = the_glass;
  RETURN 'ended';
END $$;
"""

# What was opened meanwhile, for who reviews it: of these entries alone, without the right to read the whole log.
MEANWHILE = f"""
CREATE FUNCTION willow_opened_by_break_glass(the_patient uuid, the_glass uuid)
RETURNS TABLE (at timestamptz, action text, outcome text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT e.at, e.action, e.outcome
  FROM patients_breakglass g
  JOIN practice_staff s ON s.id = g.staff_id
  JOIN foundation_accessentry e ON e.actor_id = s.user_id
    AND e.at >= g.opened_at AND e.at <= coalesce(g.ended_at, g.expires_at)
    AND e.patient_id IN (SELECT q.id FROM patients_patient q WHERE q.id = the_patient OR q.linked_to = the_patient)
  WHERE g.patient_id = the_patient AND g.id = the_glass AND s.user_id <> willow_user()
    AND willow_reaches(the_patient, {REVIEW})
  ORDER BY e.id LIMIT 1000
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("patients", "0006_break_glass")]

    operations = [
        PatientTable(
            "BreakGlass", Guard(read=("patients.read",), write=("patients.break_glass",)), changes=()
        ),
        PatientTable(
            "BreakGlassReview",
            Guard(read=("patients.read",), write=("patients.review_break_glass",)),
            changes=(),
        ),
        GrantTable(
            "patients_breakglassrule",
            verbs="SELECT, INSERT, UPDATE",
            write=f"(SELECT willow_holds({array(['practice.manage'])}))",
        ),
        migrations.RunSQL(GUARDS),
        migrations.RunSQL(REACH),
        migrations.RunSQL(LOOKING_UP),
        migrations.RunSQL(BREAKING),
        migrations.RunSQL(MEANWHILE),
        CloseFunctions(),
    ]
