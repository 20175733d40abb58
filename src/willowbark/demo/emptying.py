"""Empty a demo's database, to build it anew. Never a real practice's."""

from __future__ import annotations

from typing import Any
from uuid import uuid5

import psycopg
from psycopg import sql

from willowbark.kernel.errors import Conflict
from willowbark.practice.roles import SYSTEM_STAFF_ID, SYSTEM_USER_ID

Connection = psycopg.Connection[tuple[Any, ...]]

# What migrations write stays.
MIGRATED = frozenset(
    (
        "django_migrations",
        "django_content_type",
        "auth_permission",
        "practice_role",
        "practice_rolepermission",
    )
)
_SYSTEM_ROWS = (
    ("foundation_user", SYSTEM_USER_ID),
    ("practice_staff", SYSTEM_STAFF_ID),
    ("practice_roleassignment", uuid5(SYSTEM_STAFF_ID, "system")),
)


def empty_demo(owner: Connection) -> None:
    """
    Bring a demo's database back to what it was when it had been migrated, as the owner of its tables.

    Raises:
        Conflict: it holds a practice that is no demo; nothing was changed.
    """
    with owner.transaction():
        owner.execute("LOCK TABLE practice_organisation IN ACCESS EXCLUSIVE MODE")
        practices = owner.execute("SELECT name, is_demo FROM practice_organisation").fetchall()
        for name, is_demo in practices:
            if not is_demo:
                raise Conflict(f"{name!r} is a real practice, which nothing empties")
        for table, row in _SYSTEM_ROWS:
            owner.execute(
                sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT * FROM {} WHERE id = {}").format(
                    sql.Identifier(f"kept_{table}"), sql.Identifier(table), sql.Literal(row)
                )
            )
        tables = owner.execute(
            "SELECT relname FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        ).fetchall()
        emptied = [sql.Identifier(name) for (name,) in tables if name not in MIGRATED]
        owner.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(emptied)))
        for table, _ in _SYSTEM_ROWS:
            owner.execute(
                sql.SQL("INSERT INTO {} SELECT * FROM {}").format(
                    sql.Identifier(table), sql.Identifier(f"kept_{table}")
                )
            )
