"""A practice's own PostgreSQL server, named by DATABASE_URL: the same roles and checks, nothing to start."""

from __future__ import annotations

import hashlib

from . import passwords, roles
from .connecting import connect
from .errors import DatabaseProblem
from .folder import DataFolder
from .params import ConnectionParams
from .settings import DatabaseSettings


def owner_params(settings: DatabaseSettings) -> ConnectionParams:
    """
    The owner's connection.

    Raises:
        BadAddress: DATABASE_URL cannot be read.
    """
    return ConnectionParams.from_url(settings.url, named="DATABASE_URL")


def _secret_name(owner: ConnectionParams) -> str:
    """One password a database: two servers must not share one."""
    place = f"{owner.host}:{owner.port}/{owner.dbname}"
    return f"app-{hashlib.sha256(place.encode()).hexdigest()[:16]}"


def app_params(settings: DatabaseSettings) -> ConnectionParams:
    """
    The application role's connection: DATABASE_APP_URL, or the role `<database>_app` that setting up makes.

    Raises:
        BadAddress: one of the addresses cannot be read.
    """
    if settings.app_url:
        return ConnectionParams.from_url(settings.app_url, named="DATABASE_APP_URL")
    owner = owner_params(settings)
    secrets = DataFolder(settings.data).secrets
    return ConnectionParams(
        host=owner.host,
        port=owner.port,
        dbname=owner.dbname,
        user=f"{owner.dbname}_app",
        password=passwords.read(secrets, _secret_name(owner)),
        options=owner.options,
    )


def set_up(settings: DatabaseSettings) -> None:
    """
    Prepare the database for the application's role and see that the role is safe; safe to repeat.

    Raises:
        Unreachable, WrongPassword, ServerTooOld: connecting failed.
        NotEnoughRights: the owner may not set it up.
        UnsafeRole: the application's role could go around row-level security.
    """
    owner = owner_params(settings)
    if not settings.app_url:
        secrets = DataFolder(settings.data).secrets
        secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
        passwords.read_or_make(secrets, _secret_name(owner))
    app = app_params(settings)
    with connect(owner, autocommit=True) as connection:
        if not _is_set_up(connection, app.user) or not _lets_in(app):
            roles.prepare_own_server(
                connection,
                app=app.user,
                password=app.password,
                owner=owner.user,
                manage_app=not settings.app_url,
            )
    with connect(app) as connection:
        roles.check_app_role(connection)


def _is_set_up(connection: roles.Connection, app: str) -> bool:
    """Whether everything is there already, so that an owner without rights to make it is not asked to."""
    row = connection.execute(
        """
        SELECT has_database_privilege(r.oid, current_database(), 'CONNECT')
               AND has_schema_privilege(r.oid, 'public', 'USAGE')
               AND (SELECT count(*) FROM pg_extension WHERE extname = ANY (%s)) = %s
          FROM pg_roles r WHERE r.rolname = %s
        """,
        [list(roles.EXTENSIONS), len(roles.EXTENSIONS), app],
    ).fetchone()
    return row is not None and bool(row[0])


def _lets_in(app: ConnectionParams) -> bool:
    try:
        connect(app).close()
    except DatabaseProblem:
        # Why is found out, and said, by the connection after setting up.
        return False
    return True
