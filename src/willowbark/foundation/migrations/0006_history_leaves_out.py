"""Row history leaves out the columns that its trigger names: what a row holds sealed stands nowhere in the clear."""

from django.db import migrations

from willowbark.foundation.schema import CloseFunctions

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
    CASE WHEN TG_OP = 'INSERT' THEN 'NULL::jsonb' WHEN TG_NARGS = 1 THEN 'to_jsonb(r)' ELSE 'to_jsonb(r) - $7' END,
    CASE TG_OP WHEN 'INSERT' THEN 'new_rows' ELSE 'old_rows' END)
  USING willow_user(), request, session_user::text, pg_current_xact_id()::text::bigint, clock_timestamp(),
    left(willow_uuid7()::text, 28), TG_ARGV[1:];
  RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("foundation", "0005_access_log")]

    operations = [migrations.RunSQL(HISTORY), CloseFunctions()]
