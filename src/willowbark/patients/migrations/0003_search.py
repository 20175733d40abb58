"""
Patient search inside the database.

Row-level security tests rows before any condition that could leak, which shuts out the trigram index.
So the search is a function of the owner that applies the same reach itself, after the index.
"""

from django.db import migrations

from willowbark.foundation.schema import array

READ = array(["patients.read"])

SEARCH = f"""
CREATE FUNCTION willow_search_patients(
  words text[], birth_dates date[], numbers text[], the_site uuid,
  after_key text, after_id uuid, how_many int
) RETURNS TABLE (found uuid) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  conditions text := 'q.linked_to IS NULL';
  word text;
BEGIN
  IF NOT willow_holds({READ}) THEN
    RETURN;
  END IF;
  IF cardinality(words) = 1 AND length(words[1]) <= 2 THEN
    -- So short a beginning is read off the index in order: only family names.
    conditions := conditions || format(' AND q.name_key LIKE %L', ' ' || willow_like(words[1]) || '%');
  ELSE
    FOREACH word IN ARRAY words LOOP
      conditions := conditions || format(' AND q.name_key LIKE %L', '% ' || willow_like(word) || '%');
    END LOOP;
  END IF;
  IF cardinality(birth_dates) > 0 THEN
    conditions := conditions || ' AND q.birth_date = ANY ($1)';
  END IF;
  FOREACH word IN ARRAY numbers LOOP
    conditions := conditions || format(
      ' AND q.id IN (SELECT i.patient_id FROM patients_patientidentifier i WHERE i.value LIKE %L OR i.value LIKE %L'
      ' UNION ALL SELECT c.patient_id FROM patients_contactpoint c WHERE c.value = %L)',
      willow_like(word) || '%', willow_like(upper(word)) || '%', word);
  END LOOP;
  IF the_site IS NOT NULL THEN
    conditions := conditions || ' AND q.home_site_id = $2';
  END IF;
  IF after_key IS NOT NULL THEN
    conditions := conditions || ' AND (q.name_key, q.id) > ($3, $4)';
  END IF;
  IF NOT willow_everywhere({READ}) THEN
    conditions := conditions || ' AND willow_reaches(q.id, $5)';
  END IF;
  RETURN QUERY EXECUTE
    'SELECT q.id FROM patients_patient q WHERE ' || conditions || ' ORDER BY q.name_key, q.id LIMIT $6'
    USING birth_dates, the_site, after_key, after_id, {READ}, how_many;
END $$;

CREATE FUNCTION willow_like(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT replace(replace(replace(words, '\\', '\\\\'), '%', '\\%'), '_', '\\_') $$;
"""


class Migration(migrations.Migration):
    dependencies = [("patients", "0002_compartment")]

    operations = [migrations.RunSQL(SEARCH)]
