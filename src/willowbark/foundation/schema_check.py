"""
Whether the database holds what the models say of the patient compartment.

Django knows nothing of composite keys, policies, triggers and grants, so neither do its migrations'
checks: a table that was altered by hand, or a model whose guard was changed without a migration, is
found here. Read only; safe to run on a practice's server at any time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from django.apps import apps
from django.conf import settings
from django.db import models

from willowbark.foundation.compartment import CompartmentFK, Guard
from willowbark.foundation.placement import patient_models
from willowbark.foundation.schema import PATIENT_TABLE, triggers, walls

FORBIDDEN_PRIVILEGES = ("DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
# Written by triggers and functions of the owner; the app may read at most.
APPEND_ONLY = ("foundation_patienthistory", "foundation_accessentry")
TRIGGER_FUNCTIONS = ("willow_keep_history", "willow_refuse_move")
# (own columns, table pointed at, its columns)
Key = tuple[tuple[str, ...], str, tuple[str, ...]]


class Cursor(Protocol):
    """What is needed of a cursor, Django's or psycopg's, of the owner or of the app."""

    def execute(self, query: Any, params: Any = None, /) -> Any:
        """Run one statement."""

    def fetchall(self) -> list[Any]:
        """The rows of the last statement."""


def differences(cursor: Cursor, compared: Sequence[Any] = ()) -> list[str]:
    """
    Everything in which the database differs from the models, in words, [] when all is well.

    `compared` are the models of patient tables to look at; all of them if none are named.
    """
    return [
        *_of_tables(cursor, compared),
        *_of_append_only(cursor),
        *_of_app_role(cursor),
        *_of_functions(cursor),
    ]


def _of_functions(cursor: Cursor) -> Iterator[str]:
    """Our functions are nobody's to call but the app's, and its trigger functions nobody's to attach."""
    found = _rows(
        cursor,
        "SELECT p.oid::regprocedure::text, p.prorettype = 'trigger'::regtype,"
        " has_function_privilege('public', p.oid, 'EXECUTE'), has_function_privilege(%s, p.oid, 'EXECUTE')"
        " FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'willow\\_%%'"
        " ORDER BY 1",
        [settings.WILLOWBARK_APP_ROLE],
    )
    for signature, is_trigger, for_all, for_app in found:
        if for_all:
            yield f"anybody may call {signature}: end the migration that makes it with CloseFunctions()"
        if is_trigger and for_app:
            yield f"the app may put {signature} on a table of its own, and so run its own casts as the owner"


def _of_tables(cursor: Cursor, compared: Sequence[Any]) -> Iterator[str]:
    for model in compared or (apps.get_model("patients", "Patient"), *patient_models()):
        table = model._meta.db_table
        if _rows(cursor, "SELECT to_regclass(%s)::oid", [f"public.{table}"]) == [(None,)]:
            yield f"{table} is not there"
            continue
        for difference in _of_table(cursor, model, table, model.patient_column, model.guard):
            yield f"{table}: {difference}"


def _of_table(
    cursor: Cursor, model: type[models.Model], table: str, column: str, guard: Guard
) -> Iterator[str]:
    yield from _of_keys(cursor, model, table, column)
    yield from _of_constraints(cursor, model, table, column)
    own = dict(getattr(model, "own_triggers", ()))
    yield from _of_own_triggers(cursor, table, own)
    left_out = getattr(model, "not_in_history", ())
    wanted = _wanted_walls_and_triggers(cursor, table, column, guard, left_out)
    yield from _of_walls_and_triggers(cursor, table, wanted, own)
    changes = getattr(model, "changes", None)
    if changes is None:
        yield from _of_privileges(cursor, table, needed=("SELECT", "INSERT", "UPDATE"))
    else:
        yield from _of_privileges(cursor, table, needed=("SELECT", "INSERT"))
        yield from _of_changes(cursor, table, changes)


def _of_changes(cursor: Cursor, table: str, changes: Sequence[str]) -> Iterator[str]:
    """A row that stands once it is written can be changed in the columns that its model names, no other."""
    rows = _rows(
        cursor,
        "SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0"
        " AND NOT attisdropped AND has_column_privilege(%s, attrelid, attnum, 'UPDATE')",
        [f"public.{table}", settings.WILLOWBARK_APP_ROLE],
    )
    wanted, there = set(changes), {name for (name,) in rows}
    yield from (f"the app may not change {name}" for name in sorted(wanted - there))
    yield from (f"the app may change {name}" for name in sorted(there - wanted))


def _of_keys(cursor: Cursor, model: type[models.Model], table: str, column: str) -> Iterator[str]:
    primary = ("id",) if column == "id" else (column, "id")
    found = [key[0] for key in _keys(cursor, table, "p")]
    if found != [primary]:
        yield f"the primary key is {_list(found)}, not ({', '.join(primary)})"
    wanted, there = set(_expected_keys(model)), set(_keys(cursor, table, "f"))
    yield from (f"lacks the key {_words(key)}" for key in sorted(wanted - there))
    yield from (f"has a key that no model names: {_words(key)}" for key in sorted(there - wanted))


def _expected_keys(model: type[models.Model]) -> Iterator[Key]:
    for field in model._meta.local_fields:
        if not isinstance(field, models.ForeignKey):
            continue
        target, field_of_target = field.related_model._meta.db_table, field.target_field
        if isinstance(field, CompartmentFK):
            yield (("patient_id", field.column), target, ("patient_id", "id"))
        elif getattr(field, "db_constraint", True) or target == PATIENT_TABLE:
            yield ((field.column,), target, (str(field_of_target.column),))


def _keys(cursor: Cursor, table: str, kind: str) -> list[Key]:
    """The primary ('p') or foreign ('f') keys that are in force."""
    rows = _rows(
        cursor,
        """
        SELECT (SELECT array_agg(a.attname::text ORDER BY k.n)
                  FROM unnest(c.conkey) WITH ORDINALITY k(num, n)
                  JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num),
               coalesce((SELECT relname::text FROM pg_class WHERE oid = c.confrelid), ''),
               (SELECT array_agg(a.attname::text ORDER BY k.n)
                  FROM unnest(c.confkey) WITH ORDINALITY k(num, n)
                  JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num)
          FROM pg_constraint c
         WHERE c.conrelid = to_regclass(%s) AND c.contype = %s AND c.convalidated
        """,
        [f"public.{table}", kind],
    )
    return [(tuple(own), target, tuple(theirs or ())) for own, target, theirs in rows]


def _of_constraints(cursor: Cursor, model: type[models.Model], table: str, column: str) -> Iterator[str]:
    wanted = {constraint.name for constraint in model._meta.constraints}
    checks = _rows(
        cursor,
        "SELECT conname::text FROM pg_constraint"
        " WHERE conrelid = to_regclass(%s) AND contype IN ('c', 'x') AND convalidated",
        [f"public.{table}"],
    )
    uniques = _rows(
        cursor,
        """
        SELECT c.relname::text,
               (SELECT array_agg(a.attname::text) FROM pg_attribute a
                 WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey))
          FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         WHERE i.indrelid = to_regclass(%s) AND i.indisunique AND NOT i.indisprimary AND i.indisvalid
        """,
        [f"public.{table}"],
    )
    there = {name for (name,) in checks} | {name for name, _ in uniques}
    yield from (f"lacks the constraint {name}" for name in sorted(wanted - there))
    yield from (f"has a constraint that no model names: {name}" for name in sorted(there - wanted))
    yield from (
        f"{name} is unique without {column}" for name, columns in uniques if column not in (columns or ())
    )


def _of_own_triggers(cursor: Cursor, table: str, own: Mapping[str, str]) -> Iterator[str]:
    """The triggers of the business's own are there, in force, and call the function that they should."""
    rows = _rows(
        cursor,
        "SELECT t.tgname::text, p.proname::text, t.tgenabled::text FROM pg_trigger t"
        " JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgrelid = to_regclass(%s) AND NOT t.tgisinternal",
        [f"public.{table}"],
    )
    there = {name: (function, enabled) for name, function, enabled in rows}
    for name, function in sorted(own.items()):
        if name not in there:
            yield f"lacks the trigger {name}"
        elif there[name] != (function, "O"):
            yield f"the trigger {name} is {there[name]}, not {(function, 'O')}"


def _of_walls_and_triggers(
    cursor: Cursor, table: str, wanted: Mapping[str, tuple[str, ...]], own: Collection[str]
) -> Iterator[str]:
    enabled = _rows(
        cursor, "SELECT relrowsecurity FROM pg_class WHERE oid = to_regclass(%s)", [f"public.{table}"]
    )
    if enabled != [(True,)]:
        yield "row-level security is off"
    there = _policies(cursor, f"public.{table}") | _triggers(cursor, f"public.{table}")
    for name in sorted(wanted.keys() | there.keys()):
        if name.removeprefix("trigger ") in own:
            continue
        if name not in there:
            yield f"lacks the {name}"
        elif name not in wanted:
            yield f"has a {name} that nobody asked for"
        elif wanted[name] != there[name]:
            yield f"the {name} is {there[name]}, not {wanted[name]}"


def _wanted_walls_and_triggers(
    cursor: Cursor, table: str, column: str, guard: Guard, left_out: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """
    What the server makes of our statements, read back in its own words.

    An empty temporary table of the same name and columns is made, looked at and dropped. Its triggers call
    stand-ins: the real functions are nobody's to attach.
    """
    cursor.execute(f"CREATE TEMP TABLE {table} (LIKE public.{table})")
    for name in TRIGGER_FUNCTIONS:
        cursor.execute(
            f"CREATE FUNCTION pg_temp.{name}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
        )
    try:
        for statement in walls(table, column, guard):
            cursor.execute(statement)
        for statement in triggers(table, column, left_out):
            cursor.execute(statement.replace("EXECUTE FUNCTION ", "EXECUTE FUNCTION pg_temp."))
        return _policies(cursor, f"pg_temp.{table}") | _triggers(cursor, f"pg_temp.{table}")
    finally:
        cursor.execute(f"DROP TABLE pg_temp.{table}")
        for name in TRIGGER_FUNCTIONS:
            cursor.execute(f"DROP FUNCTION pg_temp.{name}()")


def _policies(cursor: Cursor, table: str) -> dict[str, tuple[str, ...]]:
    rows = _rows(
        cursor,
        """
        SELECT polname::text, polcmd::text, polpermissive::text, polroles::text,
               coalesce(pg_get_expr(polqual, polrelid), ''), coalesce(pg_get_expr(polwithcheck, polrelid), '')
          FROM pg_policy WHERE polrelid = to_regclass(%s)
        """,
        [table],
    )
    return {f"policy {name}": tuple(rest) for name, *rest in rows}


def _triggers(cursor: Cursor, table: str) -> dict[str, tuple[str, ...]]:
    rows = _rows(
        cursor,
        """
        SELECT t.tgname::text, t.tgenabled::text, t.tgtype::text, p.proname::text, encode(t.tgargs, 'escape'),
               coalesce(t.tgoldtable::text, ''), coalesce(t.tgnewtable::text, ''), t.tgattr::text,
               coalesce(substring(pg_get_triggerdef(t.oid, true) FROM 'WHEN \\(.*\\) EXECUTE'), '')
          FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
         WHERE t.tgrelid = to_regclass(%s) AND NOT t.tgisinternal
        """,
        [table],
    )
    return {f"trigger {name}": tuple(rest) for name, *rest in rows}


def _of_append_only(cursor: Cursor) -> Iterator[str]:
    for table in APPEND_ONLY:
        for difference in _of_privileges(cursor, table, needed=("SELECT",), forbidden=("INSERT", "UPDATE")):
            yield f"{table}: {difference}"
        enabled = _rows(
            cursor, "SELECT relrowsecurity FROM pg_class WHERE oid = to_regclass(%s)", [f"public.{table}"]
        )
        if enabled != [(True,)]:
            yield f"{table}: row-level security is off"


def _of_privileges(
    cursor: Cursor, table: str, *, needed: Sequence[str], forbidden: Sequence[str] = ()
) -> Iterator[str]:
    asked = (*needed, *FORBIDDEN_PRIVILEGES, *forbidden)
    held = _held(cursor, table, asked)
    for privilege, holds in zip(asked, held, strict=True):
        if privilege in needed and not holds:
            yield f"the app may not {privilege}"
        if privilege not in needed and holds:
            yield f"the app may {privilege}"


def _held(cursor: Cursor, table: str, privileges: Sequence[str]) -> Sequence[bool]:
    """Whether the app holds each privilege, be it on one column alone where it can be."""
    by_column = {"INSERT", "UPDATE", "REFERENCES"}
    calls = [
        f"has_{'any_column' if privilege in by_column else 'table'}_privilege(%s, %s, '{privilege}')"
        for privilege in privileges
    ]
    values = [settings.WILLOWBARK_APP_ROLE, f"public.{table}"] * len(calls)
    return _rows(cursor, f"SELECT {', '.join(calls)}", values)[0]


def _of_app_role(cursor: Cursor) -> Iterator[str]:
    role = settings.WILLOWBARK_APP_ROLE
    rows = _rows(
        cursor,
        """
        SELECT r.rolsuper, r.rolbypassrls, r.rolcreaterole,
               EXISTS (SELECT FROM pg_class WHERE relowner = r.oid AND relpersistence <> 't')
               OR EXISTS (SELECT FROM pg_proc WHERE proowner = r.oid)
               OR EXISTS (SELECT FROM pg_namespace WHERE nspowner = r.oid AND nspname NOT LIKE 'pg\\_%%')
               OR EXISTS (SELECT FROM pg_database WHERE datdba = r.oid AND datname = current_database()),
               has_schema_privilege(r.rolname, 'public', 'CREATE'),
               EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid)
          FROM pg_roles r WHERE r.rolname = %s
        """,
        [role],
    )
    if not rows:
        yield f"there is no role {role}"
        return
    faults = (
        "is a superuser",
        "goes around row-level security",
        "may make roles",
        "owns something",
        "may make tables",
        "is a member of another role",
    )
    yield from (f"the app's role {fault}" for fault, present in zip(faults, rows[0], strict=True) if present)


def _rows(cursor: Cursor, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    cursor.execute(statement, values)
    return [tuple(row) for row in cursor.fetchall()]


def _words(key: Key) -> str:
    own, target, theirs = key
    return f"({', '.join(own)}) to {target} ({', '.join(theirs)})"


def _list(keys: Iterable[Sequence[str]]) -> str:
    return " and ".join(f"({', '.join(key)})" for key in keys) or "missing"
