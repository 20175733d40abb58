"""The recovery code stands for the key, and a slip of the pen is noticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.foundation.backup import keys
from willowbark.foundation.backup.errors import BadKey, PlaceRefused
from willowbark.foundation.backup.keys import ALPHABET, BackupKey, from_code

KEY = BackupKey(bytes(range(32)))


@given(st.binary(min_size=32, max_size=32))
def test_a_code_is_read_however_it_was_copied(secret):
    key = BackupKey(secret)
    code = key.code
    assert len(code) == 56 + 13
    assert from_code(code) == key
    assert from_code(code.lower().replace("-", " ").replace("0", "o").replace("1", "L")) == key
    assert from_code(f" {code.replace('-', '')}\n") == key


def test_every_single_slip_is_noticed():
    code = KEY.code
    for place, letter in enumerate(code):
        for other in ALPHABET if letter != "-" else "":
            if other != letter:
                with pytest.raises(BadKey, match=r"copied wrongly"):
                    from_code(code[:place] + other + code[place + 1 :])


def test_neighbours_that_were_swapped_are_noticed():
    code = KEY.code.replace("-", "")
    for place in range(len(code) - 1):
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        if swapped != code:
            with pytest.raises(BadKey):
                from_code(swapped)


@pytest.mark.parametrize("text", ["", "ABCD", KEY.code + "A", KEY.code[:-1], KEY.code.replace("-", "U")])
def test_what_is_no_code_is_refused_without_being_repeated(text):
    with pytest.raises(BadKey) as refused:
        from_code(text)
    assert KEY.code[5:20] not in str(refused.value)


def test_a_key_shows_itself_nowhere():
    assert "secret" not in repr(KEY)
    assert KEY.secret.hex() not in repr(KEY)
    assert KEY.id not in KEY.secret.hex()
    assert KEY.for_file(b"a" * 32) != KEY.for_file(b"b" * 32)


def test_an_installation_has_one_key_that_others_may_not_read(tmp_path):
    assert keys.read(tmp_path) is None
    made, is_new = keys.read_or_make(tmp_path)
    assert is_new
    assert keys.read_or_make(tmp_path) == (made, False)
    assert (tmp_path / keys.KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert keys.from_file(tmp_path / keys.KEY_FILE) == made


def test_a_key_file_that_was_changed_is_named(tmp_path):
    (tmp_path / keys.KEY_FILE).write_text("something else")
    with pytest.raises(BadKey, match=keys.KEY_FILE):
        keys.read_or_make(tmp_path)
    assert (tmp_path / keys.KEY_FILE).read_text() == "something else"
    with pytest.raises(BadKey, match=keys.KEY_FILE):
        keys.from_file(tmp_path / keys.KEY_FILE)
    with pytest.raises(PlaceRefused, match="none"):
        keys.from_file(tmp_path / "none")
