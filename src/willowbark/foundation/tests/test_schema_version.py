"""Whether a database has this version's schema."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from willowbark.foundation import schema_version
from willowbark.foundation.schema_version import (
    is_current,
    mark_current,
    pending_migrations,
    schema_digest,
    schema_sources,
)


def test_the_digest_follows_the_migrations_and_what_they_import(tmp_path: Path, monkeypatch):
    package = tmp_path / "willowbark"
    migrations = package / "record" / "migrations"
    migrations.mkdir(parents=True)
    first = migrations / "0001_initial.py"
    first.write_text("from willowbark.foundation import schema\n")
    helper = package / "foundation" / "schema.py"
    helper.parent.mkdir()
    helper.write_text("import willowbark.kernel.words\n")
    words = package / "kernel" / "words.py"
    words.parent.mkdir()
    words.write_text("A = 1\n")
    beside = package / "record" / "services.py"
    beside.write_text("B = 1\n")
    monkeypatch.setattr(schema_version, "PACKAGE", package)
    assert schema_sources() == sorted([first, helper, words])
    digests = [schema_digest()]
    for path in (beside, words, first):
        path.write_text(path.read_text() + "\n# another\n")
        digests.append(schema_digest())
    same, after_import, after_migration = digests[1:]
    assert same == digests[0]
    assert len({same, after_import, after_migration}) == 3


@pytest.mark.django_db
def test_a_migrated_database_lacks_nothing():
    assert pending_migrations() == []


def test_a_database_is_current_once_it_is_marked_and_until_the_sources_change(fresh_database, monkeypatch):
    with (
        psycopg.connect(**fresh_database.owner.libpq(), autocommit=True) as owner,
        psycopg.connect(**fresh_database.app.libpq(), autocommit=True) as app,
    ):
        assert not is_current(app)
        mark_current(owner)
        assert is_current(app)
        monkeypatch.setattr(schema_version, "MIGRATING_LIBRARIES", ())
        assert not is_current(app)


def test_who_may_not_mark_the_database_leaves_it_unmarked(fresh_database):
    with psycopg.connect(**fresh_database.app.libpq(), autocommit=True) as app:
        mark_current(app)
        assert not is_current(app)
