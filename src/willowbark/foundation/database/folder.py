"""
The data folder: what is where, who owns it, with which mode.

    LAYOUT       marks the folder as ours, with the version of this layout
    secrets/     0700  passwords, one file each
    locks/       0700  who uses the database, who runs it, who serves
    state.json   0600  what the keeper last said about the server
    logs/        0700  the keeper's log and the server's start-up output
    conf/        0750  the server's configuration, which the server may read and never write
    postgres/    0700  the cluster, the server account's
    socket/      0700  its Unix socket, the server account's (elsewhere when the path would be too long)
    server/      0755  as root only: the server's binaries, when its account cannot reach the environment

As root, what the server must not change stays root's. No folder but these has its mode touched.
"""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .account import Account, choose_account, first_closed_folder
from .errors import FolderRefused
from .settings import DatabaseSettings, running_as_root, socket_path_limit_bytes

LAYOUT = "willowbark 1\n"
# A folder without its mark yet is ours when it holds nothing else: a start may have been cut short.
OURS = {"secrets", "locks", "logs", "conf", "socket", "state.json"}
PORT = 5432
SOCKET_FILE = f".s.PGSQL.{PORT}"


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The paths inside one data folder; makes nothing by itself."""

    root: Path

    @property
    def layout(self) -> Path:
        """The file that marks the folder as ours."""
        return self.root / "LAYOUT"

    @property
    def secrets(self) -> Path:
        """The folder of passwords."""
        return self.root / "secrets"

    @property
    def locks(self) -> Path:
        """The folder of lock files."""
        return self.root / "locks"

    @property
    def clients_lock(self) -> Path:
        """Held together by everybody who uses the database; alone by the keeper while it stops."""
        return self.locks / "clients"

    @property
    def keeper_lock(self) -> Path:
        """Held by the one keeper for its whole life."""
        return self.locks / "keeper"

    @property
    def state(self) -> Path:
        """What the keeper last said."""
        return self.root / "state.json"

    @property
    def logs(self) -> Path:
        """The folder of our logs (the server's own are in the cluster)."""
        return self.root / "logs"

    @property
    def configuration(self) -> Path:
        """The folder of the server's configuration."""
        return self.root / "conf"

    @property
    def cluster(self) -> Path:
        """PostgreSQL's data directory."""
        return self.root / "postgres"

    @property
    def server(self) -> Path:
        """Where binaries are copied when the server's account cannot reach the environment."""
        return self.root / "server"

    @property
    def socket(self) -> Path:
        """
        The private folder of the server's socket.

        A Unix socket's path is bounded; when the data folder's is too long, a short private folder is
        used, named after the data folder and its owner: in /run for root, else in the user's runtime
        folder or, without one, /tmp. `claim_socket_folder` refuses one that is not the account's own.
        """
        inside = self.root / "socket"
        if len(os.fsencode(inside / SOCKET_FILE)) <= socket_path_limit_bytes():
            return inside
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        if running_as_root():
            return Path("/run") / f"willowbark-{digest}"
        user = os.geteuid()
        runtime = Path(f"/run/user/{user}")
        if runtime.is_dir() and os.access(runtime, os.W_OK | os.X_OK):
            return runtime / f"willowbark-{digest}"
        return Path("/tmp") / f"willowbark-{user}-{digest}"  # noqa: S108 - made 0700, refused when another's

    def keep(self, name: str, content: str) -> None:
        """Write the file `name` in this folder so that a reader sees all of it or none; 0600."""
        partial = self.root / f".{name}.{os.getpid()}.{threading.get_ident()}"
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(content)
        partial.replace(self.root / name)


def _our_folder(path: Path, *, uid: int, gid: int, mode: int) -> None:
    """Make `path`, or see that it has exactly this owner and mode; only for folders that are ours."""
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise FolderRefused(f"{path} must be a folder, and is not")
    if (found.st_uid, found.st_gid) != (uid, gid):
        if not running_as_root():
            if found.st_uid != uid:
                raise FolderRefused(f"{path} belongs to user id {found.st_uid}; run this as that user")
        else:
            os.chown(path, uid, gid)
    if stat.S_IMODE(found.st_mode) != mode:
        path.chmod(mode)


def _is_partial(name: str) -> bool:
    """Whether `keep` was killed while it wrote this."""
    return name.startswith((".LAYOUT.", ".state.json."))


def _claim_root(folder: DataFolder, account: Account) -> None:
    root = folder.root
    try:
        root.parent.mkdir(parents=True, exist_ok=True)
        root.mkdir(mode=0o700, exist_ok=True)
        names = sorted(set(os.listdir(root)) - {"lost+found"})
    except OSError as error:
        raise FolderRefused(
            f"the data folder {root} cannot be used: {error.strerror} ({error.filename})"
        ) from error
    if folder.layout.exists():
        if (found := folder.layout.read_text()) != LAYOUT:
            raise FolderRefused(
                f"{root} has layout {found.strip()!r}, and this version reads {LAYOUT.strip()!r}"
            )
    elif strange := [name for name in names if name not in OURS and not _is_partial(name)]:
        raise FolderRefused(
            f"{root} holds {strange[0]!r} and is not a Willowbark data folder; "
            "name an empty or a new one in WILLOWBARK_DATA"
        )
    if root.stat().st_uid != os.geteuid():
        raise FolderRefused(
            f"the data folder {root} belongs to user id {root.stat().st_uid} and you are {os.geteuid()}; "
            "run this as its owner, or name another folder in WILLOWBARK_DATA"
        )
    group = account.gid if account.switched else os.getegid()
    _our_folder(root, uid=os.geteuid(), gid=group, mode=0o710 if account.switched else 0o700)
    if closed := first_closed_folder(root, account):
        raise FolderRefused(
            f"the database runs as {account.name!r}, which may not pass {closed}; "
            "name a folder that every account may reach in WILLOWBARK_DATA"
        )
    if not folder.layout.exists():
        folder.keep("LAYOUT", LAYOUT)


def claim_socket_folder(path: Path, account: Account) -> None:
    """
    Make the socket's folder, private to the server's account.

    Raises:
        FolderRefused: somebody else made it first, so it cannot be trusted.
    """
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {account.uid, os.geteuid()}:
            raise FolderRefused(
                f"{path} exists and is not ours; remove it, for the database's socket goes there"
            ) from None
    except OSError as error:
        raise FolderRefused(f"the socket folder {path} cannot be made: {error.strerror}") from error
    _our_folder(path, uid=account.uid, gid=account.gid, mode=0o700)


def prepare(settings: DatabaseSettings, report: Callable[[str], None]) -> tuple[DataFolder, Account]:
    """
    The data folder, made and with the right owners and modes, and the account that runs the server.

    Raises:
        FolderRefused: the folder is another's, holds something else, or the account cannot reach it.
        StartFailed: there is no account to run the server as.
    """
    folder = DataFolder(settings.data)
    try:
        account = choose_account(wished=settings.account, cluster=folder.cluster, report=report)
        _claim_root(folder, account)
        mine, group = os.geteuid(), os.getegid()
        for path in (folder.secrets, folder.locks, folder.logs):
            _our_folder(path, uid=mine, gid=group, mode=0o700)
        server_group = account.gid if account.switched else group
        _our_folder(folder.configuration, uid=mine, gid=server_group, mode=0o750)
        claim_socket_folder(folder.socket, account)
    except OSError as error:
        why = error.strerror or str(error)
        raise FolderRefused(f"{error.filename or settings.data} cannot be used: {why}") from error
    return folder, account
