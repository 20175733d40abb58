"""
Open tasks come with their day, so that counting them reads none of them behind the walls again.

One's own tasks are those that one may own still, worked out for all of them at once.
"""

from django.db import migrations

from willowbark.foundation.compartment import Guard
from willowbark.foundation.schema import CloseFunctions, array

TASKS = Guard(read=("tasks.read",), write=("tasks.write",))
READ = array(TASKS.read)


def reached(h: str) -> str:
    """Whether the holder `h` reaches the patient row `q` of `person`: the rule of `willow_reaches`."""
    return f"""(
      {h}.everywhere OR q.home_site_id = ANY ({h}.sites) OR person.home_site_id = ANY ({h}.sites)
      OR ({h}.cares AND (
        EXISTS (SELECT 1 FROM patients_carerelationship c
                WHERE c.staff_id = {h}.staff_id AND c.patient_id IN (person.id, q.id) AND c.ended_at IS NULL)
        OR (q.recorded_by_id = {h}.user_id AND q.source_kind = 'staff'
            AND NOT EXISTS (SELECT 1 FROM patients_carerelationship c WHERE c.patient_id = q.id)))))"""


# A task whose owner no longer reaches the patient; to be joined with `own`, the owner's row of the holders.
FALLEN = f"(own.user_id IS NULL OR NOT {reached('own')})"
OF_PERSON = """
      JOIN patients_patient q ON q.id = t.patient_id
      JOIN patients_patient person ON person.id = coalesce(q.linked_to, q.id)
      LEFT JOIN holders own ON own.user_id = t.owner_id"""
PLACE = "(after_due IS NULL OR (t.due_on, t.id) > (after_due, after_id))"

OPEN_TASKS = f"""
DROP FUNCTION willow_open_tasks(text, date, uuid, int);

CREATE FUNCTION willow_open_tasks(whose text, after_due date, after_id uuid, how_many int)
RETURNS TABLE (the_patient uuid, the_task uuid, the_day date, has_fallen boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me record;
  as_primary uuid[] := '{{}}';
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
  IF whose = 'mine' THEN
    as_primary := ARRAY(
      SELECT q.id FROM patients_carerelationship c
      JOIN patients_patient q ON q.id = c.patient_id OR q.linked_to = c.patient_id
      WHERE c.staff_id = me.staff_id AND c.kind = 'primary' AND c.ended_at IS NULL);
    RETURN QUERY
    WITH holders AS MATERIALIZED (SELECT * FROM willow_task_holders())
    SELECT patient_id, id, due_on, fallen FROM (
      (SELECT t.patient_id, t.id, t.due_on, false AS fallen
       FROM worklist_task t {OF_PERSON}
       WHERE t.owner_id = willow_user() AND t.state = 'open' AND {PLACE} AND NOT {FALLEN}
       ORDER BY t.due_on, t.id LIMIT how_many)
      UNION ALL
      (SELECT t.patient_id, t.id, t.due_on, true
       FROM worklist_task t {OF_PERSON}
       WHERE t.patient_id = ANY (as_primary) AND t.state = 'open' AND t.owner_id <> willow_user()
         AND {PLACE} AND {FALLEN} AND willow_reaches(t.patient_id, {READ})
       ORDER BY t.due_on, t.id LIMIT how_many)
      UNION ALL
      -- Whoever reaches a site or everything answers for what nobody else does. First, all at once, away
      -- with what an owner has in plain care; what is left is looked at one by one.
      (SELECT t.patient_id, t.id, t.due_on, true
       FROM (
         SELECT o.patient_id, o.id, o.due_on, o.owner_id FROM worklist_task o
         WHERE (me.everywhere OR cardinality(me.sites) > 0) AND o.state = 'open'
           AND o.owner_id <> willow_user()
           AND NOT EXISTS (SELECT 1 FROM holders w WHERE w.everywhere AND w.user_id = o.owner_id)
           AND NOT EXISTS (
             SELECT 1 FROM patients_carerelationship c JOIN holders w ON w.staff_id = c.staff_id
             WHERE w.cares AND w.user_id = o.owner_id AND c.patient_id = o.patient_id AND c.ended_at IS NULL)
         OFFSET 0
       ) t {OF_PERSON}
       WHERE NOT t.patient_id = ANY (as_primary) AND {PLACE}
         AND (me.everywhere OR q.home_site_id = ANY (me.sites) OR person.home_site_id = ANY (me.sites))
         AND {FALLEN}
         AND NOT EXISTS (
           SELECT 1 FROM patients_carerelationship k JOIN holders h ON h.staff_id = k.staff_id
           WHERE k.patient_id IN (person.id, q.id) AND k.kind = 'primary' AND k.ended_at IS NULL
             AND {reached("h")})
       ORDER BY t.due_on, t.id LIMIT how_many)
    ) AS mine ORDER BY due_on, id LIMIT how_many;
    RETURN;
  END IF;
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
  WITH holders AS MATERIALIZED (SELECT * FROM willow_task_holders())
  SELECT patient_id, id, due_on, fallen FROM (
    SELECT t.patient_id, t.id, t.due_on, {FALLEN} AS fallen
    FROM worklist_task t {OF_PERSON}
    WHERE t.state = 'open' AND {PLACE}
      AND (me.everywhere OR q.home_site_id = ANY (me.sites) OR person.home_site_id = ANY (me.sites)
           OR t.patient_id = ANY (in_care))
    ORDER BY t.due_on, t.id LIMIT how_many
  ) AS everybodys ORDER BY due_on, id;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("worklist", "0002_compartment")]

    operations = [migrations.RunSQL(OPEN_TASKS), CloseFunctions()]
