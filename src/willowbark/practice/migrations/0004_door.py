"""What happens at the door: counted by address and by client, and logged though nobody acts."""

from django.db import migrations, models

from willowbark.foundation.schema import CloseFunctions, app_role

LOG = """
CREATE FUNCTION willow_log_door(the_action text, address_digest text, the_outcome text, the_request uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF the_action NOT IN ('practice.sign_in', 'practice.password_check') OR the_outcome NOT IN ('refused', 'locked') THEN
    RAISE EXCEPTION 'no such thing happens at the door' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  INSERT INTO foundation_accessentry
    (id, actor_id, request_id, channel, action, subject, patient_id, outcome, db_role)
  VALUES (willow_uuid7(), NULL, the_request, 'web', the_action, left(address_digest, 64), NULL,
    the_outcome, session_user);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("practice", "0003_roles")]

    operations = [
        migrations.AddField(
            "signinfailure", "client_key", models.CharField(default="", max_length=64), preserve_default=False
        ),
        migrations.AddField(
            "signinfailure",
            "kind",
            models.CharField(choices=[("guess", "guess"), ("locked", "locked")], default="guess", max_length=6),
        ),
        migrations.AddIndex(
            "signinfailure",
            models.Index(fields=["client_key", "at"], name="sign_in_failures_of_client"),
        ),
        migrations.RunSQL(LOG),
        # A guess that was right is taken back, and old ones are swept away.
        migrations.RunSQL(f"GRANT DELETE ON practice_signinfailure TO {app_role()}"),
        CloseFunctions(),
    ]
