"""The patient compartment's root: reach by site and by care, and its identity tables behind the walls."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from willowbark.foundation.compartment import Guard
from willowbark.foundation.schema import GrantTable, PatientTable, app_role, array

REACH = """
CREATE FUNCTION willow_reaches(the_patient uuid, wanted text[]) RETURNS boolean
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
        AND NOT EXISTS (SELECT 1 FROM patients_carerelationship c WHERE c.patient_id = q.id))))
$$;

CREATE FUNCTION willow_in_hand(wanted text[]) RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT array_agg(q.id) FROM patients_patient q,
    (SELECT nullif(current_setting('willow.patient_id', true), '')::uuid AS id) hand
  WHERE hand.id IS NOT NULL AND (q.id = hand.id OR q.linked_to = hand.id)
    AND willow_reaches(hand.id, wanted)
$$;
"""


HISTORY_WALL = f"""
GRANT SELECT ON foundation_patienthistory TO {{role}};
ALTER TABLE foundation_patienthistory ENABLE ROW LEVEL SECURITY;
-- An old row says what the chart says: reading the access log does not open it.
CREATE POLICY foundation_patienthistory_read ON foundation_patienthistory FOR SELECT
  USING (willow_reaches(patient_id, {array(["record.read"])}));
"""


def wall_history(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema_editor.execute(HISTORY_WALL.format(role=app_role()), params=None)


SOURCES = ["patients.write", "record.import"]
IDENTITY = Guard(read=("patients.read", "record.import"), write=("patients.write", "record.import"))


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0001_initial"),
        ("practice", "0003_roles"),
    ]

    operations = [
        migrations.RunSQL(REACH),
        migrations.RunPython(wall_history),
        PatientTable("Patient", IDENTITY, patient_column="id"),
        PatientTable("PatientIdentifier", IDENTITY),
        PatientTable("ContactPoint", IDENTITY),
        PatientTable("Address", IDENTITY),
        PatientTable("Consent", Guard(read=("patients.read",), write=("patients.write",))),
        PatientTable(
            "CareRelationship",
            Guard(read=("patients.read",), write=("patients.write", "practice.manage", "record.import")),
        ),
        PatientTable(
            "MatchKey",
            Guard(
                read=("patients.match", "record.import", "patients.write"),
                write=("patients.write", "record.import"),
            ),
        ),
        PatientTable(
            "MatchCandidate",
            Guard(
                read=("patients.match", "record.import"),
                write=("patients.match", "patients.write", "record.import"),
            ),
        ),
        GrantTable(
            "patients_patientsource",
            verbs="SELECT, INSERT",
            read=f"(SELECT willow_holds({array(SOURCES)}))",
            write=f"(SELECT willow_holds({array(SOURCES)}))",
        ),
    ]
