from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.foundation.encryption.blind import blind_index
from willowbark.foundation.encryption.errors import BadKeys, NotAuthentic, UnknownKey
from willowbark.foundation.encryption.keyring import FieldKey, Keyring
from willowbark.foundation.encryption.sealing import Place, key_id_of, seal, unseal
from willowbark.foundation.ids import uuid7

NOW = datetime(2026, 3, 1, tzinfo=UTC)
RING = Keyring.made(NOW)
HERE = Place("patients_patientidentifier", "sealed", uuid7(), uuid7())
SSN = b"123-45-6789"


@given(st.binary(max_size=300))
def test_what_is_sealed_opens_to_what_it_was(plain):
    assert unseal(RING, HERE, seal(RING, HERE, plain)) == plain


def test_two_seals_of_one_value_have_nothing_in_common_but_their_beginning():
    one, other = seal(RING, HERE, SSN), seal(RING, HERE, SSN)

    assert one[:9] == other[:9]
    assert one[9:] != other[9:]
    assert b"6789" not in one


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(HERE, patient=uuid7()),
        replace(HERE, patient=None),
        replace(HERE, row=uuid7()),
        replace(HERE, column="other"),
        replace(HERE, table="other"),
    ],
    ids=["another patient", "no patient", "another row", "another column", "another table"],
)
def test_a_value_that_was_moved_does_not_open(elsewhere):
    with pytest.raises(NotAuthentic):
        unseal(RING, elsewhere, seal(RING, HERE, SSN))


@given(st.data())
def test_a_value_of_which_any_bit_was_changed_does_not_open(data):
    sealed = bytearray(seal(RING, HERE, SSN))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises((NotAuthentic, UnknownKey)):
        unseal(RING, HERE, bytes(sealed))


@given(st.integers(0, len(seal(RING, HERE, SSN)) - 1))
def test_a_value_that_was_cut_does_not_open(length):
    with pytest.raises((NotAuthentic, UnknownKey)):
        unseal(RING, HERE, seal(RING, HERE, SSN)[:length])


def test_a_key_that_is_not_on_the_ring_is_named_and_nothing_else_is_said():
    stranger = Keyring.made(NOW)
    sealed = seal(stranger, HERE, SSN)

    with pytest.raises(UnknownKey) as refused:
        unseal(RING, HERE, sealed)

    assert stranger.current.id.hex() in str(refused.value)
    assert "6789" not in str(refused.value)


def test_a_wrong_key_under_the_right_id_opens_nothing(monkeypatch):
    sealed = seal(RING, HERE, SSN)
    monkeypatch.setattr(Keyring, "find", lambda self, key_id: FieldKey(NOW, b"\1" * 32))

    with pytest.raises(NotAuthentic):
        unseal(RING, HERE, sealed)


def test_an_old_key_still_opens_and_the_new_one_seals():
    later = RING.with_new_key(NOW + timedelta(days=400))

    assert unseal(later, HERE, seal(RING, HERE, SSN)) == SSN
    assert key_id_of(seal(later, HERE, SSN)) == later.current.id != RING.current.id


def test_a_ring_is_read_back_as_it_was_written():
    ring = RING.with_new_key(NOW + timedelta(days=1))

    assert Keyring.parse(ring.to_text()) == ring


def test_no_key_is_shown_by_accident():
    text = f"{RING!r} {RING.current!r}"

    assert repr(RING.look_up) not in text
    assert repr(RING.current.secret) not in text


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", RING.to_text()[:-9], RING.to_text().replace("/1", "/2"), '{"keys": 1}'],
    ids=["nothing", "empty", "a list", "null", "cut", "another format", "no ring"],
)
def test_what_is_no_ring_is_refused_without_repeating_it(text):
    with pytest.raises(BadKeys) as refused:
        Keyring.parse(text)

    assert "secret" not in str(refused.value)


def test_a_ring_without_a_key_is_refused():
    with pytest.raises(BadKeys):
        Keyring.parse(replace(RING, keys=()).to_text())


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_blind_indexes_are_equal_for_equal_numbers_of_one_system_alone(system, value, other, another):
    same = (system, value) == (other, another)

    assert (blind_index(RING, system, value) == blind_index(RING, other, another)) is same


def test_without_the_key_a_blind_index_cannot_be_made():
    assert blind_index(RING, "urn:ssn", "1") != blind_index(Keyring.made(NOW), "urn:ssn", "1")


def test_a_new_key_does_not_change_what_numbers_are_found_by():
    assert blind_index(RING.with_new_key(NOW), "urn:ssn", "1") == blind_index(RING, "urn:ssn", "1")
