"""Chain the access log and row history in blocks, so that an edited, removed or reordered entry shows."""

import django.contrib.postgres.fields
from django.db import migrations, models

import willowbark.foundation.ids
from willowbark.foundation.schema import CloseFunctions, GrantTable

# What an entry is, for good: a column that comes later belongs to a new format, never into this one.
# JSON has one way to write each value here; times are written in UTC whatever the session's zone.
DIGESTS = """
CREATE INDEX history_by_commit ON foundation_patienthistory (transaction);

CREATE FUNCTION willow_access_digest(e foundation_accessentry) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE SET timezone = 'UTC' AS $$
  SELECT sha256(convert_to(jsonb_build_array(1, e.id, e.at, e.transaction, e.actor_id, e.request_id,
    e.channel, e.action, e.subject, e.patient_id, e.outcome, e.db_role)::text, 'UTF8'))
$$;

CREATE FUNCTION willow_history_digest(h foundation_patienthistory) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE SET timezone = 'UTC' AS $$
  SELECT sha256(convert_to(jsonb_build_array(1, h.id, h.patient_id, h.table_name, h.row_id, h.operation,
    h.old_row, h.actor_id, h.request_id, h.db_role, h.transaction, h.at)::text, 'UTF8'))
$$;

CREATE FUNCTION willow_block_digest(
  previous bytea, chain text, number bigint, after bigint, through bigint, ids uuid[], digests bytea
) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT sha256(previous || convert_to(jsonb_build_array(1, chain, number, after, through, ids)::text, 'UTF8')
    || digests)
$$;
"""

# A block holds whole transactions: all that have ended, in the order of their numbers. A transaction below
# the snapshot's xmin has ended, and none that is numbered lower can still write.
SEAL = """
CREATE FUNCTION willow_seal(the_chain text, most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  source text := CASE the_chain WHEN 'access' THEN 'foundation_accessentry'
                                WHEN 'history' THEN 'foundation_patienthistory' END;
  xmin bigint := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
  head foundation_seal;
  through bigint;
  the_ids uuid[];
  the_digests bytea;
BEGIN
  IF source IS NULL THEN
    RAISE EXCEPTION 'no such chain' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('willow_seal ' || the_chain, 0));
  SELECT * INTO head FROM foundation_seal WHERE chain = the_chain ORDER BY number DESC LIMIT 1;
  -- The last transaction that the block can hold whole, or the first one however large it is.
  EXECUTE format(
    'WITH waiting AS (SELECT transaction FROM %1$I WHERE transaction > $1 AND transaction < $2
                      ORDER BY transaction LIMIT $3 + 1)
     SELECT CASE WHEN count(*) <= $3 THEN max(transaction)
                 ELSE coalesce((SELECT max(w.transaction) FROM waiting w
                                WHERE w.transaction < (SELECT max(transaction) FROM waiting)),
                               min(transaction)) END FROM waiting', source)
  INTO through USING coalesce(head.through_transaction, 0), xmin, most;
  IF through IS NULL THEN
    RETURN 0;
  END IF;
  EXECUTE format(
    'SELECT array_agg(e.id ORDER BY e.transaction, e.id),
            string_agg(%2$I(e), '''' ORDER BY e.transaction, e.id)
     FROM %1$I e WHERE e.transaction > $1 AND e.transaction <= $2', source, 'willow_' || the_chain || '_digest')
  INTO the_ids, the_digests USING coalesce(head.through_transaction, 0), through;
  INSERT INTO foundation_seal (id, chain, number, after_transaction, through_transaction, entry_ids,
                               entry_digests, previous, digest, sealed_at)
  VALUES (willow_uuid7(), the_chain, coalesce(head.number, 0) + 1, coalesce(head.through_transaction, 0),
    through, the_ids, the_digests, coalesce(head.digest, ''),
    willow_block_digest(coalesce(head.digest, ''), the_chain, coalesce(head.number, 0) + 1,
      coalesce(head.through_transaction, 0), through, the_ids, the_digests), clock_timestamp());
  RETURN cardinality(the_ids);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("foundation", "0003_history_ids")]

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=willowbark.foundation.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("chain", models.CharField(choices=[("access", "access log"), ("history", "row history")], max_length=7)),
                ("number", models.BigIntegerField()),
                ("after_transaction", models.BigIntegerField()),
                ("through_transaction", models.BigIntegerField()),
                ("entry_ids", django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ("entry_digests", models.BinaryField()),
                ("previous", models.BinaryField()),
                ("digest", models.BinaryField()),
                ("sealed_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("chain", "number"), name="seal_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(("through_transaction__gt", models.F("after_transaction"))),
                        name="seal_forwards",
                    ),
                ],
            },
        ),
        migrations.RunSQL(DIGESTS),
        migrations.RunSQL(SEAL),
        GrantTable("foundation_seal", verbs="SELECT"),
        CloseFunctions(),
    ]
