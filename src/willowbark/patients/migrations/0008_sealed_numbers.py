"""
Sensitive numbers can be sealed: columns for what is sealed, and the search that finds it.

A sealed number is found by the whole of it: of each number that was typed, the search is given what it would
be found by in each of the systems whose numbers are sealed.
"""

from importlib import import_module

from django.db import migrations, models
from django.db.models import Q

from willowbark.foundation.schema import CloseFunctions, array

_BEFORE: str = import_module("willowbark.patients.migrations.0003_search").SEARCH
_EXACT_BEFORE: str = import_module("willowbark.patients.migrations.0007_break_glass_walls").LOOKING_UP

SYSTEMS = f"""
CREATE FUNCTION willow_sealed_systems() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  -- One look at the index for each system, however many numbers it has.
  WITH RECURSIVE known AS (
    (SELECT system FROM patients_patientidentifier WHERE blind_index <> '' ORDER BY system LIMIT 1)
    UNION ALL
    SELECT (SELECT i.system FROM patients_patientidentifier i
             WHERE i.blind_index <> '' AND i.system > known.system ORDER BY i.system LIMIT 1)
      FROM known WHERE known.system IS NOT NULL)
  SELECT system FROM known
   WHERE system IS NOT NULL AND willow_holds({array(["patients.read", "record.import"])}) LIMIT 500
$$;
"""

_SEALED = """    IF cardinality(sealed_systems) > 0 THEN
      number := number + 1;
      each := cardinality(sealed_systems) / cardinality(numbers);
      says := says || format(
        ' UNION ALL SELECT i.patient_id FROM unnest(%L::text[], %L::text[]) AS typed (system, blind_index)'
        ' JOIN patients_patientidentifier i ON i.blind_index <> '''' AND i.system = typed.system'
        ' AND i.blind_index = typed.blind_index',
        sealed_systems[(number - 1) * each + 1 : number * each],
        sealed_indexes[(number - 1) * each + 1 : number * each]);
    END IF;
    says := says || ')';
"""


def _search() -> str:
    """The search as it was, with what sealed numbers are found by."""
    return _changed(
        _BEFORE,
        (
            "numbers text[], the_site uuid,",
            "numbers text[], sealed_systems text[], sealed_indexes text[], the_site uuid,",
        ),
        ("  mine uuid[];\n", "  mine uuid[];\n  number int := 0;\n  each int;\n"),
        ("    says := says || ')';\n", _SEALED),
        ("CREATE FUNCTION willow_like", "CREATE OR REPLACE FUNCTION willow_like"),
    )


def _exact() -> str:
    """The exact look-up before a chart is opened by break-glass, the same."""
    return _changed(
        _EXACT_BEFORE[: _EXACT_BEFORE.index("CREATE FUNCTION willow_found_exactly")],
        (
            "the_number text, how_often int",
            "the_number text, sealed_systems text[], sealed_indexes text[], how_often int",
        ),
        (
            "IN (the_number, upper(the_number)))",
            "IN (the_number, upper(the_number))"
            " UNION ALL SELECT i.patient_id FROM unnest(sealed_systems, sealed_indexes) AS typed (system, blind_index)"
            " JOIN patients_patientidentifier i ON i.blind_index <> '' AND i.system = typed.system"
            " AND i.blind_index = typed.blind_index)",
        ),
    )


def _changed(said: str, *replacements: tuple[str, str]) -> str:
    for before, after in replacements:
        if before not in said:
            raise ValueError(f"the function does not say {before!r}")
        said = said.replace(before, after)
    return said


class Migration(migrations.Migration):
    dependencies = [("patients", "0007_break_glass_walls")]

    operations = [
        migrations.AlterField(
            "patientidentifier", "value", models.CharField(blank=True, db_collation="C", max_length=200)
        ),
        migrations.AddField("patientidentifier", "sealed", models.BinaryField(null=True)),
        migrations.AddField(
            "patientidentifier",
            "blind_index",
            models.CharField(blank=True, db_collation="C", default="", max_length=64),
        ),
        migrations.RemoveConstraint("patientidentifier", "patient_identifier_once"),
        migrations.AddConstraint(
            "patientidentifier",
            models.UniqueConstraint(
                fields=("patient", "system", "value", "blind_index"), name="patient_identifier_once"
            ),
        ),
        migrations.AddIndex(
            "patientidentifier",
            models.Index(
                condition=~Q(blind_index=""),
                fields=["system", "blind_index"],
                name="patient_identifier_find_sealed",
            ),
        ),
        migrations.RunSQL(
            "DROP FUNCTION willow_search_patients(text[], date[], text[], uuid, text, uuid, int)"
        ),
        migrations.RunSQL(_search()),
        migrations.RunSQL("DROP FUNCTION willow_find_exactly(text, date, text, int)"),
        migrations.RunSQL(_exact()),
        migrations.RunSQL(SYSTEMS),
        CloseFunctions(),
    ]
