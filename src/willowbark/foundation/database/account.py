"""
The account that the embedded server runs as.

PostgreSQL refuses to run as root. As root the server gets an account that owns only the cluster's
files: `willowbark`, made on first use. Where no account can be made (a read-only /etc, no useradd),
`postgres` is taken, an account kept for just this; then `nobody`, which other services may share, so
it comes last and is said aloud.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import FolderRefused, StartFailed
from .settings import running_as_root

OWN_ACCOUNT = "willowbark"
NO_LOGIN = "/usr/sbin/nologin"


@dataclass(frozen=True, slots=True)
class Account:
    """
    Who runs the server.

    Attributes:
        switched: whether that is another than who runs this process, which only root can arrange.
    """

    name: str
    uid: int
    gid: int
    switched: bool

    def popen_arguments(self) -> dict[str, Any]:
        """Arguments that make `subprocess` start a program as this account, with no group but its own."""
        if not self.switched:
            return {"umask": 0o077}
        return {"user": self.uid, "group": self.gid, "extra_groups": [], "umask": 0o077}


def current_account() -> Account:
    """The account of this process, for when it is not root."""
    uid = os.geteuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError as error:
        # initdb looks the name up and refuses without one.
        raise StartFailed(
            f"user id {uid} has no entry in the machine's list of accounts, which PostgreSQL needs; "
            "add one, or use a server through DATABASE_URL"
        ) from error
    return Account(name=name, uid=uid, gid=os.getegid(), switched=False)


def _named(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    if entry.pw_uid == 0:
        return None
    return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid, switched=True)


def _make_own() -> Account | None:
    """Make the account `willowbark`: no password, no shell, no home, a group of its own."""
    if useradd := shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin"):
        command = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        command += ["--shell", NO_LOGIN, OWN_ACCOUNT]
    elif adduser := shutil.which("adduser", path="/usr/sbin:/sbin:/usr/bin:/bin"):
        # BusyBox: -S a system account, -D no password, -H no home.
        command = [adduser, "-S", "-D", "-H", "-s", "/sbin/nologin", OWN_ACCOUNT]
    else:
        return None
    subprocess.run(command, check=False, capture_output=True, stdin=subprocess.DEVNULL)
    # Two first starts may race: what counts is whether the account exists now.
    return _named(OWN_ACCOUNT)


def choose_account(*, wished: str, cluster: Path, report: Callable[[str], None]) -> Account:
    """
    The account to run the server as: who runs this, or as root an unprivileged one.

    A cluster that exists is its owner's for good, so it decides before `wished` does.

    Raises:
        FolderRefused: the cluster belongs to somebody this process cannot act as.
        StartFailed: as root, and there is no account to use.
    """
    owner_uid = cluster.stat().st_uid if cluster.exists() else None
    if not running_as_root():
        account = current_account()
        if owner_uid is not None and owner_uid != account.uid:
            raise FolderRefused(
                f"the database in {cluster.parent} belongs to user id {owner_uid}; run this as that user, "
                "or name another folder in WILLOWBARK_DATA"
            )
        return account
    if owner_uid is not None:
        entry = pwd.getpwuid(owner_uid)
        if owner_uid == 0:
            raise FolderRefused(
                f"{cluster} belongs to root, whom PostgreSQL refuses; give it to another account"
            )
        return Account(name=entry.pw_name, uid=owner_uid, gid=entry.pw_gid, switched=True)
    if wished:
        named = _named(wished)
        if named is None:
            raise StartFailed(
                f"WILLOWBARK_SERVER_ACCOUNT names {wished!r}, which is no unprivileged account here"
            )
        return named
    own = _named(OWN_ACCOUNT) or _make_own()
    if own is not None:
        return own
    for name in ("postgres", "_postgres", "nobody"):
        if other := _named(name):
            report(f"no account of our own could be made; the database runs as {name!r}")
            return other
    raise StartFailed(
        "PostgreSQL refuses to run as root and there is no other account to run it as; "
        "run willow as an ordinary user, or name one in WILLOWBARK_SERVER_ACCOUNT"
    )


def first_closed_folder(path: Path, account: Account) -> Path | None:
    """
    The first folder on the way to `path` that `account` may not pass, None when it can reach `path`.

    Reads the mode bits; an access list beyond them is not seen.
    """
    if not account.switched:
        return None
    for folder in reversed([path, *path.parents]):
        if not folder.is_dir():
            return None
        found = folder.stat()
        if found.st_uid == account.uid:
            passable = bool(found.st_mode & 0o100)
        elif found.st_gid == account.gid:
            passable = bool(found.st_mode & 0o010)
        else:
            passable = bool(found.st_mode & 0o001)
        if not passable:
            return folder
    return None
