"""
A practice is backed up while people write into it, restored into another server, and goes on from there.

What a practice loses when this fails: everything, on the day it needs a backup.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from willowbark import main
from willowbark.foundation import outbox, row_digest
from willowbark.foundation.acting import acting_as
from willowbark.foundation.backup import contents, keeping, keys, restoring, taking
from willowbark.foundation.backup.contents import Manifest
from willowbark.foundation.backup.errors import (
    BackupProblem,
    Damaged,
    Different,
    DumpFailed,
    NothingToBackUp,
    PlaceRefused,
    TooNew,
    Unreadable,
    WrongKey,
)
from willowbark.foundation.backup.keys import BackupKey
from willowbark.foundation.backup.sealed import Header, SealedReader, SealedWriter
from willowbark.foundation.database import (
    ConnectionParams,
    Database,
    DatabaseSettings,
    locks,
    open_database,
)
from willowbark.foundation.encryption import keeping as field_keys
from willowbark.foundation.encryption.keyring import Keyring
from willowbark.foundation.ids import uuid7
from willowbark.foundation.tamper.sealing import anchor, anchored, seal
from willowbark.foundation.tamper.verifying import verify
from willowbark.foundation.testing_database import Clone, default_connection_to
from willowbark.foundation.worker import settle
from willowbark.patients.services.registration import Identification
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.practice.testing import PracticeForTests, make_practice, quick_passwords
from willowbark.record.services.adding import add_note

KEY = BackupKey(bytes(range(32)))
OTHER = BackupKey(bytes(reversed(range(32))))
WRITERS = 2
# Whatever decides who may see and do what.
WALLS = """
SELECT 'table', c.relname, c.relrowsecurity::text, a.acl
  FROM pg_class c, LATERAL (SELECT array_agg(i::text ORDER BY i::text)::text FROM unnest(c.relacl) i) a(acl)
 WHERE c.relnamespace = 'public'::regnamespace
UNION ALL SELECT 'column', attrelid::regclass::text, attname, attacl::text FROM pg_attribute
 WHERE attacl IS NOT NULL AND attrelid::regclass::text NOT LIKE 'pg\\_%'
UNION ALL SELECT 'function', p.oid::regprocedure::text, concat(p.prosecdef, p.proconfig, p.prosrc), a.acl
  FROM pg_proc p, LATERAL (SELECT array_agg(i::text ORDER BY i::text)::text FROM unnest(p.proacl) i) a(acl)
 WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'willow\\_%'
UNION ALL SELECT 'policy', tablename || '.' || policyname, cmd, coalesce(qual, '') || coalesce(with_check, '')
  FROM pg_policies
UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger
 WHERE NOT tgisinternal
UNION ALL SELECT 'schema', nspname, nspowner::regrole::text, nspacl::text FROM pg_namespace
 WHERE nspname = 'public'
"""


@dataclass
class Backed:
    """A practice that was backed up under load."""

    clone: Clone
    practice: PracticeForTests
    patient: object
    data: Path
    taken: taking.Taken
    walls: set[tuple[str, ...]]


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that the server's account can reach."""
    top = Path(tempfile.mkdtemp(prefix="wb-"))
    top.chmod(0o711)
    yield top
    for layout in top.rglob("LAYOUT"):
        while locks.is_held(layout.parent / "locks" / "keeper"):
            pass
    shutil.rmtree(top)


def write_note(practice, patient, words):
    with acting_as(practice.practitioner):
        add_note(
            actor=practice.practitioner,
            patient_id=patient,
            kind="clinical",
            body=words,
            request_key=uuid7(),
        )


@contextmanager
def people_writing(practice, patient) -> Iterator[None]:
    """Two people who write notes for as long as the block lasts, and have begun before it does."""
    over, begun = threading.Event(), threading.Semaphore(0)

    def write():
        from django.db import connections

        try:
            while not over.is_set():
                write_note(practice, patient, "Written meanwhile.")
                begun.release()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for _ in range(2 * WRITERS):
        begun.acquire(timeout=60)
    yield
    over.set()
    for thread in threads:
        thread.join()


def take(clone, data, folder, key=KEY, **more):
    params = {"app": clone.app.user, "data": data, "folder": folder, "key": key, **more}
    return taking.take_from(clone.owner, report=lambda message: None, **params)


def one(connection, query):
    (value,) = connection.execute(query).fetchall()[0]
    return value


def walls_of(params):
    """As text without brackets and casts, which PostgreSQL writes in another way each time it reads them."""
    with psycopg.connect(**params.libpq()) as connection:
        rows = connection.execute(WALLS).fetchall()
    return {tuple(re.sub(r"::[a-z ]+|[()\[\]]", "", str(value)) for value in row) for row in rows}


def digest_of(params):
    with psycopg.connect(**params.libpq()) as connection:
        return row_digest.digest_of(connection)


@pytest.fixture(scope="module")
def backed(module_database, place) -> Backed:
    data = place / "old"
    (data / "secrets").mkdir(parents=True)
    (data / "secrets" / "session_key").write_text("signs sessions\n")
    (data / "secrets" / "owner").write_text("a password of the old server")
    (data / "secrets" / "field_keys").write_text(field_keys.keyring().to_text())
    with quick_passwords():
        practice = make_practice()
    patient = make_patient(practice, identifiers=(Identification("urn:ssn", "078-05-1120", "SS"),)).pk
    put_into_care(practice, patient, practice.practitioner)
    for number in range(3):
        write_note(practice, patient, f"Words {number}")
    assert settle(practice.system, seconds=60)
    while seal():
        pass
    anchor(data / "anchors.jsonl")
    write_note(practice, patient, "Not delivered and not sealed when the backup is made.")
    (place / "backups").mkdir()
    with people_writing(practice, patient):
        taken = take(module_database, data, place / "backups")
    return Backed(module_database, practice, patient, data, taken, walls_of(module_database.owner))


@pytest.fixture(scope="module")
def restored(backed, place) -> Iterator[Database]:
    """The backup, restored into a data folder and started there."""
    settings = DatabaseSettings(data=place / "elsewhere", durable=False)
    target = place / "new"
    done = restoring.restore(backed.taken.path, KEY, target, settings)
    assert done.header == backed.taken.header
    with open_database(replace(settings, data=target)) as database:
        yield database


def manifest_of(path, key=KEY) -> tuple[Header, Manifest]:
    inspected = restoring.inspect(path, key)
    return inspected.header, inspected.manifest


def rewritten(backed, path, *, header=None, manifest=None, dump=None, sealed_with=""):
    """A backup, made with the right key, that says something else."""
    with backed.taken.path.open("rb") as source, path.open("wb") as file:
        reader = SealedReader(source)
        writer = SealedWriter(file, replace(reader.header, **(header or {})), KEY)
        for name, part in contents.Parts(reader.chunks(KEY)):
            content = b"".join(part)
            if name == contents.MANIFEST:
                content = replace(Manifest.parse(content), **(manifest or {})).to_bytes()
            if name == contents.FIELD_KEYS and sealed_with is None:
                continue
            if name == contents.FIELD_KEYS and sealed_with:
                content = sealed_with.encode()
            if name == contents.DUMP:
                contents.write_head(writer.write, name, None)
                writer.write(content if dump is None else dump)
            else:
                contents.write_part(writer.write, name, content)
        writer.finish()
    return path


def test_what_was_written_meanwhile_is_in_it_whole_or_not_at_all(backed, restored):
    found = digest_of(restored.owner)
    header, manifest = manifest_of(backed.taken.path)
    assert found.whole == header.digest == backed.taken.header.digest
    assert found.rows == header.rows == sum(rows for rows, _ in manifest.tables.values())
    assert found == manifest.digest(header.digest)
    # People did write before and after that moment, or this proved nothing.
    assert 4 < found.tables["record_note"].rows < digest_of(backed.clone.owner).tables["record_note"].rows


def test_the_walls_stand_as_before(backed, restored):
    found = walls_of(restored.owner)
    assert found ^ backed.walls == set()
    assert len(found) > 300


def test_numbers_of_transactions_go_on_and_outbox_and_seals_with_them(backed, restored, django_db_blocker):
    _, manifest = manifest_of(backed.taken.path)
    anchors = anchored(restored.server.folder.root / "anchors.jsonl")
    assert {head.chain for head in anchors} == {"access", "history"}
    practice = backed.practice
    with (
        django_db_blocker.unblock(),
        default_connection_to(restored.app),
        psycopg.connect(**restored.owner.libpq(), autocommit=True) as owner,
    ):
        next_number = one(owner, "SELECT pg_current_xact_id()::text::bigint")
        assert next_number > manifest.highest_transaction
        assert next_number >> 32 == (manifest.highest_transaction >> 32) + 1
        # What waited when the backup was made is delivered now, and what comes new is too.
        assert outbox.waiting_count() > 0
        write_note(practice, backed.patient, "Written after the restore.")
        before = one(owner, "SELECT count(*) FROM foundation_seal")
        assert settle(practice.system, seconds=60)
        assert outbox.waiting_count() == 0
        assert one(owner, "SELECT count(*) FROM foundation_undelivered") == 0
        while seal():
            pass
        assert one(owner, "SELECT count(*) FROM foundation_seal") > before
        for report in verify(owner, anchors):
            assert report.faults == []
            assert report.anchors == 1
            assert report.unsealed <= 2
            assert report.entries > 0


def test_the_files_that_a_practice_needs_come_along_and_no_password_does(backed, restored):
    folder = restored.server.folder
    assert (folder.secrets / "session_key").read_text() == "signs sessions\n"
    assert (folder.secrets / "session_key").stat().st_mode & 0o777 == 0o600
    assert (folder.root / "anchors.jsonl").read_bytes() == (backed.data / "anchors.jsonl").read_bytes()
    assert "old server" not in (folder.secrets / "owner").read_text()
    assert keys.read(folder.secrets) == KEY
    assert field_keys.read(folder.secrets / "field_keys") == field_keys.keyring()


def test_field_keys_that_are_kept_elsewhere_come_along_too(backed, place, monkeypatch):
    (place / "keys elsewhere").mkdir()
    monkeypatch.setenv(field_keys.TEXT, field_keys.keyring().to_text())
    (backed.data / "secrets" / "field_keys").unlink()
    try:
        taken = take(backed.clone, backed.data, place / "keys elsewhere")
    finally:
        (backed.data / "secrets" / "field_keys").write_text(field_keys.keyring().to_text())

    restoring.check(taken.path, KEY, DatabaseSettings(data=place / "elsewhere", durable=False))


OTHER_KEYS = Keyring.made(datetime(2026, 1, 1, tzinfo=UTC)).to_text()
LOST = pytest.mark.parametrize("kept", [None, OTHER_KEYS], ids=["no keys", "other keys"])


@LOST
def test_no_backup_is_made_with_keys_that_do_not_open_what_is_sealed(backed, place, kept):
    own = backed.data / "secrets" / "field_keys"
    whole = own.read_text()
    folder = place / "refused"
    folder.mkdir(exist_ok=True)
    try:
        own.unlink() if kept is None else own.write_text(kept)
        with pytest.raises(Unreadable, match="field keys"):
            take(backed.clone, backed.data, folder)
        assert list(folder.iterdir()) == []

        assert take(backed.clone, backed.data, folder, without_field_keys=True).path.exists()
    finally:
        own.write_text(whole)
        shutil.rmtree(folder)


def test_a_backup_without_its_keys_removes_no_older_one(restored, place):
    settings = DatabaseSettings(data=restored.server.folder.root, durable=False)
    folder = place / "keeps older"
    folder.mkdir()
    first = taking.take(settings, folder=folder, report=lambda message: None)

    taking.take(settings, folder=folder, keep=1, without_field_keys=True, report=lambda message: None)

    assert first.path.exists()


@LOST
def test_a_backup_whose_keys_do_not_open_what_is_sealed_is_red_whatever_keys_are_here(backed, place, kept):
    wrong = rewritten(backed, place / "sealed otherwise", sealed_with=kept)

    with pytest.raises(Unreadable, match="sensitive numbers"):
        restoring.check(wrong, KEY, DatabaseSettings(data=place / "elsewhere", durable=False))


def test_it_is_restored_with_the_keys_of_this_machine_and_they_come_along(backed, place):
    wrong = rewritten(backed, place / "with ours", sealed_with=OTHER_KEYS)
    target = place / "with our keys"

    restoring.restore(wrong, KEY, target, DatabaseSettings(data=place / "elsewhere", durable=False))

    assert field_keys.read(field_keys.own_file(target)) == field_keys.keyring()


def test_it_is_restored_without_any_keys_only_for_who_says_so(backed, place, monkeypatch):
    wrong = rewritten(backed, place / "with none", sealed_with=None)
    target = place / "still sealed"
    settings = DatabaseSettings(data=place / "elsewhere", durable=False)
    monkeypatch.setenv(field_keys.TEXT, OTHER_KEYS)

    with pytest.raises(Unreadable, match="--without-field-keys"):
        restoring.restore(wrong, KEY, target, settings)
    assert not target.exists()
    restoring.restore(wrong, KEY, target, settings, without_field_keys=True)

    assert not field_keys.own_file(target).exists()


def test_a_restored_practice_is_backed_up_again_with_its_own_key_and_keeps_a_number_of_them(restored):
    settings = DatabaseSettings(data=restored.server.folder.root, durable=False)
    with pytest.raises(PlaceRefused, match="there is no folder"):
        taking.take(settings, folder=settings.data / "none", report=lambda message: None)
    paths = []
    for _ in range(3):
        taken = taking.take(settings, keep=2, report=lambda message: None)
        assert not taken.key_is_new
        paths.append(taken.path)
    assert taken.removed == (paths[0],)
    assert sorted(taking.own_folder(settings).iterdir()) == sorted(paths[1:])
    assert keeping.notes(settings.data).last_path == str(paths[2])
    restoring.inspect(paths[2], KEY)
    with pytest.raises(PlaceRefused, match="holds a practice"):
        restoring.restore(paths[2], KEY, settings.data, settings)


def test_a_backup_holds_up_no_delivery_and_no_seal(backed, module_database):
    practice = backed.practice
    with taking._snapshot(module_database.owner):
        write_note(practice, backed.patient, "While somebody reads everything.")
        assert settle(practice.system, seconds=60)
        assert outbox.waiting_count() == 0
        assert seal() > 0


def test_the_database_that_could_not_be_dumped_leaves_no_file(backed, module_database, tmp_path, monkeypatch):
    failing = tmp_path / "bin" / "pg_dump"
    failing.parent.mkdir()
    failing.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo "pg_dump (PostgreSQL) 18.0" && exit\n'
        "head -c 3000000 /dev/zero; echo the server went away >&2; exit 1\n"
    )
    failing.chmod(0o755)
    monkeypatch.setenv("WILLOWBARK_PG_BIN", str(failing.parent))
    (tmp_path / "backups").mkdir()
    with pytest.raises(DumpFailed, match="the server went away"):
        take(module_database, backed.data, tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


def test_there_is_nothing_to_back_up_where_no_practice_is(database_server, tmp_path):
    with pytest.raises(NothingToBackUp):
        taking.take(DatabaseSettings(data=tmp_path / "none"), report=lambda message: None)
    assert not (tmp_path / "none").exists()
    empty = database_server.superuser
    with pytest.raises(NothingToBackUp, match="no practice yet"):
        taking.take_from(
            empty, app="app", data=tmp_path, folder=tmp_path, key=KEY, report=lambda message: None
        )
    assert list(tmp_path.iterdir()) == []


def refusal(path, target, key=KEY):
    """Why restoring is refused, having made sure that it leaves no trace, checking or not."""
    settings = DatabaseSettings(data=target, durable=False)
    target.parent.mkdir(exist_ok=True)
    before = sorted(target.parent.rglob("*"))
    with pytest.raises(BackupProblem) as refused:
        restoring.check(path, key, settings)
    with pytest.raises(BackupProblem) as again:
        restoring.restore(path, key, target, settings)
    assert again.type is refused.type
    assert sorted(target.parent.rglob("*")) == before
    return refused.value


def test_what_cannot_be_believed_is_refused_before_anything_is_made(backed, tmp_path):
    target = tmp_path / "place" / "data"
    whole = backed.taken.path.read_bytes()
    assert type(refusal(backed.taken.path, target, OTHER)) is WrongKey
    changed = tmp_path / "changed.backup"
    for end in (0, 5, 100, 5000, len(whole) // 2, len(whole) - 1):
        changed.write_bytes(whole[:end])
        problem = refusal(changed, target)
        assert "cut short" in str(problem) or end == 0
    for at in (20, 5000, len(whole) // 2, len(whole) - 1):
        changed.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        assert isinstance(refusal(changed, target), Damaged)
    assert type(refusal(tmp_path / "none.backup", target)) is PlaceRefused


def test_what_a_newer_version_made_is_refused_by_name(backed, tmp_path):
    target = tmp_path / "place" / "data"
    for said, words in (
        ({"header": {"willowbark": "12.0.1"}}, r"Willowbark 12\.0\.1 made"),
        ({"header": {"server": "99.1"}}, r"PostgreSQL 99\.1"),
        ({"manifest": {"migrations": ("practice.0001_initial", "record.9999_later")}}, "record.9999_later"),
    ):
        problem = refusal(rewritten(backed, tmp_path / "newer.backup", **said), target)
        assert type(problem) is TooNew
        assert re.search(words, str(problem))


def test_a_folder_that_holds_something_is_left_as_it_is(backed, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    settings = DatabaseSettings(data=tmp_path / "none")
    for target, words in (("full", "not empty"), ("file", "not a folder"), ("file/below", "Not a directory")):
        with pytest.raises(PlaceRefused, match=words):
            restoring.restore(backed.taken.path, KEY, tmp_path / target, settings)
    assert (tmp_path / "full" / "letter.txt").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "full", "letter.txt"]


def test_the_command_checks_a_backup_and_drops_what_it_made(backed, place, monkeypatch):
    key_file = place / "code"
    key_file.write_text(KEY.code.lower())
    scratch = place / "scratch"
    scratch.mkdir(mode=0o711)
    scratch.chmod(0o711)
    monkeypatch.setenv("WILLOWBARK_DATA", str(place / "none"))
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    run = CliRunner().invoke(
        main.app, ["restore", str(backed.taken.path), "--check", "--key-file", str(key_file)]
    )
    assert run.exit_code == 0, run.output
    assert f"good: restores to digest {backed.taken.header.digest}" in run.output
    assert list(scratch.iterdir()) == []

    wrong = rewritten(backed, place / "wrong.backup", header={"digest": "00" * 32})
    with pytest.raises(Different):
        restoring.check(wrong, KEY, DatabaseSettings(data=place / "none"))
    assert list(scratch.iterdir()) == []
    assert not (place / "none").exists()


@pytest.fixture
def own_server(database_server) -> Iterator[tuple[ConnectionParams, str]]:
    """The owner of a small database on a server where roles bear other names, and its application's role."""
    mark = secrets.token_hex(4)
    owner, app = f"owner_{mark}", f"Own {mark}_app"
    administrator = database_server.superuser
    with psycopg.connect(**administrator.libpq(), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {owner} LOGIN PASSWORD 'word'")
        connection.execute(f'CREATE ROLE "{app}"')
        connection.execute(f"CREATE DATABASE own_{mark} OWNER {owner}")
        params = replace(administrator, dbname=f"own_{mark}", user=owner, password="word")
        try:
            yield params, app
        finally:
            connection.execute(f"DROP DATABASE own_{mark} WITH (FORCE)")
            connection.execute(f'DROP ROLE {owner}, "{app}"')


def test_a_backup_of_ones_own_server_is_restored_for_our_roles(own_server, place):
    owner, app = own_server
    with psycopg.connect(**owner.libpq()) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        connection.execute("CREATE TABLE django_migrations (id int PRIMARY KEY, app text, name text)")
        connection.execute("INSERT INTO django_migrations VALUES (1, 'practice', '0001_initial')")
        connection.execute("CREATE TABLE kept (id bigint PRIMARY KEY, transaction bigint, words text)")
        connection.execute("INSERT INTO kept VALUES (1, %s, 'Grüße'), (2, 5, NULL)", [7 << 32])
        connection.execute("CREATE INDEX ON kept USING gin (words gin_trgm_ops)")
        connection.execute(f'GRANT SELECT ON kept TO "{app}"')
        connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        connection.execute(f'GRANT USAGE ON SCHEMA public TO "{app}"')
    (place / "own").mkdir()
    (place / "own").chmod(0o711)
    taken = taking.take_from(
        owner, app=app, data=place / "none", folder=place / "own", key=KEY, report=lambda message: None
    )
    settings = DatabaseSettings(data=place / "own" / "data", durable=False)
    restoring.restore(taken.path, KEY, settings.data, settings)
    with open_database(settings) as database, psycopg.connect(**database.app.libpq()) as connection:
        assert connection.execute("SELECT words FROM kept WHERE id = 1").fetchone() == ("Grüße",)
        assert connection.execute(
            "SELECT tableowner, has_table_privilege('kept', 'INSERT') FROM pg_tables WHERE tablename = 'kept'"
        ).fetchone() == ("willowbark_owner", False)
        # Rows that were brought in from elsewhere count too.
        assert connection.execute("SELECT pg_current_xact_id()::text::bigint >> 32").fetchone() == (8,)


def test_the_key_is_shown_and_that_is_remembered(place, monkeypatch):
    data = place / "shown"
    monkeypatch.setenv("WILLOWBARK_DATA", str(data))
    refused = CliRunner().invoke(main.app, ["backup", "--show-key"])
    assert isinstance(refused.exception, NothingToBackUp)
    (data / "secrets").mkdir(parents=True)
    shown = CliRunner().invoke(main.app, ["backup", "--show-key"])
    assert keys.from_code(shown.stdout) == keys.read(data / "secrets")
    assert json.loads((data / keeping.NOTES).read_text())["key_shown_at"]


def test_every_migration_of_a_practice_is_known(backed):
    _, manifest = manifest_of(backed.taken.path)
    assert set(manifest.migrations) <= restoring.known_migrations()
