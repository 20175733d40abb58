"""The parts inside a backup come back as they went in, wherever the pieces of the file end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.foundation.backup import contents
from willowbark.foundation.backup.contents import Manifest, Parts
from willowbark.foundation.backup.errors import Damaged

MANIFEST = Manifest(
    tables={"a": (3, "ff"), "b": (0, "00")},
    highest_transaction=2**40,
    owner="owner",
    app="app",
    migrations=("a.0001_initial",),
)


def sent(parts, last):
    out = bytearray()
    for name, content in parts:
        contents.write_part(out.extend, name, content)
    contents.write_head(out.extend, contents.DUMP, None)
    return bytes(out) + last


@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=8), st.binary(max_size=40)), max_size=4),
    st.binary(max_size=60),
    st.integers(1, 30),
)
def test_parts_come_back(parts, last, size):
    content = sent(parts, last)
    chunks = (content[start : start + size] for start in range(0, len(content), size))
    found = [(name, b"".join(part)) for name, part in Parts(chunks)]
    assert found == [*parts, (contents.DUMP, last)]


@given(st.integers(1, 30))
def test_what_nobody_reads_of_a_part_is_passed_over(size):
    content = sent([("one", b"x" * 50), ("two", b"y" * 50)], b"z" * 50)
    chunks = (content[start : start + size] for start in range(0, len(content), size))
    assert [name for name, _ in Parts(chunks)] == ["one", "two", contents.DUMP]


def test_parts_that_end_too_early_are_refused():
    content = sent([("one", b"x" * 50)], b"")
    for end in (2, 10, 40):
        with pytest.raises(Damaged):
            for _, part in Parts(iter([content[:end]])):
                b"".join(part)


def test_a_manifest_is_read_back():
    assert Manifest.parse(MANIFEST.to_bytes()) == MANIFEST
    for text in (b"", b"[]", b"{}", b"no", MANIFEST.to_bytes()[:-1]):
        with pytest.raises(Damaged):
            Manifest.parse(text)


def test_what_a_restore_needs_of_a_data_folder_is_taken_and_nothing_else(tmp_path):
    (tmp_path / "secrets").mkdir()
    for name in ("session_key", "field_keys", "owner", "app", "superuser", "app-0123", "backup_key", ".x.1"):
        (tmp_path / "secrets" / name).write_text(name)
    (tmp_path / "anchors.jsonl").write_text("{}\n")
    (tmp_path / "state.json").write_text("{}")
    names = [name for name, _ in contents.files_of(tmp_path)]
    assert names == ["secrets/field_keys", "secrets/session_key", "anchors.jsonl"]
    assert contents.files_of(tmp_path / "none") == []


@pytest.mark.parametrize(
    ("text", "kept"), [("a\nb\n", "a\nb\n"), ("a\nb\nhal", "a\nb\n"), ("half", ""), ("", "")]
)
def test_of_the_anchors_only_whole_lines_are_taken(tmp_path, text, kept):
    path = tmp_path / contents.ANCHORS
    path.write_text(text)
    out = bytearray()
    contents.write_file(out.extend, contents.ANCHORS, path)
    found = [(name, b"".join(part).decode()) for name, part in Parts(iter([bytes(out)]))]
    assert found == [(contents.ANCHORS, kept)]
