"""
Making a backup, while the practice works.

One read-only transaction of the tables' owner exports its snapshot. The digest of all rows is computed in it
and the dump is made of it, so both are of one moment, and what is written meanwhile is in neither. A snapshot
that reads holds up no writer, no delivery of the outbox and no seal: those wait for transactions that write.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

import willowbark
from willowbark.foundation import clock, row_digest
from willowbark.foundation.database import ConnectionParams, DatabaseSettings, open_database
from willowbark.foundation.database.folder import DataFolder
from willowbark.foundation.encryption import columns
from willowbark.foundation.encryption import keeping as field_keys
from willowbark.foundation.encryption.errors import EncryptionProblem
from willowbark.foundation.encryption.keyring import Keyring

from . import contents, keeping, keys, programs
from .contents import Manifest
from .errors import DumpFailed, NothingToBackUp, Unreadable
from .keys import BackupKey
from .sealed import Header, SealedWriter, new_salt

Connection = psycopg.Connection[tuple[Any, ...]]
Report = Callable[[str], None]

SAY_EVERY_S = 2.0
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Taken:
    """A finished backup."""

    path: Path
    header: Header
    size_bytes: int
    seconds: float
    tables: int
    removed: tuple[Path, ...]
    key_is_new: bool


def own_folder(settings: DatabaseSettings) -> Path:
    """Where backups go when nobody says: beside the database, so on the same disk."""
    return settings.data / "backups"


def take(
    settings: DatabaseSettings,
    *,
    folder: Path | None = None,
    key: BackupKey | None = None,
    keep: int = keeping.KEPT,
    without_field_keys: bool = False,
    report: Report,
) -> Taken:
    """
    Write a backup into `folder`, and keep this practice's newest `keep` there.

    Without `folder` it goes into the data folder's own; without `key` the installation's is used, or made.
    `without_field_keys` makes it even when the field keys are lost; then no older one is removed. Django is
    set up: the businesses say what of theirs is sealed.

    Raises:
        NothingToBackUp: there is no practice.
        Unreadable: the field keys do not open what is sealed.
        BackupProblem: one of its kinds; nothing half-done is left.
        DatabaseProblem: the database cannot be reached.
    """
    data = DataFolder(settings.data)
    if not settings.url and not data.cluster.exists():
        raise NothingToBackUp(f"there is no practice in {settings.data}")
    if folder is not None:
        keeping.check_folder(folder)
    with open_database(settings, report=report) as database:
        key_is_new = False
        if key is None:
            key, key_is_new = keys.read_or_make(data.secrets)
        if folder is None:
            folder = _make_own_folder(settings)
        taken = take_from(
            database.owner,
            app=database.app.user,
            data=settings.data,
            folder=folder,
            key=key,
            without_field_keys=without_field_keys,
            report=report,
        )
        # The older ones may be the last that hold the keys.
        removed = [] if without_field_keys else keeping.keep_newest(folder, key.id, keep)
    keeping.remember(
        settings.data,
        lambda notes: replace(notes, last_at=taken.header.created_at, last_path=str(taken.path)),
    )
    return replace(taken, removed=tuple(removed), key_is_new=key_is_new)


def _make_own_folder(settings: DatabaseSettings) -> Path:
    folder = own_folder(settings)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise keeping.why(error, folder) from error
    return folder


def take_from(
    owner: ConnectionParams,
    *,
    app: str,
    data: Path,
    folder: Path,
    key: BackupKey,
    without_field_keys: bool = False,
    report: Report,
) -> Taken:
    """
    Write a backup of the database that `owner` connects to, with the files of the data folder `data`.

    Raises:
        NothingToBackUp, ToolMissing, DumpFailed, PlaceRefused: as they say; nothing of the backup is left.
        Unreadable: the field keys do not open what is sealed, and nobody said that it be made without.
    """
    began = time.monotonic()
    # Before the snapshot: whatever the anchors speak of is in it.
    files = contents.files_of(data)
    with _snapshot(owner) as (connection, snapshot):
        program = programs.pg_dump_for(connection.info.server_version)
        created_at = clock.now()
        progress = _Progress(report)
        manifest, digest = _manifest(connection, owner=owner.user, app=app, progress=progress)
        keys_elsewhere = None if without_field_keys else _field_keys(connection, data)
        header = Header(
            created_at=created_at.isoformat(timespec="microseconds"),
            willowbark=willowbark.__version__,
            server=connection.info.parameter_status("server_version") or "",
            dump=program.version,
            digest=digest.whole,
            rows=digest.rows,
            key_id=key.id,
            salt=new_salt(),
        )
        path = keeping.new_path(folder, created_at)
        with keeping.written(path) as file:
            sealed = SealedWriter(file, header, key)
            contents.write_part(sealed.write, contents.MANIFEST, manifest.to_bytes())
            for name, source in files:
                if name == contents.FIELD_KEYS and keys_elsewhere is not None:
                    continue
                contents.write_file(sealed.write, name, source)
            if keys_elsewhere is not None:
                contents.write_part(sealed.write, contents.FIELD_KEYS, keys_elsewhere.encode())
            contents.write_head(sealed.write, contents.DUMP, None)
            for piece in programs.dump(program, owner, snapshot=snapshot):
                sealed.write(piece)
                progress.say(f"{sealed.written_bytes // MIB:,} MiB written")
            sealed.finish()
    return Taken(
        path=path,
        header=header,
        size_bytes=sealed.written_bytes,
        seconds=time.monotonic() - began,
        tables=len(manifest.tables),
        removed=(),
        key_is_new=False,
    )


@contextmanager
def _snapshot(owner: ConnectionParams) -> Iterator[tuple[Connection, str]]:
    """A connection in a read-only transaction, and the name of its snapshot, which lasts as long."""
    try:
        with psycopg.connect(**owner.libpq()) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            for setting in ("idle_in_transaction_session_timeout", "statement_timeout"):
                connection.execute("SELECT set_config(%s, '0', false)", [setting])
            yield connection, str(_one(connection, "SELECT pg_export_snapshot()"))
    except psycopg.Error as error:
        raise DumpFailed(f"the database could not be read to its end: {str(error).strip()}") from error


def _manifest(
    connection: Connection, *, owner: str, app: str, progress: _Progress
) -> tuple[Manifest, row_digest.Digest]:
    if not _one(connection, "SELECT to_regclass('public.django_migrations') IS NOT NULL"):
        raise NothingToBackUp("the database holds no practice yet")
    applied = connection.execute("SELECT app || '.' || name FROM django_migrations ORDER BY id").fetchall()
    digest = row_digest.digest_of(
        connection,
        looked_at=lambda table, number, total: progress.say(f"reading table {number} of {total}: {table}"),
    )
    manifest = Manifest(
        tables={name: (one.rows, one.digest) for name, one in digest.tables.items()},
        highest_transaction=_highest_transaction(connection),
        owner=owner,
        app=app,
        migrations=tuple(name for (name,) in applied),
    )
    return manifest, digest


def _field_keys(connection: Connection, data: Path) -> str | None:
    """
    The field keys when they lie outside the data folder; they open what is sealed in the snapshot.

    Raises:
        Unreadable: they do not.
    """
    try:
        elsewhere = field_keys.kept_elsewhere()
        if columns.is_anything_sealed(connection):
            own = field_keys.own_file(data)
            ring = field_keys.read(own) if elsewhere is None else Keyring.parse(elsewhere)
            columns.open_one_of_each_key(connection, ring)
    except EncryptionProblem as problem:
        raise Unreadable(
            f"the field keys do not open what is sealed in the database: {problem}. Without them a backup"
            " would lose the most sensitive numbers: put the keys back, or say --without-field-keys"
        ) from problem
    return elsewhere


def _highest_transaction(connection: Connection) -> int:
    """A number that no transaction number in any row is above."""
    # The server's own count is above them all, unless they were brought in from elsewhere.
    highest = int(str(_one(connection, "SELECT pg_snapshot_xmax(pg_current_snapshot())")))
    columns = connection.execute(
        """
        SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND data_type = 'bigint' AND column_name LIKE '%transaction'
        """
    ).fetchall()
    for table, column in columns:
        found = _one(
            connection,
            sql.SQL("SELECT coalesce(max({}), 0) FROM {}").format(
                sql.Identifier(column), sql.Identifier(table)
            ),
        )
        highest = max(highest, int(str(found)))
    return highest


def _one(connection: Connection, query: str | sql.Composed) -> object:
    row = connection.execute(query).fetchone()
    if row is None:
        raise DumpFailed("the database gave no answer")
    return row[0]


class _Progress:
    """Says what is being done, not more often than a person reads, and nothing of what is done soon."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._say_at = time.monotonic() + SAY_EVERY_S

    def say(self, message: str) -> None:
        now = time.monotonic()
        if now >= self._say_at:
            self._say_at = now + SAY_EVERY_S
            self._report(message)
