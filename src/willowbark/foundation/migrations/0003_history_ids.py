"""Row history makes its ids by counting within a statement: most of what a row of history cost was its id."""

from django.db import migrations

from willowbark.foundation.schema import CloseFunctions

# A UUID of version 7 may count in its last bits (RFC 9562, 6.2). A server's own takes random bytes for each,
# which without OpenSSL means opening /dev/urandom each time. The first 96 bits are new for each statement.
HISTORY = """
CREATE OR REPLACE FUNCTION willow_keep_history() RETURNS trigger
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
     SELECT r.%I, ($6 || lpad(to_hex(row_number() OVER ()), 8, ''0''))::uuid, %L, r.id, %L, %s, $1, $2, $3, $4, $5
     FROM %I r',
    TG_ARGV[0], TG_TABLE_NAME, lower(TG_OP),
    CASE TG_OP WHEN 'INSERT' THEN 'NULL::jsonb' ELSE 'to_jsonb(r)' END,
    CASE TG_OP WHEN 'INSERT' THEN 'new_rows' ELSE 'old_rows' END)
  USING willow_user(), request, session_user::text, pg_current_xact_id()::text::bigint, clock_timestamp(),
    left(willow_uuid7()::text, 28);
  RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("foundation", "0002_walls")]

    operations = [migrations.RunSQL(HISTORY), CloseFunctions()]
