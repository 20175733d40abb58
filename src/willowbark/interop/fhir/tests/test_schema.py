"""The tables hold what the mappings allow."""

from __future__ import annotations

import pytest
from django.core import checks
from django.db import models

from willowbark.interop.fhir.core.mapping.limits import CHARACTERS, IDENTITY_CHARACTERS
from willowbark.interop.fhir.tests.importing import table as model_of
from willowbark.record.core.entries import ENTRY_KINDS, column_names
from willowbark.record.kinds import TABLES


@pytest.mark.parametrize("kind", sorted(ENTRY_KINDS))
def test_every_text_of_an_entry_fits_its_column(kind):
    for name in column_names(ENTRY_KINDS[kind]):
        field = next(one for one in TABLES[kind]._meta.local_concrete_fields if one.column == name)
        if isinstance(field, models.CharField) and name in CHARACTERS:
            assert CHARACTERS[name] <= (field.max_length or 0), name


@pytest.mark.parametrize("column", sorted(IDENTITY_CHARACTERS))
def test_every_text_of_a_patient_fits_its_column(column):
    table, _, name = column.partition(".")
    models_of = {
        "patient": "Patient",
        "identifier": "PatientIdentifier",
        "contact": "ContactPoint",
        "address": "Address",
    }

    field = model_of(f"patients.{models_of[table]}")._meta.get_field(name)
    assert isinstance(field, models.CharField)
    assert IDENTITY_CHARACTERS[column] <= (field.max_length or 0)


def test_entries_and_tables_have_the_same_columns():
    around = {"id", "patient_id", "recorded_by_id", "recorded_at", "voided_at", "voided_by_id"}
    for kind, entry in ENTRY_KINDS.items():
        columns = {field.column for field in TABLES[kind]._meta.local_concrete_fields}
        assert columns - around == set(column_names(entry)), kind


def test_every_table_says_where_it_lives():
    assert not [found for found in checks.run_checks() if found.obj and "interop_fhir" in str(found.obj)]
