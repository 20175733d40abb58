"""
Patient search inside the database.

Row-level security tests rows before any condition that could leak, which shuts out the trigram index.
So the search is a function of the owner that applies the reach itself: it asks once what the person who
searches reaches, not once a row. The statement around it reads what was found behind the walls again.

A person is found by what any of the rows merged into theirs says. A merged row stands in the list by
itself only for who reaches it and not the person it was merged into.
"""

from django.db import migrations

from willowbark.foundation.schema import CloseFunctions, array

READ = array(["patients.read"])

LAST_DIGITS = """
CREATE FUNCTION willow_last_digits(number text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT reverse(regexp_replace(number, '[^0-9]', '', 'g')) $$;

CREATE INDEX contact_point_by_last_digits ON patients_contactpoint (willow_last_digits(value) text_pattern_ops)
  WHERE system = 'phone';
"""

SEARCH = f"""
CREATE FUNCTION willow_search_patients(
  words text[], birth_dates date[], numbers text[], the_site uuid,
  after_key text, after_id uuid, how_many int
) RETURNS TABLE (found uuid) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  word text;
  short boolean := cardinality(words) = 1 AND length(words[1]) <= 2
    AND cardinality(birth_dates) = 0 AND cardinality(numbers) = 0;
  says text := '';
  place text := '';
  reach text := '';
  people text;
  me uuid;
  cares boolean;
  sites uuid[];
  mine uuid[];
BEGIN
  IF NOT willow_holds({READ}) THEN
    RETURN;
  END IF;
  -- What a row must say (of the row `m`).
  FOREACH word IN ARRAY words LOOP
    -- So short a beginning is read off the index in order: only family names.
    says := says || format(' AND m.name_key LIKE %L',
      CASE WHEN short THEN ' ' ELSE '% ' END || willow_like(word) || '%');
  END LOOP;
  IF cardinality(birth_dates) > 0 THEN
    says := says || ' AND m.birth_date = ANY ($1)';
  END IF;
  FOREACH word IN ARRAY numbers LOOP
    says := says || format(
      ' AND m.id IN (SELECT i.patient_id FROM patients_patientidentifier i WHERE i.value LIKE %L OR i.value LIKE %L',
      willow_like(word) || '%', willow_like(upper(word)) || '%');
    IF length(willow_last_digits(word)) >= 4 AND word ~ '^[-+0-9./()]+$' THEN
      says := says || format(
        ' UNION ALL SELECT c.patient_id FROM patients_contactpoint c'
        ' WHERE c.system = %L AND willow_last_digits(c.value) LIKE %L', 'phone', willow_last_digits(word) || '%');
    ELSIF word LIKE '%@%' THEN
      says := says || format(
        ' UNION ALL SELECT c.patient_id FROM patients_contactpoint c WHERE c.value = %L', word);
    END IF;
    says := says || ')';
  END LOOP;
  -- Where the list is, and whom this person reaches (of the row that `@` stands for).
  IF the_site IS NOT NULL THEN
    place := place || ' AND @.home_site_id = $2';
  END IF;
  IF after_key IS NOT NULL THEN
    place := place || ' AND (@.name_key, @.id) > ($3, $4)';
  END IF;
  people := CASE
    WHEN says = '' THEN 'SELECT m.name_key, m.id FROM patients_patient m WHERE m.linked_to IS NULL'
    WHEN short THEN 'SELECT m.name_key, m.id FROM patients_patient m WHERE m.linked_to IS NULL' || says
    ELSE 'SELECT m.name_key, m.id FROM patients_patient m WHERE m.linked_to IS NULL AND m.id IN'
      || ' (SELECT coalesce(m.linked_to, m.id) FROM patients_patient m WHERE true' || says || ')'
    END;
  IF willow_everywhere({READ}) THEN
    RETURN QUERY EXECUTE 'SELECT id FROM (' || people || replace(place, '@', 'm')
      || ' ORDER BY m.name_key, m.id LIMIT $5) AS everybody ORDER BY name_key, id'
      USING birth_dates, the_site, after_key, after_id, how_many;
    RETURN;
  END IF;
  SELECT (array_agg(s.id))[1], bool_or(a.reach = 'care'),
         coalesce(array_agg(a.site_id) FILTER (WHERE a.reach = 'site'), '{{}}')
    INTO me, cares, sites
    FROM practice_staff s
    JOIN practice_roleassignment a ON a.staff_id = s.id
    JOIN practice_rolepermission p ON p.role_id = a.role_id AND p.permission = ANY ({READ})
   WHERE s.user_id = willow_user();
  IF cares THEN
    mine := ARRAY(
      SELECT c.patient_id FROM patients_carerelationship c WHERE c.staff_id = me AND c.ended_at IS NULL
      UNION
      SELECT q.id FROM patients_patient q WHERE q.recorded_by_id = willow_user() AND q.source_kind = 'staff'
        AND NOT EXISTS (SELECT 1 FROM patients_carerelationship c WHERE c.patient_id = q.id));
    reach := ' OR @.id = ANY ($7)';
  END IF;
  IF cardinality(sites) > 0 THEN
    reach := reach || ' OR @.home_site_id = ANY ($6)';
  END IF;
  reach := '(' || substr(reach, 5) || ')';
  RETURN QUERY EXECUTE 'SELECT id FROM ('
    '(' || people || replace(place || ' AND ' || reach, '@', 'm') || ' ORDER BY m.name_key, m.id LIMIT $5)'
    ' UNION ALL '
    '(SELECT m.name_key, m.id FROM patients_patient m JOIN patients_patient person ON person.id = m.linked_to'
    ' WHERE m.linked_to IS NOT NULL' || says || replace(place || ' AND ' || reach, '@', 'm')
    || ' AND NOT ' || replace(reach, '@', 'person') || ' ORDER BY m.name_key, m.id LIMIT $5)'
    ') AS both_kinds ORDER BY name_key, id LIMIT $5'
    USING birth_dates, the_site, after_key, after_id, how_many, sites, mine;
END $$;

CREATE FUNCTION willow_like(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT replace(replace(replace(words, '\\', '\\\\'), '%', '\\%'), '_', '\\_') $$;
"""


class Migration(migrations.Migration):
    dependencies = [("patients", "0002_compartment")]

    operations = [migrations.RunSQL(LAST_DIGITS), migrations.RunSQL(SEARCH), CloseFunctions()]
