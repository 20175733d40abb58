"""The roles that come with the platform, as data, and the users that are no persons."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any
from uuid import UUID, uuid5

from django.db.backends.base.base import BaseDatabaseWrapper

NAMESPACE = UUID("5b0a5a1e-6d4e-5c6f-9d0c-0d1f6f3c2a10")
SYSTEM_USER_ID = uuid5(NAMESPACE, "user:system")
SYSTEM_STAFF_ID = uuid5(NAMESPACE, "staff:system")


def shipped_roles() -> dict[str, dict[str, Any]]:
    """Role code -> its name and permissions, as shipped in `data/roles.json`."""
    text = files("willowbark.practice").joinpath("data/roles.json").read_text(encoding="utf-8")
    roles: dict[str, dict[str, Any]] = json.loads(text)["roles"]
    return roles


def role_id(code: str) -> UUID:
    """The id of a shipped role: the same in every practice."""
    return uuid5(NAMESPACE, f"role:{code}")


def load_roles(connection: BaseDatabaseWrapper) -> None:
    """Make the database's roles equal to the shipped ones. Runs as the owner, whenever it migrates."""
    with connection.cursor() as cursor:
        for code, role in shipped_roles().items():
            cursor.execute(
                "INSERT INTO practice_role (id, code, name) VALUES (%s, %s, %s)"
                " ON CONFLICT (id) DO UPDATE SET name = excluded.name",
                [role_id(code), code, role["name"]],
            )
            cursor.execute(
                "DELETE FROM practice_rolepermission WHERE role_id = %s AND NOT permission = ANY (%s)",
                [role_id(code), role["permissions"]],
            )
            for permission in role["permissions"]:
                cursor.execute(
                    "INSERT INTO practice_rolepermission (id, role_id, permission) VALUES (%s, %s, %s)"
                    " ON CONFLICT (role_id, permission) DO NOTHING",
                    [uuid5(role_id(code), permission), role_id(code), permission],
                )


def make_system_users(connection: BaseDatabaseWrapper) -> None:
    """Make the user as which the worker and imports act; it has no password and cannot sign in."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO foundation_user (id, email, password, kind, is_active)"
            " VALUES (%s, 'system@willowbark.invalid', '!', 'system', true) ON CONFLICT (id) DO NOTHING",
            [SYSTEM_USER_ID],
        )
        cursor.execute(
            "INSERT INTO practice_staff (id, user_id, name, title, is_active)"
            " VALUES (%s, %s, 'Willowbark', 'system', true) ON CONFLICT (id) DO NOTHING",
            [SYSTEM_STAFF_ID, SYSTEM_USER_ID],
        )
        cursor.execute(
            "INSERT INTO practice_roleassignment (id, staff_id, role_id, reach)"
            " VALUES (%s, %s, %s, 'organisation') ON CONFLICT (id) DO NOTHING",
            [uuid5(SYSTEM_STAFF_ID, "system"), SYSTEM_STAFF_ID, role_id("system")],
        )
