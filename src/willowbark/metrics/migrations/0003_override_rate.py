"""Count the overrides of what was signed before, as a rebuild would."""

from django.db import migrations

PIECES = """
INSERT INTO metrics_metricpiece
  (id, site_id, metric, practitioner_id, patient_id, source_id, began_at, at, day, amount)
SELECT willow_uuid7(), p.site_id, 'override_rate', p.practitioner_id, p.patient_id, p.source_id,
       p.began_at, p.at, p.day,
       EXISTS (SELECT FROM protocols_protocoloverride o
               WHERE o.patient_id = p.patient_id AND o.protocol_id = p.source_id)::int
FROM metrics_metricpiece p
WHERE p.metric = 'protocols_signed'
"""
DAYS = """
INSERT INTO metrics_metricday (id, site_id, metric, day, practitioner_id, count, total)
SELECT willow_uuid7(), site_id, metric, day, practitioner_id, count(*), sum(amount)
FROM metrics_metricpiece
WHERE metric = 'override_rate'
GROUP BY GROUPING SETS ((site_id, metric, day, practitioner_id), (site_id, metric, day))
"""


class Migration(migrations.Migration):
    dependencies = [("metrics", "0002_walls"), ("protocols", "0012_override_counts")]

    operations = [migrations.RunSQL(PIECES), migrations.RunSQL(DAYS)]
