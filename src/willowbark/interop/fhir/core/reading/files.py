"""Which files the given paths mean, and in which order they are best read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from willowbark.interop.fhir.core.problems import Refused
from willowbark.interop.fhir.core.reading.order import FIRST

_TAKEN_FROM_FOLDERS = re.compile(r"\.(json|ndjson|jsonl)(\.gz)?\Z|\.gz\Z", re.IGNORECASE)

# Bulk exports name files by resource type.
_RANK = {name.lower(): rank for rank, name in enumerate(FIRST)}


@dataclass(frozen=True, slots=True)
class Found:
    """The files to read, in order, and how many others lay in the folders and were passed over."""

    paths: tuple[Path, ...]
    passed_over: int


def find_files(paths: Iterable[Path]) -> Found:
    """
    Return every file meant by `paths`: files as they are, folders with all that lies in them.

    From folders come names ending in .json, .ndjson, .jsonl or .gz; hidden files and links to other
    folders are passed over. A file that is named twice is read once.

    Raises:
        Refused: a path that does not exist, or no file at all.
    """
    wanted: dict[Path, None] = {}
    passed_over = 0
    for path in paths:
        if path.is_dir():
            for file in _walk(path):
                if _TAKEN_FROM_FOLDERS.search(file.name):
                    wanted[file.resolve()] = None
                else:
                    passed_over += 1
        elif path.exists():
            wanted[path.resolve()] = None
        else:
            raise Refused("unreadable_file", f"{path} does not exist")
    if not wanted:
        raise Refused("empty", "there is no .json, .ndjson or .gz file here")
    return Found(tuple(sorted(wanted, key=_reading_order)), passed_over)


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(parent, name)


def _reading_order(path: Path) -> tuple[int, str]:
    stem = re.split(r"[^A-Za-z]", path.name, maxsplit=1)[0].lower()
    return _RANK.get(stem, len(_RANK)), str(path)
