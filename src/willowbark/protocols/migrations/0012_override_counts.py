"""
How often signers decided otherwise, counted for who leads the practice and may open nobody's record.

Counts alone leave the wall: nothing of a patient, no product, no words.
"""

from django.db import migrations

from willowbark.foundation.schema import CloseFunctions, array

EVERYBODYS, OWN = array(["metrics.everyone"]), array(["metrics.read"])

COUNTS = f"""
CREATE FUNCTION willow_override_counts(since date, until date, whose uuid)
RETURNS TABLE (kind text, key text, signed bigint, changed bigint,
               in_foundation bigint, in_targeted bigint, in_chosen bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
WITH seen AS MATERIALIZED (
  SELECT p.patient_id, p.id, p.signed_by_id, p.masters
  FROM protocols_signedprotocol p
  WHERE p.signed_at >= since::timestamp AT TIME ZONE 'UTC'
    AND p.signed_at < (until + 1)::timestamp AT TIME ZONE 'UTC'
    AND (whose IS NULL OR p.signed_by_id = whose)
    AND ((SELECT willow_everywhere({EVERYBODYS}))
         OR p.site_id = ANY ((SELECT willow_sites_with({EVERYBODYS}))::uuid[])
         OR (p.signed_by_id = willow_user() AND (SELECT willow_holds({OWN}))))
), decided AS MATERIALIZED (
  SELECT o.patient_id, o.protocol_id, o.layer, o.reason, o.master_keys
  FROM seen s
  JOIN protocols_protocoloverride o ON o.patient_id = s.patient_id AND o.protocol_id = s.id
), of_each AS (
  SELECT 'all' AS kind, 'all' AS key, s.patient_id, s.id FROM seen s
  UNION ALL
  SELECT 'practitioner', s.signed_by_id::text, s.patient_id, s.id FROM seen s
  UNION ALL
  SELECT 'template', m ->> 'key', s.patient_id, s.id FROM seen s, jsonb_array_elements(s.masters) m
)
SELECT e.kind, e.key, count(DISTINCT e.id), count(DISTINCT d.protocol_id),
       count(DISTINCT d.protocol_id) FILTER (WHERE d.layer = 'foundation'),
       count(DISTINCT d.protocol_id) FILTER (WHERE d.layer = 'targeted'),
       count(DISTINCT d.protocol_id) FILTER (WHERE d.layer = 'chosen')
FROM of_each e
LEFT JOIN decided d ON d.patient_id = e.patient_id AND d.protocol_id = e.id
  AND (e.kind <> 'template' OR d.master_keys ? e.key)
GROUP BY e.kind, e.key
UNION ALL
SELECT 'reason', d.reason, count(*), 0, 0, 0, 0 FROM decided d GROUP BY d.reason
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("protocols", "0011_shipped_when_begun")]

    operations = [migrations.RunSQL(COUNTS), CloseFunctions()]
