"""
What a patient table has in the database beyond its columns, made by one migration operation.

`PatientTable` gives a table its composite keys, row-level security, row history and the app role's
grants. `schema_check.differences` compares what the database holds with what the models say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from willowbark.foundation.compartment import CompartmentFK, Guard

PATIENT_TABLE = "patients_patient"


def array(permissions: Sequence[str]) -> str:
    """Permissions as an SQL text array; they are our own literals, checked here all the same."""
    for permission in permissions:
        if not permission.replace(".", "").replace("_", "").isalpha():
            raise ValueError(f"{permission!r} is not a permission")
    return "ARRAY[" + ", ".join(f"'{permission}'" for permission in permissions) + "]"


def reach_predicate(column: str, permissions: Sequence[str]) -> str:
    """
    The row-level test of a patient column, cheapest first.

    The patient in hand and organisation-wide reach are worked out once a statement; only what is
    neither asks the database row by row.
    """
    wanted = array(permissions)
    return (
        f"{column} = ANY ((SELECT willow_in_hand({wanted}))::uuid[])"
        f" OR (SELECT willow_everywhere({wanted}))"
        f" OR willow_reaches({column}, {wanted})"
    )


def composite_keys(model: type[models.Model]) -> Iterator[tuple[str, str, str]]:
    """Each key inside the compartment as (constraint name, column, table it points at)."""
    for field in model._meta.local_fields:
        if isinstance(field, CompartmentFK):
            target = field.related_model._meta.db_table
            yield f"{model._meta.db_table}_{field.name}_same_patient", field.column, target


class PatientTable(Operation):
    """Make a created table part of the patient compartment. Comes right after its `CreateModel`."""

    reduces_to_sql = True
    reversible = False

    def __init__(
        self,
        model_name: str,
        guard: Guard,
        *,
        patient_column: str = "patient_id",
        changes: Sequence[str] | None = None,
    ) -> None:
        self.model_name = model_name
        self.guard = guard
        self.patient_column = patient_column
        self.changes = changes

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing of this is in Django's state."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Run the statements as the owner."""
        model = to_state.apps.get_model(app_label, self.model_name)
        for statement in self.statements(model):
            schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        """For `migrate --plan`."""
        return f"Make {self.model_name} part of the patient compartment"

    def statements(self, model: Any) -> Iterator[str]:
        """The SQL, in order."""
        table, column = model._meta.db_table, self.patient_column
        if column != "id":
            yield f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey"
            yield f"ALTER TABLE {table} ADD PRIMARY KEY ({column}, id)"
            yield (
                f"ALTER TABLE {table} ADD CONSTRAINT {table}_patient"
                f" FOREIGN KEY ({column}) REFERENCES {PATIENT_TABLE} (id)"
            )
        for name, own, target in composite_keys(model):
            yield (
                f"ALTER TABLE {table} ADD CONSTRAINT {name}"
                f" FOREIGN KEY ({column}, {own}) REFERENCES {target} (patient_id, id)"
            )
        yield from triggers(table, column)
        yield f"GRANT SELECT, INSERT{', UPDATE' if self.changes is None else ''} ON {table} TO {app_role()}"
        if self.changes:
            yield f"GRANT UPDATE ({', '.join(self.changes)}) ON {table} TO {app_role()}"
        yield from walls(table, column, self.guard)


def walls(table: str, patient_column: str, guard: Guard) -> Iterator[str]:
    """Row-level security of a patient table, as its guard says."""
    change = reach_predicate(patient_column, guard.write)
    add = change
    if patient_column == "id":
        # A patient who is being registered is not there yet to be reached: the site decides.
        add = f"{change} OR willow_at_site(home_site_id, {array(guard.write)})"
    read = reach_predicate(patient_column, guard.read)
    yield from row_security(table, read=read, add=add, change=change)


def triggers(table: str, patient_column: str, left_out: Sequence[str] = ()) -> Iterator[str]:
    """The triggers of a patient table: row history, and that no row moves to another patient."""
    yield from history_triggers(table, patient_column, left_out)
    yield (
        f"CREATE TRIGGER {table}_stays BEFORE UPDATE OF {patient_column} ON {table} FOR EACH ROW"
        f" WHEN (OLD.{patient_column} IS DISTINCT FROM NEW.{patient_column})"
        " EXECUTE FUNCTION willow_refuse_move()"
    )


def history_triggers(table: str, patient_column: str, left_out: Sequence[str] = ()) -> Iterator[str]:
    """
    Statement-level triggers that keep every change of the table in `foundation_patienthistory`.

    The columns `left_out` are not in what it keeps of a row.
    """
    said = ", ".join(f"'{column}'" for column in (patient_column, *left_out))
    for operation, images in (
        ("insert", "NEW TABLE AS new_rows"),
        ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
        ("delete", "OLD TABLE AS old_rows"),
    ):
        yield (
            f"CREATE TRIGGER {table}_{operation}_history AFTER {operation.upper()} ON {table}"
            f" REFERENCING {images} FOR EACH STATEMENT"
            f" EXECUTE FUNCTION willow_keep_history({said})"
        )


def row_security(table: str, *, read: str, add: str, change: str) -> Iterator[str]:
    """Turn the second wall on: one policy to read, one to add, one to change, none to delete."""
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"CREATE POLICY {table}_read ON {table} FOR SELECT USING ({read})"
    yield f"CREATE POLICY {table}_add ON {table} FOR INSERT WITH CHECK ({add})"
    yield f"CREATE POLICY {table}_change ON {table} FOR UPDATE USING ({change}) WITH CHECK ({change})"


def app_role() -> str:
    """The role that the application connects as, quoted for SQL."""
    role: str = settings.WILLOWBARK_APP_ROLE
    return '"' + role.replace('"', '""') + '"'


class GrantTable(Operation):
    """Let the app role use a table that is not a patient's; with `write`, only holders may change it."""

    reduces_to_sql = True
    reversible = False

    def __init__(
        self,
        table: str,
        *,
        verbs: str = "SELECT, INSERT, UPDATE, DELETE",
        read: str = "true",
        write: str | None = None,
    ) -> None:
        self.table = table
        self.verbs = verbs
        self.read = read
        self.write = write

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing of this is in Django's state."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Run the statements as the owner."""
        for statement in self.statements():
            schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        """For `migrate --plan`."""
        return f"Let the app use {self.table}"

    def statements(self) -> Iterator[str]:
        """The SQL, in order."""
        yield f"GRANT {self.verbs} ON {self.table} TO {app_role()}"
        if self.write is not None:
            yield from row_security(self.table, read=self.read, add=self.write, change=self.write)
            yield f"CREATE POLICY {self.table}_remove ON {self.table} FOR DELETE USING ({self.write})"


CLOSE_FUNCTIONS = """
DO $do$
DECLARE f record;
BEGIN
  FOR f IN SELECT p.oid::regprocedure AS signature, p.prorettype = 'trigger'::regtype AS is_trigger
           FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'willow\\_%' LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f.signature);
    IF NOT f.is_trigger THEN
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO {role}', f.signature);
    END IF;
  END LOOP;
END $do$;
"""


class CloseFunctions(Operation):
    """
    Take our functions from the public, and leave the app those it calls. Ends a migration that makes some.

    A trigger function that runs as the owner must be nobody's to attach: whoever could put it on a table
    of their own would run their own casts as the owner.
    """

    reduces_to_sql = True
    reversible = False

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing of this is in Django's state."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Run the statements as the owner."""
        schema_editor.execute(CLOSE_FUNCTIONS.format(role=app_role()), params=None)

    def describe(self) -> str:
        """For `migrate --plan`."""
        return "Take our functions from the public"
