"""The doctor names what is wrong, and mends it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import shutil
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from willowbark.foundation.backup import keeping
from willowbark.foundation.database import DatabaseSettings, StartFailed, open_database
from willowbark.foundation.database.tests.helpers import one, quiet, wait_until_stopped
from willowbark.foundation.doctor import database, environment, storage
from willowbark.foundation.doctor.finding import Finding
from willowbark.foundation.doctor.recovering import reset_superuser, scram_verifier
from willowbark.foundation.processes import free_port


@pytest.fixture
def settings() -> Iterator[DatabaseSettings]:
    """An installation whose database was started once."""
    top = Path(tempfile.mkdtemp(prefix="wb-"))
    top.chmod(0o711)
    settings = DatabaseSettings(data=top / "data")
    with open_database(settings, report=quiet):
        pass
    wait_until_stopped(settings.data)
    yield settings
    wait_until_stopped(settings.data)
    shutil.rmtree(top)


def verdicts(findings: Iterator[Finding]) -> dict[str, str]:
    return {finding.subject: finding.verdict for finding in findings}


def mend(findings: Iterator[Finding]) -> None:
    for finding in findings:
        if finding.verdict == "wrong":
            assert finding.mend is not None, finding.message
            finding.mend()


def test_a_folder_open_to_others_is_named_and_closed(settings):
    assert verdicts(storage.look_at_folder(settings)) == {"data folder": "well"}
    (settings.data / "secrets").chmod(0o755)
    (settings.data / "secrets" / "owner").chmod(0o644)
    (finding,) = storage.look_at_folder(settings)
    assert finding.verdict == "wrong"
    assert "owner has mode 644" in finding.message
    mend(storage.look_at_folder(settings))
    assert verdicts(storage.look_at_folder(settings)) == {"data folder": "well"}


def test_a_lost_password_is_named_and_the_database_opened_again(settings):
    with (
        open_database(settings, report=quiet) as opened,
        psycopg.connect(**opened.owner.libpq()) as connection,
    ):
        connection.execute("CREATE TABLE kept AS SELECT 5 AS number")
    wait_until_stopped(settings.data)
    shutil.rmtree(settings.data / "secrets")
    assert verdicts(database.look_at_secrets(settings)) == {"secrets": "wrong"}
    mend(database.look_at_secrets(settings))
    assert verdicts(database.look_at_secrets(settings)) == {"secrets": "well"}
    with open_database(settings, report=quiet) as opened:
        assert one(opened, "SELECT number FROM kept", role="owner") == 5


def test_a_password_is_not_reset_under_a_running_server(settings):
    with open_database(settings, report=quiet), pytest.raises(StartFailed, match="stop willow first"):
        reset_superuser(settings)


def test_a_role_that_was_given_too_much_is_named_and_put_back(settings, monkeypatch):
    monkeypatch.setattr(database, "look_at_schema", lambda: iter(()))
    with open_database(settings, report=quiet) as opened:
        with psycopg.connect(**opened.server.params("superuser").libpq()) as connection:
            connection.execute("ALTER ROLE willowbark_app SUPERUSER")
        assert verdicts(database.look_at_database(settings, quiet)) == {"roles": "wrong"}
        mend(database.look_at_database(settings, quiet))
        assert set(verdicts(database.look_at_database(settings, quiet)).values()) == {"well"}


def test_a_pid_file_that_was_left_is_told(settings):
    assert verdicts(storage.look_at_leftovers(settings)) == {"leftovers": "well"}
    (settings.data / "postgres" / "postmaster.pid").write_text("999999999\n")
    assert verdicts(storage.look_at_leftovers(settings)) == {"leftovers": "look"}


def test_a_practice_without_a_recent_backup_is_told(settings):
    now = datetime(2026, 2, 10, tzinfo=UTC)

    def said() -> tuple[str, str]:
        (finding,) = storage.look_at_backups(settings, now)
        return finding.verdict, finding.message

    assert said() == ("look", "none by `willow backup` yet")
    notes = keeping.Notes(last_at="2026-02-05T02:00:00+00:00", last_path="/mnt/x.backup")
    keeping.remember(settings.data, lambda _: notes)
    assert said()[0] == "look"
    assert "4 days old: /mnt/x.backup" in said()[1]
    keeping.remember(settings.data, lambda _: replace(notes, last_at="2026-02-09T02:00:00+00:00"))
    assert "recovery code was never shown" in said()[1]
    keeping.remember(settings.data, lambda before: replace(before, key_shown_at="2026-01-01T00:00:00+00:00"))
    assert said() == ("well", "the last one is 0 days old: /mnt/x.backup")


def test_a_new_installation_is_well(settings, tmp_path):
    new = DatabaseSettings(data=tmp_path / "none")
    assert verdicts(storage.look_at_folder(new)) == {"data folder": "well"}
    assert verdicts(storage.look_at_backups(new, datetime.now(UTC))) == {}
    assert verdicts(storage.look_at_leftovers(new)) == {"leftovers": "well"}
    assert verdicts(database.look_at_secrets(new)) == {"secrets": "well"}
    assert verdicts(database.look_at_database(new, quiet)) == {"database": "well"}
    assert not new.data.exists()


def test_a_disk_without_room_is_named(tmp_path, monkeypatch):
    class Full:
        free = 10 * 1024 * 1024

    monkeypatch.setattr(shutil, "disk_usage", lambda path: Full)
    assert verdicts(storage.look_at_disk(tmp_path / "data")) == {"disk": "wrong"}


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        (datetime(1970, 1, 2, tzinfo=UTC), "wrong"),
        (datetime(2026, 1, 1, tzinfo=UTC), "well"),
        (datetime(2999, 1, 1, tzinfo=UTC), "wrong"),
    ],
)
def test_a_clock_that_cannot_be_right_is_named(now, verdict):
    assert verdicts(environment.look_at_clock(now)) == {"clock": verdict}


def test_packages_are_compared_with_the_lock(tmp_path):
    lock = "a-b==1.2 \\\n    --hash=x\nc==3 ; sys_platform == 'win32' \\\n# d==4\n"
    assert environment.pins(lock) == {"a-b": "1.2"}
    (tmp_path / "requirements.lock").write_text("django==0.1 \\\nno-such-package==1 \\\n")
    (finding,) = environment.look_at_packages(tmp_path)
    assert finding.verdict == "wrong"
    assert "not 0.1" in finding.message
    assert "no-such-package is missing" in finding.message


def test_a_taken_port_is_named_unless_it_is_ours(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert verdicts(environment.look_at_port(tmp_path, "localhost", port, served=False)) == {
            "port": "wrong"
        }
        assert verdicts(environment.look_at_port(tmp_path, "localhost", port, served=True)) == {
            "port": "well"
        }
    free = free_port("localhost", port, search=True)
    assert verdicts(environment.look_at_port(tmp_path, "localhost", free, served=False)) == {"port": "well"}


def test_the_verifier_is_the_one_of_the_standards_example():
    # RFC 7677, section 3: user "user", password "pencil", this salt, 4096 iterations. Its server
    # signature follows from the ServerKey: HMAC(ServerKey, AuthMessage).
    salt = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
    verifier = scram_verifier("pencil", salt)
    server_key = base64.b64decode(verifier.rsplit(":", 1)[1])
    nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    message = f"n=user,r=rOprNGfwEbeRWgbNEkqO,r={nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r={nonce}"
    signature = base64.b64encode(hmac.digest(server_key, message.encode(), hashlib.sha256)).decode()
    assert signature == "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
