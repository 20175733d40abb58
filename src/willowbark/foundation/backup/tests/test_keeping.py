"""Files in a folder: whole or not at all, and only one's own are ever removed."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from willowbark.foundation.backup import keeping
from willowbark.foundation.backup.errors import PlaceRefused
from willowbark.foundation.backup.sealed import SealedWriter

from .test_sealed import HEADER, KEY, OTHER

START = datetime(2026, 1, 1, tzinfo=UTC)


def put(folder: Path, day: int, key=KEY) -> Path:
    at = START + timedelta(days=day)
    path = keeping.new_path(folder, at)
    header = replace(HEADER, created_at=at.isoformat(), key_id=key.id)
    with keeping.written(path) as file:
        SealedWriter(file, header, key).finish()
    return path


def test_the_newest_are_kept_and_nobody_elses_are_touched(tmp_path):
    mine = [put(tmp_path, day) for day in (3, 1, 2, 5, 4)]
    others = [put(tmp_path, day, OTHER) for day in (1, 9)]
    foreign = tmp_path / "willowbark-20200101T000000Z-abcdef.backup"
    foreign.write_text("a file of this name that is none of ours")
    renamed = tmp_path / "the-one-before-the-move.backup"
    put(tmp_path, 0).rename(renamed)

    removed = keeping.keep_newest(tmp_path, KEY.id, 2)

    assert set(removed) == {mine[0], mine[1], mine[2]}
    assert {path.name for path in tmp_path.iterdir()} == {
        path.name for path in (mine[3], mine[4], *others, foreign, renamed)
    }
    assert keeping.keep_newest(tmp_path, KEY.id, 2) == []
    with pytest.raises(ValueError, match="at least one"):
        keeping.keep_newest(tmp_path, KEY.id, 0)


def test_names_sort_by_time_and_files_are_private(tmp_path):
    paths = [put(tmp_path, day) for day in (1, 2, 300)]
    assert sorted(paths) == paths
    assert paths[0].stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_what_could_not_be_finished_leaves_nothing(tmp_path, failure):
    with (
        pytest.raises((PlaceRefused, KeyboardInterrupt)) as refused,
        keeping.written(keeping.new_path(tmp_path, START)) as file,
    ):
        file.write(b"half of it")
        raise failure
    assert list(tmp_path.iterdir()) == []
    if isinstance(failure, OSError):
        assert "no room left" in str(refused.value)


def test_a_disk_that_fills_while_the_last_is_written_leaves_nothing(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PlaceRefused, match="no room left"):
        put(tmp_path, 1)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_backup_left_is_removed_by_the_next_and_a_running_one_is_not(tmp_path):
    left = tmp_path / ".willowbark-20260101T000000Z-aaaaaa.backup.partial"
    left.write_bytes(b"half")
    with keeping.written(keeping.new_path(tmp_path, START)) as running:
        assert not left.exists()
        put(tmp_path, 1)
        running.write(b"goes on")
    assert len(list(tmp_path.glob("*.backup"))) == 2


def test_a_folder_that_cannot_take_a_backup_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(PlaceRefused, match="there is no folder"):
        keeping.check_folder(tmp_path / "none")
    with pytest.raises(PlaceRefused, match="not a folder"):
        keeping.check_folder(tmp_path / "file")
    keeping.check_folder(tmp_path)


def test_what_is_remembered_outlasts_anything_unreadable(tmp_path):
    assert keeping.notes(tmp_path) == keeping.Notes()
    keeping.remember(tmp_path, lambda notes: replace(notes, last_at="2026-01-01T00:00:00+00:00"))
    keeping.remember(tmp_path, lambda notes: replace(notes, key_shown_at="2026-01-02T00:00:00+00:00"))
    assert keeping.notes(tmp_path) == keeping.Notes(
        "2026-01-01T00:00:00+00:00", "", "2026-01-02T00:00:00+00:00"
    )
    (tmp_path / keeping.NOTES).write_text("[not this]")
    assert keeping.notes(tmp_path) == keeping.Notes()
