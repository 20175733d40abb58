"""Who holds a permission, and where, as the database sees it; and who may change the practice."""

from django.db import migrations

from willowbark.foundation.schema import GrantTable, array

REACH = """
CREATE FUNCTION willow_holds(wanted text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    SELECT 1 FROM practice_staff s
    JOIN foundation_user u ON u.id = s.user_id
    JOIN practice_roleassignment a ON a.staff_id = s.id
    JOIN practice_rolepermission p ON p.role_id = a.role_id
    WHERE s.user_id = willow_user() AND s.is_active AND u.is_active AND p.permission = ANY (wanted))
$$;

CREATE FUNCTION willow_everywhere(wanted text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    SELECT 1 FROM practice_staff s
    JOIN foundation_user u ON u.id = s.user_id
    JOIN practice_roleassignment a ON a.staff_id = s.id
    JOIN practice_rolepermission p ON p.role_id = a.role_id
    WHERE s.user_id = willow_user() AND s.is_active AND u.is_active AND a.reach = 'organisation'
      AND p.permission = ANY (wanted))
$$;

CREATE FUNCTION willow_at_site(the_site uuid, wanted text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    SELECT 1 FROM practice_staff s
    JOIN foundation_user u ON u.id = s.user_id
    JOIN practice_roleassignment a ON a.staff_id = s.id
    JOIN practice_rolepermission p ON p.role_id = a.role_id
    WHERE s.user_id = willow_user() AND s.is_active AND u.is_active
      AND (a.site_id = the_site OR a.reach = 'organisation')
      AND p.permission = ANY (wanted))
$$;
"""


# A new, empty practice has nobody yet who could be allowed anything: its first person opens it.
OPENING = """
CREATE FUNCTION willow_practice_is_unopened() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT NOT EXISTS (SELECT 1 FROM practice_organisation)
$$;
"""


MANAGE = f"willow_holds({array(['practice.manage'])}) OR willow_practice_is_unopened()"


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0001_initial"),
        ("foundation", "0002_walls"),
    ]

    operations = [
        migrations.RunSQL(REACH),
        migrations.RunSQL(OPENING),
        GrantTable("practice_signinfailure", verbs="SELECT, INSERT"),
        GrantTable("practice_role", verbs="SELECT"),
        GrantTable("practice_rolepermission", verbs="SELECT"),
        *(
            GrantTable(f"practice_{table}", verbs="SELECT, INSERT, UPDATE", write=f"(SELECT {MANAGE})")
            for table in ("organisation", "site", "staff")
        ),
        *(
            GrantTable(f"practice_{table}", verbs="SELECT, INSERT, UPDATE, DELETE", write=f"(SELECT {MANAGE})")
            for table in ("roleassignment", "workinghours")
        ),
        # Everybody's row is read before anybody acts, to sign in; one's own alone is one's own to change.
        GrantTable(
            "foundation_user",
            verbs="SELECT, INSERT, UPDATE",
            write=f"id = willow_user() OR (SELECT {MANAGE})",
        ),
        GrantTable(
            "foundation_accessentry",
            verbs="SELECT",
            read=f"(SELECT willow_holds({array(['audit.read'])}))",
            write="false",
        ),
        GrantTable(
            "foundation_effort",
            verbs="SELECT, INSERT, UPDATE",
            read=f"user_id = willow_user() OR (SELECT willow_holds({array(['metrics.read'])}))",
            write="user_id = willow_user()",
        ),
    ]
