"""
What a decision about a pair did, and the one way in which somebody links patient rows.

Who decides need not be somebody who may change patients: the functions let holders of `patients.match` who
reach every row of both people set who stands for whom, and nothing else.
"""

import django.contrib.postgres.fields
from django.db import migrations, models
from django.db.models import F, Q

from willowbark.foundation.schema import CloseFunctions, array

MATCH = array(["patients.match"])

LINKING = f"""
CREATE FUNCTION willow_lock_persons(the_rows uuid[]) RETURNS TABLE (row_id uuid, stands uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  everybody uuid[] := ARRAY(
    SELECT p.id FROM patients_patient p
    WHERE coalesce(p.linked_to, p.id) IN (
      SELECT coalesce(q.linked_to, q.id) FROM patients_patient q WHERE q.id = ANY (the_rows)));
BEGIN
  PERFORM 1 FROM patients_patient p WHERE p.id = ANY (everybody) ORDER BY p.id FOR NO KEY UPDATE;
  IF EXISTS (SELECT 1 FROM unnest(everybody) AS one (id) WHERE NOT willow_reaches(one.id, {MATCH})) THEN
    RAISE EXCEPTION 'a patient is out of reach' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY SELECT p.id, coalesce(p.linked_to, p.id) FROM patients_patient p WHERE p.id = ANY (everybody);
END $$;

CREATE FUNCTION willow_link_rows(the_rows uuid[], the_standing uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  named uuid[] := the_rows || array_remove(the_standing, NULL);
BEGIN
  IF EXISTS (SELECT 1 FROM unnest(named) AS one (id) WHERE NOT willow_reaches(one.id, {MATCH})) THEN
    RAISE EXCEPTION 'a patient is out of reach' USING ERRCODE = 'insufficient_privilege';
  END IF;
  UPDATE patients_patient p SET linked_to = said.stands
  FROM unnest(the_rows, the_standing) AS said (id, stands) WHERE p.id = said.id;
  IF EXISTS (
    SELECT 1 FROM patients_patient p JOIN patients_patient above ON above.id = p.linked_to
    WHERE above.linked_to IS NOT NULL AND (p.id = ANY (named) OR p.linked_to = ANY (named))) THEN
    RAISE EXCEPTION 'every link ends at a row that stands for itself'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("patients", "0004_deceased")]

    operations = [
        migrations.AddField("matchcandidate", "reason", models.CharField(blank=True, default="", max_length=300)),
        migrations.AddField("matchcandidate", "settled_by", models.UUIDField(null=True)),
        migrations.AddField("matchcandidate", "moved", models.JSONField(default=list)),
        migrations.AddField("matchcandidate", "standing_id", models.UUIDField(null=True)),
        migrations.AddField(
            "matchcandidate",
            "request_keys",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.UUIDField(), default=list, size=None
            ),
        ),
        migrations.AddIndex(
            "matchcandidate",
            models.Index(F("probability").desc(), "id", name="match_queue", condition=Q(decision="")),
        ),
        migrations.AddIndex("matchcandidate", models.Index(fields=["other_id"], name="match_by_other")),
        migrations.AddIndex(
            "matchcandidate",
            models.Index(fields=["decided_at"], name="match_decided", condition=Q(decided_by__isnull=False)),
        ),
        migrations.RunSQL(LINKING),
        CloseFunctions(),
    ]
