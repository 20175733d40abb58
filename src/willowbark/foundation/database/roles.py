"""
The roles, and what each may do.

    postgres          the embedded server's superuser: makes roles and databases, runs nothing else
    willowbark_owner  owns the database and its tables, migrates; no superuser
    willowbark_app    what every request, job and command works as: owns nothing, is above no policy

Nothing is granted by default: migrations grant the application's role what it needs, table by table.
On a practice's own server the owner is whoever DATABASE_URL names and the application's role is
`<database>_app`.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import errors as sql_errors
from psycopg import sql

from . import passwords
from .cluster import SUPERUSER
from .errors import DatabaseProblem, NotEnoughRights, StartFailed, UnsafeRole
from .folder import PORT, DataFolder
from .params import ConnectionParams
from .settings import DATABASE_NAME

OWNER = "willowbark_owner"
APP = "willowbark_app"
# All three are "trusted": a database's owner may create them, no superuser needed.
EXTENSIONS = ("pg_trgm", "btree_gist", "unaccent")

Connection = psycopg.Connection[tuple[Any, ...]]


def embedded_params(
    folder: DataFolder, role: str, *, socket: str = "", dbname: str = DATABASE_NAME
) -> ConnectionParams:
    """
    How `role` ('app', 'owner' or 'superuser') connects to the embedded server.

    The password is '' while none was made; `socket` overrules the folder's own place for it.
    """
    users = {"app": APP, "owner": OWNER, "superuser": SUPERUSER}
    return ConnectionParams(
        host=socket or str(folder.socket),
        port=PORT,
        dbname=dbname,
        user=users[role],
        password=passwords.read(folder.secrets, role),
    )


def _set_role(connection: Connection, name: str, password: str, *, rights: str) -> None:
    """Make the role or bring it back to these rights. The server is sent a verifier, not the password."""
    verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    connection.execute(
        sql.SQL("{verb} ROLE {name} WITH {rights} PASSWORD {verifier}").format(
            verb=sql.SQL("ALTER" if known else "CREATE"),
            name=sql.Identifier(name),
            rights=sql.SQL(rights),  # a constant of this module
            verifier=sql.Literal(verifier),
        )
    )


def _leave_groups(connection: Connection, name: str) -> None:
    """Take the role out of every role that somebody made it a member of."""
    groups = connection.execute(
        "SELECT roleid::regrole::text FROM pg_auth_members WHERE member = %s::regrole", [name]
    ).fetchall()
    for (group,) in groups:
        connection.execute(
            # regrole's text is quoted where it needs to be
            sql.SQL("REVOKE {} FROM {} CASCADE").format(sql.SQL(group), sql.Identifier(name))
        )


PLAIN_RIGHTS = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION"


def grant_connect(connection: Connection, dbname: str, *, owner: str, app: str) -> None:
    """Let the two roles, and nobody else, into a database. A clone starts without what its template had."""
    name = sql.Identifier(dbname)
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    connection.execute(
        sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}, {}").format(
            name, sql.Identifier(owner), sql.Identifier(app)
        )
    )


def open_schema(connection: Connection, *, app: str) -> None:
    """Inside a database: the extensions, and the schema's use for the application's role alone."""
    for extension in EXTENSIONS:
        connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
    connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(sql.Identifier(app)))


def create_database(connection: Connection, dbname: str, *, owner: str, template: str = "template0") -> None:
    """Make a database of `owner`; `connection` is in autocommit."""
    connection.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
            sql.Identifier(dbname), sql.Identifier(owner), sql.Identifier(template)
        )
    )


def prepare_embedded(folder: DataFolder) -> None:
    """
    Bring the embedded server's roles and database to what they must be; safe to repeat.

    Raises:
        StartFailed: the server refused.
    """
    superuser = embedded_params(folder, "superuser")
    if not superuser.password:
        raise StartFailed(
            f"the database's own password ({folder.secrets / 'superuser'}) is missing; "
            "`willow doctor --mend` gives it a new one"
        )
    try:
        with psycopg.connect(**superuser.to_database("postgres").libpq(), autocommit=True) as connection:
            for role, name in (("owner", OWNER), ("app", APP)):
                password = passwords.read_or_make(folder.secrets, role)
                _set_role(connection, name, password, rights=PLAIN_RIGHTS)
                _leave_groups(connection, name)
            exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE_NAME])
            if exists.fetchone() is None:
                create_database(connection, DATABASE_NAME, owner=OWNER)
            grant_connect(connection, DATABASE_NAME, owner=OWNER, app=APP)
        with psycopg.connect(**superuser.libpq(), autocommit=True) as connection:
            open_schema(connection, app=APP)
    except psycopg.Error as error:
        raise StartFailed(f"the database's roles could not be prepared: {error}") from error


def prepare_own_server(
    connection: Connection, *, app: str, password: str, owner: str, manage_app: bool
) -> None:
    """
    On a practice's own server, as the owner: extensions, grants, and the app's role when `manage_app`.

    Raises:
        NotEnoughRights: the owner may not; the message says what an administrator should run once.
        DatabaseProblem: the server refused for another reason.
    """
    dbname = connection.info.dbname
    by_hand = (
        f"CREATE ROLE \"{app}\" {PLAIN_RIGHTS} PASSWORD '...'; "
        f'GRANT CONNECT, TEMPORARY ON DATABASE "{dbname}" TO "{app}"; '
        + " ".join(f"CREATE EXTENSION IF NOT EXISTS {name};" for name in EXTENSIONS)
    )
    try:
        if manage_app:
            _set_role(connection, app, password, rights="LOGIN")
        grant_connect(connection, dbname, owner=owner, app=app)
        open_schema(connection, app=app)
    except sql_errors.InsufficientPrivilege as error:
        raise NotEnoughRights(
            f"the owner {owner!r} of {dbname!r} may not set it up ({str(error).strip()}). "
            f"As an administrator of the server, in that database, run once: {by_hand} "
            "then name that role in DATABASE_APP_URL"
        ) from error
    except psycopg.Error as error:
        raise DatabaseProblem(f"setting up {dbname!r} failed: {str(error).strip()}") from error


def check_app_role(connection: Connection) -> None:
    """
    See that the role connected here cannot go around row-level security.

    Raises:
        UnsafeRole: it is a superuser, bypasses policies, may make roles, owns something, or may become a
            role of which one of these is true.
    """
    rows = connection.execute(
        """
        SELECT r.rolname, r.rolname = current_user, r.rolsuper, r.rolbypassrls, r.rolcreaterole,
               EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid AND c.relpersistence <> 't')
               OR EXISTS (SELECT FROM pg_database d WHERE d.datdba = r.oid AND d.datname = current_database())
               OR EXISTS (SELECT FROM pg_proc p WHERE p.proowner = r.oid)
          FROM pg_roles r
         WHERE pg_has_role(current_user, r.oid, 'MEMBER')
        """
    ).fetchall()
    for name, itself, superuser, bypasses, makes_roles, owns in rows:
        faults = [
            fault
            for fault, present in (
                ("is a superuser", superuser),
                ("bypasses row-level security", bypasses),
                ("may make roles", makes_roles),
                ("owns tables, functions or the database", owns),
            )
            if present
        ]
        if faults:
            me = connection.info.user
            whose = f"{me!r}" if itself else f"{me!r} may act as {name!r}, which"
            raise UnsafeRole(
                f"the application's role {whose} {' and '.join(faults)}: row-level security would not hold, "
                "so the platform refuses to work with it. Give it a plain role that owns nothing."
            )
