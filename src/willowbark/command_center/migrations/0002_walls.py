"""Keys that carry the site, and who sees and answers which alerts."""

from django.db import migrations

from willowbark.foundation.schema import GrantTable, array

KEYS = """
ALTER TABLE command_center_cover DROP CONSTRAINT command_center_cover_pkey;
ALTER TABLE command_center_cover ADD PRIMARY KEY (site_id, id);
ALTER TABLE command_center_alert DROP CONSTRAINT command_center_alert_pkey;
ALTER TABLE command_center_alert ADD PRIMARY KEY (site_id, id);
"""


def at_sites(permission: str) -> str:
    """The row-level test of a site column, worked out once a statement."""
    wanted = array([permission])
    return (
        f"(SELECT willow_everywhere({wanted}))"
        f" OR site_id = ANY ((SELECT willow_sites_with({wanted}))::uuid[])"
    )


SYSTEM = f"(SELECT willow_holds({array(['command_center.write'])}))"
AT_SITE = at_sites("command_center.read")
LEADS = at_sites("metrics.everyone")
# What is about a person's own work is theirs, and of who leads; one's own to answer is one's own to see.
MINE = f"((SELECT willow_holds({array(['command_center.read'])})) AND willow_user() IN (owner_id, about_id))"
ANSWERS = f"{SYSTEM} OR {LEADS} OR (owner_id = willow_user() AND ({AT_SITE}))"


class Migration(migrations.Migration):
    dependencies = [
        ("command_center", "0001_initial"),
        ("metrics", "0002_walls"),
    ]

    operations = [
        migrations.RunSQL(KEYS),
        GrantTable("command_center_cover", read=AT_SITE, write=SYSTEM),
        GrantTable(
            "command_center_alert",
            verbs="SELECT, INSERT, UPDATE",
            read=f"{LEADS} OR {MINE} OR (about_id IS NULL AND ({AT_SITE}))",
            write=ANSWERS,
        ),
    ]
