"""Keys that carry the site, and who sees whose figures."""

from django.db import migrations

from willowbark.foundation.schema import GrantTable, array

KEYS = """
ALTER TABLE metrics_metricpiece DROP CONSTRAINT metrics_metricpiece_pkey;
ALTER TABLE metrics_metricpiece ADD PRIMARY KEY (site_id, id);
ALTER TABLE metrics_metricday DROP CONSTRAINT metrics_metricday_pkey;
ALTER TABLE metrics_metricday ADD PRIMARY KEY (site_id, id);
"""


def at_sites(permission: str) -> str:
    """The row-level test of a site column, worked out once a statement."""
    wanted = array([permission])
    return (
        f"(SELECT willow_everywhere({wanted}))"
        f" OR site_id = ANY ((SELECT willow_sites_with({wanted}))::uuid[])"
    )


# Everybody's figures for who leads; one's own and those of all together for who reads figures.
EVERYONE = at_sites("metrics.everyone")
OWN = f"(practitioner_id = willow_user() AND (SELECT willow_holds({array(['metrics.read'])})))"
TOGETHER = f"(practitioner_id IS NULL AND ({at_sites('metrics.read')}))"
WRITE = f"(SELECT willow_holds({array(['metrics.write'])}))"


class Migration(migrations.Migration):
    dependencies = [
        ("metrics", "0001_initial"),
        ("inventory", "0002_walls"),
        ("practice", "0005_effort"),
    ]

    operations = [
        migrations.RunSQL(KEYS),
        GrantTable("metrics_metricpiece", read=f"{EVERYONE} OR {OWN}", write=WRITE),
        GrantTable("metrics_metricday", read=f"{EVERYONE} OR {OWN} OR {TOGETHER}", write=WRITE),
    ]
