from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from willowbark.foundation.encryption import keeping
from willowbark.foundation.encryption.errors import BadKeys, KeysMissing


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Where the keys of this test's installation are to be; none are there yet."""
    monkeypatch.delenv(keeping.TEXT, raising=False)
    monkeypatch.delenv(keeping.FILE, raising=False)
    monkeypatch.setenv("WILLOWBARK_DATA", str(tmp_path))
    return keeping.own_file(tmp_path)


def nothing_sealed() -> bool:
    return False


def test_keys_are_made_once_private_and_outside_the_database(file):
    keeping.ensure(nothing_sealed)
    first = keeping.keyring()
    keeping.ensure(nothing_sealed)

    assert keeping.keyring() == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_whoever_makes_keys_at_the_same_time_comes_to_the_same(file):
    with ThreadPoolExecutor(8) as many:
        list(many.map(lambda _: keeping.ensure(nothing_sealed), range(24)))

    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert keeping.read(file) == keeping.keyring()


def test_lost_keys_are_never_replaced_where_something_is_sealed(file):
    with pytest.raises(KeysMissing, match=str(file)):
        keeping.ensure(lambda: True)

    assert not file.exists()


def test_missing_keys_are_said_to_be_missing(file):
    with pytest.raises(KeysMissing, match=str(file)):
        keeping.keyring()


def test_a_key_that_another_process_added_is_seen_at_once(file):
    keeping.ensure(nothing_sealed)
    before = keeping.keyring()
    added = before.with_new_key(before.current.made_at)
    file.write_text(added.to_text())

    assert keeping.keyring() == added


def test_a_damaged_file_is_refused_by_its_name(file):
    keeping.ensure(nothing_sealed)
    file.write_bytes(file.read_bytes()[:-30])

    with pytest.raises(BadKeys, match=str(file)):
        keeping.keyring()


def test_a_practice_of_its_own_server_names_another_file(file, tmp_path, monkeypatch):
    elsewhere = tmp_path / "vault" / "keys"
    monkeypatch.setenv(keeping.FILE, str(elsewhere))
    keeping.ensure(nothing_sealed)

    assert keeping.read(elsewhere) == keeping.keyring()
    assert not file.exists()


def test_the_environment_may_hold_the_keys_themselves(file, monkeypatch):
    keeping.ensure(nothing_sealed)
    ring = keeping.keyring()
    file.unlink()
    monkeypatch.setenv(keeping.TEXT, ring.to_text())

    assert keeping.keyring() == ring
    with pytest.raises(BadKeys, match=keeping.TEXT):
        keeping.add_key()


def test_a_new_key_is_kept_before_anything_is_sealed_with_it(file):
    keeping.ensure(nothing_sealed)
    before = keeping.keyring()

    added = keeping.add_key()

    assert keeping.read(file) == added
    assert added.keys[:-1] == before.keys
    assert added.look_up == before.look_up
