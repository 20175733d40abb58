"""A practice's own server: the same roles and checks, and refusals that say what to do."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from willowbark.foundation.database import (
    BadAddress,
    ConnectionParams,
    DatabaseSettings,
    NotEnoughRights,
    ServerTooOld,
    Unreachable,
    UnsafeRole,
    WrongPassword,
    connecting,
    current,
    open_database,
)
from willowbark.foundation.database.tests.helpers import one, quiet


@dataclass(frozen=True)
class Server:
    """A database on some server, made by its administrator for us."""

    administrator: ConnectionParams
    dbname: str
    owner: str
    password: str
    data: Path

    def url(self, user: str, password: str) -> str:
        host = quote(self.administrator.host, safe="")
        return f"postgresql://{user}:{password}@/{self.dbname}?host={host}&port={self.administrator.port}"

    @property
    def settings(self) -> DatabaseSettings:
        return DatabaseSettings(data=self.data, url=self.url(self.owner, self.password))

    def as_administrator(self, *statements: str) -> None:
        with psycopg.connect(**self.administrator.libpq(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(sql.SQL(statement))


@pytest.fixture
def server(database_server, tmp_path: Path) -> Iterator[Server]:
    mark = secrets.token_hex(4)
    administrator = database_server.superuser
    made = Server(administrator, f"own_{mark}", f"owner_{mark}", "s3cret", tmp_path / "data")
    made.as_administrator(
        f"CREATE ROLE {made.owner} LOGIN CREATEROLE PASSWORD 's3cret'",
        f"CREATE DATABASE {made.dbname} OWNER {made.owner}",
    )
    made = replace(made, administrator=administrator.to_database(made.dbname))
    yield made
    replace(made, administrator=administrator).as_administrator(
        f"DROP DATABASE {made.dbname} WITH (FORCE)",
        f"DROP ROLE IF EXISTS {made.dbname}_app",
        f"DROP ROLE IF EXISTS helper_{mark}",
        f"DROP ROLE {made.owner}",
    )


def test_the_application_gets_a_role_of_its_own(server):
    with open_database(server.settings, report=quiet) as database:
        assert database.embedded is None
        assert one(database, "SELECT current_user") == f"{server.dbname}_app"
        assert one(database, "SELECT current_user", role="owner") == server.owner
        assert one(database, "SELECT similarity('willow', 'willows') > 0.5")
    first = database.app
    assert current("app", settings=server.settings) == first
    # A second time nothing is made anew, and the password holds.
    with open_database(server.settings, report=quiet) as database:
        assert database.app == first


def test_others_are_shut_out_of_the_database(server):
    with open_database(server.settings, report=quiet):
        pass
    server.as_administrator(f"CREATE ROLE helper_{server.dbname[4:]} LOGIN PASSWORD 'x'")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(server.url(f"helper_{server.dbname[4:]}", "x"))


def test_an_owner_who_may_not_make_roles_is_told_what_to_run(server):
    server.as_administrator(f"ALTER ROLE {server.owner} NOCREATEROLE")
    with pytest.raises(NotEnoughRights, match="CREATE ROLE"), open_database(server.settings, report=quiet):
        pass


def test_a_role_made_by_the_administrator_is_used(server):
    helper = f"helper_{server.dbname[4:]}"
    server.as_administrator(
        f"ALTER ROLE {server.owner} NOCREATEROLE", f"CREATE ROLE {helper} LOGIN PASSWORD 'theirs'"
    )
    settings = replace(server.settings, app_url=server.url(helper, "theirs"))
    with open_database(settings, report=quiet) as database:
        assert one(database, "SELECT current_user") == helper


@pytest.mark.parametrize(
    ("gift", "complaint"),
    [
        ("ALTER ROLE {helper} BYPASSRLS", "bypasses row-level security"),
        ("ALTER ROLE {helper} SUPERUSER", "is a superuser"),
        ("GRANT {owner} TO {helper}", "owns"),
        ("CREATE TABLE theirs (); ALTER TABLE theirs OWNER TO {helper}", "owns tables"),
    ],
)
def test_a_role_that_could_go_around_the_walls_is_refused(server, gift, complaint):
    helper = f"helper_{server.dbname[4:]}"
    server.as_administrator(
        f"CREATE ROLE {helper} LOGIN PASSWORD 'x'",
        *gift.format(helper=helper, owner=server.owner).split("; "),
    )
    settings = replace(server.settings, app_url=server.url(helper, "x"))
    with pytest.raises(UnsafeRole, match=complaint), open_database(settings, report=quiet):
        pass


def test_a_wrong_password_is_named_and_not_repeated(server):
    settings = replace(server.settings, url=server.url(server.owner, "not-the-one"))
    with pytest.raises(WrongPassword) as refused, open_database(settings, report=quiet):
        pass
    assert server.owner in str(refused.value)
    assert "not-the-one" not in str(refused.value)


def test_a_database_that_is_not_there_and_a_server_that_is_not_are_named(server):
    missing = replace(server, dbname="no_such_database").settings
    with pytest.raises(Unreachable, match="no_such_database"), open_database(missing, report=quiet):
        pass
    with closing(socket.socket()) as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    away = DatabaseSettings(data=server.data, url=f"postgresql://a:b@127.0.0.1:{port}/c")
    with pytest.raises(Unreachable, match=str(port)), open_database(away, report=quiet):
        pass


def test_a_server_too_old_is_named(server, monkeypatch):
    monkeypatch.setattr(connecting, "OLDEST_MAJOR", 99)
    with pytest.raises(ServerTooOld, match="99 or newer"), open_database(server.settings, report=quiet):
        pass


@pytest.mark.parametrize(
    "url",
    ["mysql://a:secret@h/d", "postgresql://", "postgresql://h/d", "postgresql://a:secret@h:port/d", "secret"],
)
def test_an_address_that_cannot_be_read_is_named_and_not_repeated(url, tmp_path):
    with pytest.raises(BadAddress, match="DATABASE_URL") as refused:
        current("owner", settings=DatabaseSettings(data=tmp_path, url=url))
    assert "secret" not in str(refused.value)
