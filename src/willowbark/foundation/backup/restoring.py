"""
Reading a backup back: into a database of its own beside the practice's, which is compared with what was
backed up, row by row, and then dropped (`check`) or kept as a practice's data folder (`restore`).

Nothing is made before the whole file has been read and found authentic, and what is made becomes a data
folder only when the digests are equal.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import psycopg
from psycopg import sql

import willowbark
from willowbark.foundation import row_digest
from willowbark.foundation.database import (
    ConnectionParams,
    Database,
    DatabaseSettings,
    binaries,
    cluster,
    locks,
    open_database,
    passwords,
    roles,
)
from willowbark.foundation.database.folder import DataFolder, prepare
from willowbark.foundation.database.settings import DATABASE_NAME
from willowbark.foundation.encryption import columns
from willowbark.foundation.encryption import keeping as field_keys
from willowbark.foundation.encryption.errors import EncryptionProblem

from . import contents, keeping, keys, programs
from .contents import Manifest, Parts
from .errors import Damaged, Different, DumpFailed, PlaceRefused, TooNew, Unreadable
from .keys import BackupKey
from .sealed import Header, SealedReader

Connection = psycopg.Connection[tuple[Any, ...]]
Report = Callable[[str], None]
OpenSealed = Callable[[Connection, DataFolder, Report], None]

STAGING = ".restoring-"
CHECKING = ".checking-"
_HARMLESS = {"lost+found"}


@dataclass(frozen=True, slots=True)
class Inspected:
    """A backup that was read to its end and is authentic, whole, and not too new for us."""

    path: Path
    header: Header
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, compared, and how long that took."""

    header: Header
    tables: int
    seconds: float


def inspect(path: Path, key: BackupKey) -> Inspected:
    """
    Read a backup to its end.

    Raises:
        PlaceRefused: it cannot be read.
        NotABackup, WrongKey, Damaged, CutShort, TooNew: as they say.
    """
    with _open(path) as file:
        reader = SealedReader(file)
        _check_version(reader.header)
        manifest = None
        for name, content in Parts(reader.chunks(key)):
            if name == contents.MANIFEST:
                manifest = Manifest.parse(b"".join(content))
                _check_migrations(manifest, reader.header)
    if manifest is None:
        raise Damaged("the backup does not say what it holds")
    return Inspected(path, reader.header, manifest)


def check(
    path: Path, key: BackupKey, settings: DatabaseSettings, *, report: Report = lambda message: None
) -> Restored:
    """
    Restore into a scratch server, compare, and drop it whatever happens. No practice is touched.

    Raises:
        Different: it restores to something else.
        Unreadable: the field keys in it do not open what is sealed in it, whatever keys this machine has.
        BackupProblem, DatabaseProblem: it cannot be restored; the message says why.
    """
    began = time.monotonic()
    inspected = inspect(path, key)
    place = settings.data if DataFolder(settings.data).layout.exists() else Path(tempfile.gettempdir())
    with _staging(place, CHECKING) as staging:
        scratch = DatabaseSettings(data=staging, account=settings.account, durable=False)
        _restore(inspected, key, scratch, _open_with_its_own, report)
    return Restored(inspected.header, len(inspected.manifest.tables), time.monotonic() - began)


def restore(
    path: Path,
    key: BackupKey,
    target: Path,
    settings: DatabaseSettings,
    *,
    without_field_keys: bool = False,
    report: Report = lambda message: None,
) -> Restored:
    """
    Make `target`, absent or empty, the data folder of the practice that was backed up.

    Of `settings` only the server's account is used. Where the field keys in the backup do not open what is
    sealed in it, those of this machine are tried, and come along. `without_field_keys` restores it even when
    nothing opens: what is sealed then stays so until the keys are found.

    Raises:
        PlaceRefused: `target` holds something, or cannot be written.
        Different: it restores to something else; `target` is left as it was.
        Unreadable: neither its field keys nor this machine's open what is sealed in it; the same.
        BackupProblem, DatabaseProblem: it cannot be restored; `target` is left as it was.
    """
    began = time.monotonic()
    check_empty(target)
    inspected = inspect(path, key)
    with _made(target), _staging(target, STAGING) as staging:
        new = DatabaseSettings(data=staging, account=settings.account, durable=settings.durable)
        _restore(inspected, key, new, _leave_sealed if without_field_keys else _open_with_any, report)
        keys.keep(DataFolder(staging).secrets, key)
        _move_in(staging, target)
    return Restored(inspected.header, len(inspected.manifest.tables), time.monotonic() - began)


def check_empty(target: Path) -> None:
    """
    See that a practice can be restored there.

    Raises:
        PlaceRefused: it is no folder, or holds something.
    """
    if not target.exists():
        return
    if not target.is_dir():
        raise PlaceRefused(f"{target} is not a folder")
    try:
        names = {name for name in os.listdir(target) if not name.startswith(STAGING)} - _HARMLESS
    except OSError as error:
        raise keeping.why(error, target) from error
    folder = DataFolder(target)
    if folder.cluster.exists():
        raise PlaceRefused(
            f"{target} holds a practice, which is left as it is: name another folder with --into"
        )
    if names:
        raise PlaceRefused(
            f"{target} is not empty (it holds {min(names)!r}): name an empty or a new folder with --into"
        )


@contextmanager
def _open(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except FileNotFoundError as error:
        raise PlaceRefused(f"there is no file {path}") from error
    except OSError as error:
        raise keeping.why(error, path) from error


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())


def _check_version(header: Header) -> None:
    if _version(header.willowbark) > _version(willowbark.__version__):
        raise TooNew(
            f"Willowbark {header.willowbark} made this backup, and this is {willowbark.__version__}:"
            " bring Willowbark up to that version first"
        )
    ours, theirs = programs.pg_restore().version, max(header.server, header.dump, key=_version)
    if _version(theirs)[:1] > _version(ours)[:1]:
        raise TooNew(
            f"this backup was made with PostgreSQL {theirs}, and the embedded one is {ours}:"
            " bring Willowbark up to a version that has it first"
        )


def _check_migrations(manifest: Manifest, header: Header) -> None:
    unknown = sorted(set(manifest.migrations) - known_migrations())
    if unknown:
        raise TooNew(
            f"a newer version of Willowbark made this backup, {header.moment}: it knows {unknown[0]}"
            f"{f' and {len(unknown) - 1} more changes' if unknown[1:] else ''} of the database that this one"
            " does not. Bring Willowbark up to that version first"
        )


def known_migrations() -> set[str]:
    """Every migration of ours and of the libraries, as 'app.name'. Loads Django, which must be set up."""
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None, ignore_no_migrations=True)
    replaced = {pair for one in loader.disk_migrations.values() for pair in one.replaces}
    return {f"{app}.{name}" for app, name in {*loader.disk_migrations, *replaced}}


@contextmanager
def _made(target: Path) -> Iterator[None]:
    """Have the folder, open to the server's account while it is filled; as before when the block fails."""
    try:
        is_new = not target.exists()
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = target.stat().st_mode & 0o7777
        target.chmod(0o711)
    except OSError as error:
        raise keeping.why(error, target) from error
    try:
        yield
    except BaseException:
        with suppress(OSError):
            if is_new:
                target.rmdir()
            else:
                target.chmod(mode)
        raise
    # The first start gives it the mode that its server's account needs.
    target.chmod(0o700)


@contextmanager
def _staging(place: Path, beginning: str) -> Iterator[Path]:
    """A new folder inside `place` for the block; gone afterwards, like those of restores that were killed."""
    try:
        _forget_interrupted(place, beginning)
        staging = Path(tempfile.mkdtemp(prefix=beginning, dir=place))
        held = os.open(staging, os.O_RDONLY)
    except OSError as error:
        raise keeping.why(error, place) from error
    try:
        # A lock ends with its process: whoever finds the folder unlocked knows that nobody uses it.
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield staging
    finally:
        _remove(staging)
        os.close(held)


def _forget_interrupted(place: Path, beginning: str) -> None:
    for left in place.glob(f"{beginning}*"):
        if left.stat().st_uid != os.geteuid():
            continue
        held = os.open(left, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(left)
        except BlockingIOError:
            continue
        finally:
            os.close(held)


def _remove(staging: Path) -> None:
    """Remove a staged data folder, once its server has stopped, with a socket that lies elsewhere."""
    folder = DataFolder(staging)
    _wait_until_stopped(folder)
    if folder.socket.parent != staging:
        shutil.rmtree(folder.socket, ignore_errors=True)
    shutil.rmtree(staging, ignore_errors=True)


def _wait_until_stopped(folder: DataFolder) -> None:
    while locks.is_held(folder.keeper_lock):
        time.sleep(0.02)


def _restore(
    inspected: Inspected, key: BackupKey, settings: DatabaseSettings, open_sealed: OpenSealed, report: Report
) -> None:
    """Make a data folder of the backup, compared and stopped again."""
    manifest = inspected.manifest
    folder, account = prepare(settings, report)
    server = binaries.usable_by(account, folder.server, report)
    cluster.make(folder, account, server, durable=settings.durable, report=lambda message: None)
    cluster.count_on_from(folder.cluster, account, server, highest_transaction=manifest.highest_transaction)
    with open_database(settings, report=report) as database, _open(inspected.path) as file:
        for name, content in Parts(SealedReader(file).chunks(key)):
            if name == contents.DUMP:
                report("restoring the database")
                _load(database, manifest, content)
            elif name != contents.MANIFEST:
                _put(folder, name, content)
        report("comparing every row")
        _compare(database.owner, inspected)
        with psycopg.connect(**database.owner.libpq()) as connection:
            if columns.is_anything_sealed(connection):
                open_sealed(connection, folder, report)
    _wait_until_stopped(folder)


def _load(database: Database, manifest: Manifest, archive: Iterator[bytes]) -> None:
    """Load the archive into the new server as a plain owner, under the name that it has in the archive."""
    superuser = database.server.params("superuser").to_database("postgres")
    name = sql.Identifier(DATABASE_NAME)
    try:
        with psycopg.connect(**superuser.libpq(), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
            with _roles_named(connection, {roles.OWNER: manifest.owner, roles.APP: manifest.app}) as names:
                owner, app = names[roles.OWNER], names[roles.APP]
                roles.create_database(connection, DATABASE_NAME, owner=owner)
                roles.grant_connect(connection, DATABASE_NAME, owner=owner, app=app)
                with psycopg.connect(
                    **superuser.to_database(DATABASE_NAME).libpq(), autocommit=True
                ) as inside:
                    roles.open_schema(inside, app=app)
                programs.load(programs.pg_restore(), replace(database.owner, user=owner), archive)
        with psycopg.connect(**database.owner.libpq(), autocommit=True) as connection:
            connection.execute("ANALYZE")
    except psycopg.Error as error:
        raise DumpFailed(f"the database could not be restored: {str(error).strip()}") from error


@contextmanager
def _roles_named(connection: Connection, wanted: dict[str, str]) -> Iterator[dict[str, str]]:
    """
    Have our roles bear other names for the block: the archive grants rights by name. Yields ours -> theirs.

    Grants follow a role through its renaming. A name that the new server needs itself stays out of it.
    """
    names = {ours: ours if theirs == cluster.SUPERUSER else theirs for ours, theirs in wanted.items()}
    changed = {ours: theirs for ours, theirs in names.items() if ours != theirs}
    rename = sql.SQL("ALTER ROLE {} RENAME TO {}")
    for ours, theirs in changed.items():
        connection.execute(rename.format(sql.Identifier(ours), sql.Identifier(theirs)))
    yield names
    for ours, theirs in changed.items():
        connection.execute(rename.format(sql.Identifier(theirs), sql.Identifier(ours)))


def _put(folder: DataFolder, name: str, content: Iterator[bytes]) -> None:
    """One file of the data folder, 0600."""
    plain = name.removeprefix(contents.SECRETS)
    if plain != Path(plain).name or plain.startswith(".") or (plain == name and name != contents.ANCHORS):
        raise Damaged(f"the backup holds {name!r}, which belongs nowhere")
    place = (folder.root if plain == name else folder.secrets) / plain
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for piece in content:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _compare(owner: ConnectionParams, inspected: Inspected) -> None:
    with psycopg.connect(**owner.libpq()) as connection:
        found = row_digest.digest_of(connection)
    if found.whole != inspected.header.digest:
        names = found.differences(inspected.manifest.digest(inspected.header.digest))
        raise Different(f"the backup restores to something else than was backed up, in: {', '.join(names)}")


def _open_with_its_own(connection: Connection, folder: DataFolder, report: Report) -> None:
    """See that the keys in the backup open what is sealed in it."""
    try:
        columns.open_one_of_each_key(connection, field_keys.read(field_keys.own_file(folder.root)))
    except EncryptionProblem as problem:
        raise Unreadable(
            "the backup holds sensitive numbers that its own keys do not open;"
            f" everything else in it is as it was backed up: {problem}"
        ) from problem


def _open_with_any(connection: Connection, folder: DataFolder, report: Report) -> None:
    """The same; else with the keys of this machine, which are kept in the folder then."""
    try:
        _open_with_its_own(connection, folder, report)
    except Unreadable as problem:
        try:
            ring = field_keys.keyring()
            columns.open_one_of_each_key(connection, ring)
        except EncryptionProblem:
            raise Unreadable(
                f"{problem}. Nor do those of this machine: name the right ones in {field_keys.FILE},"
                " or restore with --without-field-keys, and these numbers stay sealed"
            ) from problem
        passwords.keep(folder.secrets, field_keys.KEY_FILE, ring.to_text())
        report("the field keys of this machine open what is sealed, not those in the backup: they come along")


def _leave_sealed(connection: Connection, folder: DataFolder, report: Report) -> None:
    """As `_open_with_any`; what nothing opens stays sealed."""
    try:
        _open_with_any(connection, folder, report)
    except Unreadable:
        report("nothing opens what is sealed: these numbers stay so until their keys are put back")


def _move_in(staging: Path, target: Path) -> None:
    """Everything up into the folder that holds it; the mark that makes it a data folder comes last."""
    folder = DataFolder(staging)
    folder.state.unlink(missing_ok=True)
    shutil.rmtree(staging / "socket", ignore_errors=True)
    mark = folder.layout.name
    moved: list[str] = []
    try:
        for name in sorted(os.listdir(staging), key=lambda one: (one == mark, one)):
            (staging / name).rename(target / name)
            moved.append(name)
        descriptor = os.open(target, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        for name in moved:
            with suppress(OSError):
                (target / name).rename(staging / name)
        if error.errno == errno.ENOSPC:
            raise keeping.why(error, target) from error
        raise PlaceRefused(f"{target} could not be filled: {error.strerror}") from error
