"""
Seal the sensitive numbers that stand there in the clear, wherever they were written down beside.

Row history would keep each as it was before: so these changes alone are not kept in it. What history kept
before, and backups that were made before, stay as they are.

A number that a patient has in several spellings is one: the first row stays, and the type that made any of
them sensitive.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.utils import CursorWrapper
from django.db.migrations.state import StateApps
from django.db.models import Q

from willowbark.foundation.encryption import columns, keeping
from willowbark.foundation.encryption.blind import blind_index
from willowbark.foundation.encryption.sealing import Place, seal
from willowbark.foundation.ids import uuid7
from willowbark.patients.core.identifiers import is_sensitive, looked_up_as
from willowbark.patients.core.matching import identifier_key
from willowbark.patients.core.matching.normalise import identifier_value

BATCH_PATIENTS = 1_000
_QUIET = (
    ("patients_patientidentifier", "update"),
    ("patients_patientidentifier", "delete"),
    ("patients_matchkey", "delete"),
    ("patients_matchkey", "insert"),
    ("patients_matchcandidate", "update"),
)
_SEAL = """
UPDATE patients_patientidentifier AS i
SET value = '', sealed = n.sealed, blind_index = n.blind_index, type_code = n.type_code
FROM unnest(%s::uuid[], %s::uuid[], %s::bytea[], %s::text[], %s::text[])
  AS n (patient_id, id, sealed, blind_index, type_code)
WHERE i.patient_id = n.patient_id AND i.id = n.id
"""
_FORGET = """
DELETE FROM patients_patientidentifier AS i USING unnest(%s::uuid[], %s::uuid[]) AS n (patient_id, id)
WHERE i.patient_id = n.patient_id AND i.id = n.id
"""
_ADD_KEYS = """
INSERT INTO patients_matchkey (id, patient_id, key)
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) ON CONFLICT (patient_id, key) DO NOTHING
"""
_MASK_EVIDENCE = r"""
UPDATE patients_matchcandidate SET evidence = jsonb_set(evidence, '{evidence}', (
  SELECT coalesce(jsonb_agg(
    CASE WHEN line ->> 'field' IN ('national', 'identifier')
      THEN jsonb_set(line, '{words}', to_jsonb(regexp_replace(line ->> 'words', ' \(.*\)$', '')))
      ELSE line END ORDER BY place), '[]')
  FROM jsonb_array_elements(evidence -> 'evidence') WITH ORDINALITY AS lines (line, place)))
WHERE evidence ? 'evidence'
"""

Number = tuple[UUID, UUID, str, str, str]


def seal_numbers(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """As the tables' owner, in one transaction with the rest of this migration."""
    keeping.ensure(lambda: columns.is_anything_sealed(schema_editor.connection.connection))
    with schema_editor.connection.cursor() as cursor:
        _history(cursor, "DISABLE")
        cursor.execute("DELETE FROM patients_matchkey WHERE key LIKE 'i:%'", None)
        for batch in _batches(cursor):
            _seal(cursor, batch)
            _store_keys(cursor, batch)
        cursor.execute(_MASK_EVIDENCE, None)
        _history(cursor, "ENABLE")


def _history(cursor: CursorWrapper, verb: str) -> None:
    for table, change in _QUIET:
        cursor.execute(f"ALTER TABLE {table} {verb} TRIGGER {table}_{change}_history")


def _batches(cursor: CursorWrapper) -> Iterator[list[Number]]:
    """All numbers of some patients at a time: those that are one are not apart."""
    after = UUID(int=0)
    while True:
        cursor.execute(
            "SELECT patient_id, id, system, value, type_code FROM patients_patientidentifier"
            " WHERE patient_id IN (SELECT DISTINCT patient_id FROM patients_patientidentifier"
            " WHERE patient_id > %s ORDER BY patient_id LIMIT %s) ORDER BY patient_id, id",
            [after, BATCH_PATIENTS],
        )
        batch: list[Number] = cursor.fetchall()
        if not batch:
            return
        after = batch[-1][0]
        yield batch


def _seal(cursor: CursorWrapper, batch: list[Number]) -> None:
    ring = keeping.keyring()
    same: dict[tuple[UUID, str, str], list[Number]] = {}
    for number in batch:
        patient_id, _, system, value, _ = number
        same.setdefault((patient_id, system, looked_up_as(value)), []).append(number)
    sealed: list[tuple[Any, ...]] = []
    forgotten: list[tuple[UUID, UUID]] = []
    for numbers in same.values():
        patient_id, row_id, system, value, _ = numbers[0]
        sensitive = [type_code for *_, type_code in numbers if is_sensitive(type_code, system)]
        if sensitive:
            place = Place("patients_patientidentifier", "sealed", row_id, patient_id)
            kept = seal(ring, place, value.encode())
            sealed.append((patient_id, row_id, kept, _index(system, value), sensitive[0]))
            forgotten += [number[:2] for number in numbers[1:]]
    for statement, rows in ((_FORGET, forgotten), (_SEAL, sealed)):
        if rows:
            cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])


def _index(system: str, value: str) -> str:
    return blind_index(keeping.keyring(), system, looked_up_as(value))


def _store_keys(cursor: CursorWrapper, batch: list[Number]) -> None:
    rows = [
        (uuid7(), patient_id, identifier_key(system, number, _index))
        for patient_id, _, system, value, _ in batch
        if (number := identifier_value(value))
    ]
    if rows:
        cursor.execute(_ADD_KEYS, [list(column) for column in zip(*rows, strict=True)])


class Migration(migrations.Migration):
    dependencies = [("patients", "0008_sealed_numbers")]

    operations = [
        migrations.RunPython(seal_numbers),
        migrations.AddConstraint(
            "patientidentifier",
            models.CheckConstraint(
                condition=(Q(sealed__isnull=True, blind_index="") & ~Q(value=""))
                | (Q(sealed__isnull=False, value="") & ~Q(blind_index="")),
                name="patient_identifier_plain_or_sealed",
            ),
        ),
    ]
