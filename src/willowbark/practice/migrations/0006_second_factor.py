"""Second factors: whose they are, where one is signed in, what the practice asks, and what fails at the door."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from willowbark.foundation.ids import uuid7
from willowbark.foundation.schema import CloseFunctions, GrantTable, array
from willowbark.practice.roles import load_roles

LOG = """
CREATE OR REPLACE FUNCTION willow_log_door(the_action text, address_digest text, the_outcome text, the_request uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF the_action NOT IN ('practice.sign_in', 'practice.password_check', 'practice.second_factor')
    OR the_outcome NOT IN ('refused', 'locked') THEN
    RAISE EXCEPTION 'no such thing happens at the door' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  INSERT INTO foundation_accessentry
    (id, actor_id, request_id, channel, action, subject, patient_id, outcome, db_role)
  VALUES (willow_uuid7(), NULL, the_request, 'web', the_action, left(address_digest, 64), NULL,
    the_outcome, session_user);
END $$;
"""
# One's own; and of whoever may reset what somebody has lost.
OWN = f"user_id = willow_user() OR (SELECT willow_holds({array(['practice.reset_factors'])}))"


def load(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    load_roles(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0005_effort"),
        ("mfa", "0003_authenticator_type_uniq"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("organisation", "needs_second_factor", models.BooleanField(default=False)),
        migrations.CreateModel(
            name="Device",
            fields=[
                ("id", models.UUIDField(default=uuid7, editable=False, primary_key=True, serialize=False)),
                ("session_key", models.CharField(max_length=40, unique=True)),
                ("client", models.CharField(max_length=45)),
                ("browser", models.CharField(max_length=300)),
                ("signed_in_at", models.DateTimeField()),
                ("signed_in_with", models.CharField(max_length=60)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        GrantTable("practice_device", read=OWN, write=OWN),
        GrantTable("mfa_authenticator", read=OWN, write=OWN),
        migrations.RunSQL(LOG),
        migrations.RunPython(load),
        CloseFunctions(),
    ]
