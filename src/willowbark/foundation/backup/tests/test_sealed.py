"""The encrypted file: what was written comes back, and nothing else ever does."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.foundation.backup.errors import CutShort, Damaged, NotABackup, TooNew, WrongKey
from willowbark.foundation.backup.keys import BackupKey
from willowbark.foundation.backup.sealed import MAGIC, Header, SealedReader, SealedWriter

KEY = BackupKey(bytes(range(32)))
OTHER = BackupKey(bytes(reversed(range(32))))
HEADER = Header(
    created_at="2026-02-03T04:05:06+00:00",
    willowbark="0.1.0",
    server="18.6",
    dump="18.6",
    digest="ab" * 32,
    rows=5,
    key_id=KEY.id,
    salt="cd" * 32,
    chunk_bytes=16,
)
# Three pieces, the last of them short.
PLAIN = b"fifteen letters, and some more of them"


def written(plain=PLAIN, header=HEADER, key=KEY, pieces=7):
    file = io.BytesIO()
    writer = SealedWriter(file, header, key)
    for start in range(0, len(plain), pieces):
        writer.write(plain[start : start + pieces])
    writer.finish()
    assert writer.written_bytes == len(file.getvalue())
    return file.getvalue()


def read(content, key=KEY):
    return b"".join(SealedReader(io.BytesIO(content)).chunks(key))


@given(st.binary(max_size=200), st.integers(1, 40), st.integers(1, 50))
def test_what_was_written_is_read(plain, chunk_bytes, pieces):
    header = replace(HEADER, chunk_bytes=chunk_bytes)
    content = written(plain, header, pieces=pieces)
    assert read(content) == plain
    assert SealedReader(io.BytesIO(content)).header == header
    assert not plain or len(plain) < 9 or plain not in content


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 32, len(PLAIN)])
def test_a_file_that_ends_anywhere_too_early_is_refused(length):
    plain = (PLAIN * 2)[:length]
    content = written(plain)
    for end in range(len(content)):
        got = bytearray()
        with pytest.raises((CutShort, Damaged, NotABackup)) as refused:
            for chunk in SealedReader(io.BytesIO(content[:end])).chunks(KEY):
                got += chunk
        # What was handed out before that is true.
        assert plain.startswith(got)
        assert "cut short" in str(refused.value) or end == 0


def test_a_file_that_ends_between_two_pieces_is_said_to_be_cut():
    content = written()
    first = len(content) - len(PLAIN) - 3 * 16
    for pieces in (0, 1, 2):
        with pytest.raises(CutShort):
            read(content[: first + pieces * 32])


def test_any_bit_that_is_flipped_is_found():
    content = written()
    for place in range(len(content)):
        for bit in (0, 7):
            changed = bytearray(content)
            changed[place] ^= 1 << bit
            with pytest.raises((Damaged, NotABackup)) as refused:
                read(bytes(changed))
            assert (refused.type is NotABackup) == (place < len(MAGIC))


def test_pieces_that_are_moved_repeated_added_or_from_another_file_are_found():
    content = written(PLAIN + b"x" * 10)
    first = len(content) - len(PLAIN) - 10 - 3 * 16
    head, one, two, three = (
        content[:first],
        content[first : first + 32],
        content[first + 32 : first + 64],
        content[first + 64 :],
    )
    other = written(PLAIN + b"y" * 10, replace(HEADER, salt="ef" * 32))
    assert read(head + one + two + three) == PLAIN + b"x" * 10
    for changed in (
        head + two + one + three,
        head + one + one + two + three,
        head + one + three,
        content + b"x",
        content + three,
        head + other[first : first + 32] + two + three,
        other[:first] + one + two + three,
    ):
        with pytest.raises(Damaged):
            read(changed)


def test_another_key_is_named_and_nothing_is_read():
    reader = SealedReader(io.BytesIO(written()))
    with pytest.raises(WrongKey, match=f"{KEY.id}.*{OTHER.id}"):
        next(reader.chunks(OTHER))


def test_who_claims_the_key_of_another_reads_nothing():
    header = replace(HEADER, key_id=OTHER.id)
    with pytest.raises(Damaged):
        read(written(header=header), OTHER)


def rewritten(content, **changes):
    """The file with another header, whose checksum is right again."""
    from hashlib import sha256

    size = int.from_bytes(content[8:12])
    said = json.loads(content[12 : 12 + size]) | changes
    text = json.dumps({key: value for key, value in said.items() if value is not None}).encode()
    head = MAGIC + len(text).to_bytes(4) + text
    return head + sha256(head).digest() + content[12 + size + 32 :]


def test_a_header_that_was_rewritten_opens_nothing():
    for changes in ({"digest": "00" * 32}, {"created_at": "2020-01-01T00:00:00+00:00"}, {"rows": 6}):
        with pytest.raises(Damaged):
            read(rewritten(written(), **changes))


def test_a_newer_format_says_which_version_is_needed():
    with pytest.raises(TooNew, match=r"9\.1\.0.*format 2"):
        read(rewritten(written(), format=2, willowbark="9.1.0"))


@pytest.mark.parametrize(
    "changes",
    [
        {"salt": None},
        {"salt": "no"},
        {"chunk_bytes": 0},
        {"chunk_bytes": 2**40},
        {"created_at": "soon"},
        {"created_at": "2026-02-03"},
        {"format": "one"},
    ],
)
def test_a_header_that_says_nonsense_is_refused(changes):
    with pytest.raises(Damaged):
        read(rewritten(written(), **changes))


@pytest.mark.parametrize("content", [b"", b"PK\3\4 something else", b"\0" * 100])
def test_another_file_is_no_backup(content):
    with pytest.raises(NotABackup):
        read(content)


def test_a_header_longer_than_any_is_not_read():
    with pytest.raises(Damaged, match="longer"):
        read(MAGIC + b"\xff\xff\xff\xff" + b"x" * 50)
