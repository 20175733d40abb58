"""Connecting once, with failures said in words a person can act on."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import errors as sql_errors

from .errors import DatabaseProblem, ServerTooOld, Unreachable, WrongPassword
from .params import ConnectionParams

OLDEST_MAJOR = 16
PATIENCE_S = 10


def connect(params: ConnectionParams, *, autocommit: bool = False) -> psycopg.Connection[tuple[Any, ...]]:
    """
    Connect as `params` say.

    Raises:
        Unreachable: no server answers there, or the database does not exist.
        WrongPassword: the server refuses the role or its password.
        ServerTooOld: it is older than version 16.
    """
    try:
        connection = psycopg.connect(
            **{"connect_timeout": PATIENCE_S, **params.libpq()}, autocommit=autocommit
        )
    except psycopg.OperationalError as error:
        raise explain(error, params) from error
    version = connection.info.server_version
    if version < OLDEST_MAJOR * 10_000:
        connection.close()
        raise ServerTooOld(
            f"the server at {params.host}:{params.port} is PostgreSQL {version // 10_000}; "
            f"Willowbark needs {OLDEST_MAJOR} or newer"
        )
    return connection


def explain(error: psycopg.OperationalError, params: ConnectionParams) -> DatabaseProblem:
    """The problem behind a refused connection. libpq gives no SQLSTATE for most, so its words are read."""
    words = str(error).strip()
    refused = isinstance(error, sql_errors.InvalidPassword | sql_errors.InvalidAuthorizationSpecification)
    if refused or "password" in words or "no pg_hba.conf entry" in words or "Peer authentication" in words:
        return WrongPassword(f"the server refuses {params.where()}: {words}")
    return Unreachable(f"no connection to {params.where()}: {words}")


def is_starting(error: psycopg.OperationalError) -> bool:
    """Whether the server answers that it is starting, recovering or stopping (SQLSTATE 57P03), so: soon."""
    return isinstance(error, sql_errors.CannotConnectNow) or "the database system is" in str(error)
