"""Starting, joining and leaving the embedded server."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from willowbark.foundation.database import (
    Database,
    DatabaseSettings,
    FolderRefused,
    UnsafeRole,
    current,
    open_database,
)
from willowbark.foundation.database.folder import SOCKET_FILE
from willowbark.foundation.database.settings import running_as_root
from willowbark.foundation.database.tests.helpers import one, quiet, wait_until_stopped


@pytest.fixture(scope="module")
def running(shared_place: Path) -> Iterator[Database]:
    """A server that the tests of this module share and leave as they found it."""
    with open_database(DatabaseSettings(data=shared_place / "data"), report=quiet) as database:
        yield database


def test_app_role_is_no_superuser_and_owns_nothing(running):
    row = one(
        running,
        """SELECT ROW(rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication)::text
             FROM pg_roles WHERE rolname = current_user""",
    )
    assert row == "(f,f,f,f,f)"
    assert one(running, "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole") == 0


def test_owner_owns_the_database_and_is_no_superuser(running):
    assert one(running, "SELECT current_setting('is_superuser')", role="owner") == "off"
    assert one(
        running, "SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()"
    ) == ("willowbark_owner")


def test_app_role_may_not_make_a_table_nor_read_what_it_was_not_granted(running):
    with psycopg.connect(**running.owner.libpq(), autocommit=True) as owner:
        owner.execute("CREATE TABLE private (id int)")
        try:
            with psycopg.connect(**running.app.libpq(), autocommit=True) as app:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    app.execute("SELECT * FROM private")
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    app.execute("CREATE TABLE mine (id int)")
                app.execute("CREATE TEMP TABLE staging (id int)")
        finally:
            owner.execute("DROP TABLE private")


def test_only_a_right_password_is_let_in(running):
    for params in (running.app, running.owner):
        for wrong in ("", "wrong"):
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(**{**params.libpq(), "password": wrong})


def test_superuser_too_needs_its_password(running):
    superuser = running.server.params("superuser")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(**{**superuser.libpq(), "password": ""})
    with psycopg.connect(**superuser.libpq()) as connection:
        kept = connection.execute(
            "SELECT DISTINCT left(rolpassword, 13) FROM pg_authid WHERE rolcanlogin"
        ).fetchall()
        assert kept == [("SCRAM-SHA-256",)]


def test_server_listens_on_its_socket_alone_keeps_checksums_and_writes_through(running):
    for setting, value in {
        "listen_addresses": "",
        "data_checksums": "on",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "server_encoding": "UTF8",
        "log_min_error_statement": "panic",
    }.items():
        assert one(running, f"SHOW {setting}") == value


def test_extensions_are_there(running):
    assert one(running, "SELECT similarity('willow', 'willows') > 0.5")
    assert one(running, "SELECT unaccent('Zoë')") == "Zoe"


def test_a_statement_that_fails_leaves_no_trace_in_the_log(running):
    with pytest.raises(psycopg.Error):
        one(running, "SELECT 'a-secret-diagnosis'::uuid")
    logs = list((running.server.folder.cluster / "log").glob("*.log"))
    assert logs
    assert not any("a-secret-diagnosis" in log.read_text() for log in logs)


def test_folders_and_files_are_private(running):
    folder = running.server.folder
    cluster = folder.cluster.stat()
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (folder.root, *folder.root.iterdir())}
    assert (
        modes[folder.cluster] == modes[folder.socket] == modes[folder.secrets] == modes[folder.locks] == 0o700
    )
    assert modes[folder.state] == modes[folder.layout] == 0o600
    assert modes[folder.root] == (0o710 if running_as_root() else 0o700)
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.secrets.iterdir()} == {0o600}
    assert folder.socket.stat().st_uid == cluster.st_uid
    if running_as_root():
        assert cluster.st_uid != 0
        assert folder.secrets.stat().st_uid == folder.configuration.stat().st_uid == 0


def test_a_second_user_joins_the_running_server(running):
    settings = DatabaseSettings(data=running.server.folder.root)
    started = time.monotonic()
    with open_database(settings, report=quiet) as second:
        assert second.server.server_pid() == running.server.server_pid()
    assert time.monotonic() - started < 2
    # Leaving, the second does not stop what the first still uses.
    assert one(running, "SELECT 1") == 1


def test_settings_are_read_without_starting_anything(running, place):
    assert current("app", settings=DatabaseSettings(data=running.server.folder.root)) == running.app
    nothing = current("owner", settings=DatabaseSettings(data=place / "none"))
    assert nothing.password == ""
    assert not (place / "none").exists()


def test_passwords_are_not_shown(running):
    assert running.app.password
    assert running.app.password not in repr(running.app)
    commands = subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    for secret in running.server.folder.secrets.iterdir():
        assert secret.read_text().strip() not in commands


def test_server_stops_with_its_last_user_and_keeps_what_was_written(settings):
    with open_database(settings, report=quiet) as database:
        with psycopg.connect(**database.owner.libpq()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        first = database.server.server_pid()
    folder = wait_until_stopped(settings.data)
    assert not (folder.socket / SOCKET_FILE).exists()
    assert not (folder.cluster / "postmaster.pid").exists()
    with open_database(settings, report=quiet) as database:
        assert database.server.server_pid() != first
        assert one(database, "SELECT number FROM kept", role="owner") == 7


def test_many_first_starts_at_once_make_one_server(settings):
    pids: list[int] = []
    failures: list[BaseException] = []
    together = threading.Barrier(4)

    def use() -> None:
        try:
            together.wait()
            with open_database(settings, report=quiet) as database:
                pids.append(database.server.server_pid())
                together.wait()
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)
            together.abort()

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(pids) == 4
    assert len(set(pids)) == 1


def test_leaving_and_joining_in_quick_turn(settings):
    for number in range(4):
        with open_database(settings, report=quiet) as database:
            assert one(database, f"SELECT {number}") == number


def test_a_path_too_long_for_a_socket_gets_a_short_private_folder(settings, place):
    long = place / ("d" * 60) / ("e" * 60) / "data"
    with open_database(replace(settings, data=long), report=quiet) as database:
        folder = Path(database.app.host)
        assert not folder.is_relative_to(place)
        assert len(os.fsencode(folder / SOCKET_FILE)) < 108
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert one(database, "SELECT 1") == 1
    wait_until_stopped(long)
    folder.rmdir()


def test_a_folder_of_something_else_is_refused_and_left_alone(settings):
    settings.data.mkdir()
    (settings.data / "photos").mkdir()
    before = settings.data.stat().st_mode
    with pytest.raises(FolderRefused, match="photos"), open_database(settings, report=quiet):
        pass
    assert settings.data.stat().st_mode == before
    assert [path.name for path in settings.data.iterdir()] == ["photos"]


def test_a_folder_whose_making_was_cut_short_is_taken_up(settings):
    settings.data.mkdir()
    (settings.data / "secrets").mkdir()
    with open_database(settings, report=quiet) as database:
        half = database.server.folder.root / "postgres.new"
        half.mkdir()
    with open_database(settings, report=quiet) as database:
        assert one(database, "SELECT 1") == 1


def test_it_starts_with_an_empty_path_and_no_home(place):
    script = (
        "from willowbark.foundation.database import open_database\n"
        "import psycopg\n"
        "with open_database() as database:\n"
        "    print(psycopg.connect(**database.app.libpq()).execute('SELECT 41 + 1').fetchone()[0])\n"
    )
    environment = {"WILLOWBARK_DATA": str(place / "data"), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True, cwd="/"
    )
    assert done.stdout.strip() == "42"


def test_app_role_that_was_given_too_much_is_refused(settings):
    with open_database(settings, report=quiet) as database:
        superuser = database.server.params("superuser").libpq()
        for gift, complaint in (
            ("ALTER ROLE willowbark_app BYPASSRLS", "bypasses row-level security"),
            ("GRANT willowbark_owner TO willowbark_app", "'willowbark_owner', which owns"),
        ):
            with psycopg.connect(**superuser) as connection:
                connection.execute(gift)
            with pytest.raises(UnsafeRole, match=complaint), open_database(settings, report=quiet):
                pass
            with psycopg.connect(**superuser) as connection:
                connection.execute("ALTER ROLE willowbark_app NOBYPASSRLS")
    # The next start gives the role back what it may have, and no more.
    wait_until_stopped(settings.data)
    with open_database(settings, report=quiet) as database:
        assert one(database, "SELECT rolbypassrls FROM pg_roles WHERE rolname = current_user") is False
        assert one(database, "SELECT pg_has_role('willowbark_owner', 'MEMBER')") is False
