"""What the database itself does: ids, row history, the access log, and who is acting."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from willowbark.foundation.schema import GrantTable, app_role

IDENTITY = """
CREATE FUNCTION willow_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('willow.user_id', true), '')::uuid $$;

CREATE FUNCTION willow_uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT encode(set_byte(set_byte(overlay(uuid_send(gen_random_uuid())
           placing substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
           FROM 1 FOR 6),
         6, (112 | (get_byte(uuid_send(gen_random_uuid()), 6) & 15))),
         8, (128 | (get_byte(uuid_send(gen_random_uuid()), 8) & 63))), 'hex')::uuid
$$;
"""

# From PostgreSQL 18 on the server has its own, in C.
NATIVE_UUID7 = """
DO $do$ BEGIN
  IF current_setting('server_version_num')::int >= 180000 THEN
    EXECUTE 'CREATE OR REPLACE FUNCTION willow_uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE'
         || ' AS $$ SELECT uuidv7() $$';
  END IF;
END $do$;
"""

HISTORY = """
ALTER TABLE foundation_patienthistory DROP CONSTRAINT foundation_patienthistory_pkey;
ALTER TABLE foundation_patienthistory ADD PRIMARY KEY (patient_id, id);

CREATE FUNCTION willow_keep_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  request uuid := nullif(current_setting('willow.request_id', true), '')::uuid;
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    RAISE EXCEPTION 'history is kept of our own tables' USING ERRCODE = 'insufficient_privilege';
  END IF;
  EXECUTE format(
    'INSERT INTO public.foundation_patienthistory
       (patient_id, id, table_name, row_id, operation, old_row, actor_id, request_id, db_role, transaction, at)
     SELECT r.%I, willow_uuid7(), %L, r.id, %L, %s, $1, $2, $3, $4, $5 FROM %I r',
    TG_ARGV[0], TG_TABLE_NAME, lower(TG_OP),
    CASE TG_OP WHEN 'INSERT' THEN 'NULL::jsonb' ELSE 'to_jsonb(r)' END,
    CASE TG_OP WHEN 'INSERT' THEN 'new_rows' ELSE 'old_rows' END)
  USING willow_user(), request, session_user::text, pg_current_xact_id()::text::bigint, clock_timestamp();
  RETURN NULL;
END $$;

CREATE FUNCTION willow_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a row of % never moves to another patient', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""

ACCESS_LOG = """
CREATE FUNCTION willow_log_access(
  the_action text, the_subject text, the_patient uuid, the_outcome text, take_in_hand boolean
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF willow_user() IS NULL THEN
    RAISE EXCEPTION 'nobody is acting' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO foundation_accessentry
    (id, actor_id, request_id, channel, action, subject, patient_id, outcome, db_role)
  VALUES (willow_uuid7(), willow_user(), nullif(current_setting('willow.request_id', true), '')::uuid,
    coalesce(current_setting('willow.channel', true), ''), the_action, the_subject, the_patient,
    the_outcome, session_user);
  IF take_in_hand THEN
    PERFORM set_config('willow.patient_id', the_patient::text, true);
  END IF;
END $$;

CREATE FUNCTION willow_log_access_of_many(the_action text, the_subject text, the_patients uuid[], the_outcome text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF willow_user() IS NULL THEN
    RAISE EXCEPTION 'nobody is acting' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO foundation_accessentry
    (id, actor_id, request_id, channel, action, subject, patient_id, outcome, db_role)
  SELECT willow_uuid7(), willow_user(), nullif(current_setting('willow.request_id', true), '')::uuid,
    coalesce(current_setting('willow.channel', true), ''), the_action, the_subject, patient,
    the_outcome, session_user
  FROM unnest(the_patients) AS patient;
END $$;
"""


def grant_libraries(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Sessions and jobs belong to libraries; the app works with them as it likes."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            " AND (tablename LIKE 'procrastinate%%' OR tablename IN ('django_session', 'django_content_type'))"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {app_role()}")
        cursor.execute(
            "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"
            " AND sequencename LIKE 'procrastinate%%'"
        )
        for (sequence,) in cursor.fetchall():
            cursor.execute(f"GRANT USAGE, SELECT ON SEQUENCE {sequence} TO {app_role()}")
        cursor.execute(f"GRANT SELECT ON django_migrations TO {app_role()}")


class Migration(migrations.Migration):
    dependencies = [
        ("foundation", "0001_initial"),
        ("sessions", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("procrastinate", "__latest__"),
    ]

    operations = [
        TrigramExtension(),
        BtreeGistExtension(),
        migrations.RunSQL(IDENTITY),
        migrations.RunSQL(NATIVE_UUID7),
        migrations.RunSQL(HISTORY),
        migrations.RunSQL(ACCESS_LOG),
        migrations.RunPython(grant_libraries),
        GrantTable("foundation_outboxmessage", verbs="SELECT, INSERT"),
        GrantTable("foundation_subscription", verbs="SELECT, INSERT, UPDATE"),
        GrantTable("foundation_undelivered", verbs="SELECT, INSERT, UPDATE"),
    ]
