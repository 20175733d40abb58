"""The files of an export in the making: lines gathered in a folder, put into one zip with their digests."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

_PIECE = 1 << 20


class Parts:
    """
    A zip in the making.

    Lines are gathered in files of a folder beside it, so that many can grow at once; single files go straight
    into the zip. `rows` counts the lines of each. Nothing is held in memory but one line or one file.
    """

    def __init__(self, zipped: zipfile.ZipFile, folder: Path) -> None:
        self.rows: dict[str, int] = {}
        self._zip = zipped
        self._folder = folder
        self._open: dict[str, IO[bytes]] = {}
        self._listed = (folder / "files").open("w+", encoding="utf-8")

    def line(self, name: str, content: bytes, *, counts: bool = True) -> None:
        """Add a line, with its line break, to a file of the zip; a heading does not count."""
        if name not in self._open:
            self._open[name] = (self._folder / f"{len(self._open)}.part").open("w+b")
            self.rows[name] = 0
        self._open[name].write(content)
        self.rows[name] += counts

    def file(self, name: str, content: bytes) -> None:
        """Add a whole file."""
        self._zip.writestr(name, content)
        self._list(name, hashlib.sha256(content).hexdigest(), len(content), None)

    def finish(self, about: Mapping[str, Any]) -> None:
        """Put what was gathered into the zip, and the manifest last: it names every file but itself."""
        for name in sorted(self._open):
            self._put(name)
        with self._zip.open("manifest.json", "w", force_zip64=True) as manifest:
            heading = json.dumps(about, indent=1, ensure_ascii=False)
            manifest.write(heading[:-2].encode() + b',\n "files": [\n')
            self._listed.seek(0)
            for number, entry in enumerate(self._listed):
                manifest.write((",\n" if number else "").encode() + entry.rstrip("\n").encode())
            manifest.write(b"\n ]\n}\n")

    def close(self) -> None:
        """Let go of the files of the folder."""
        for part in self._open.values():
            part.close()
        self._listed.close()

    def _put(self, name: str) -> None:
        part, digest, size = self._open[name], hashlib.sha256(), 0
        part.seek(0)
        with self._zip.open(name, "w", force_zip64=True) as target:
            while piece := part.read(_PIECE):
                digest.update(piece)
                size += len(piece)
                target.write(piece)
        self._list(name, digest.hexdigest(), size, self.rows[name])

    def _list(self, name: str, sha256: str, size: int, rows: int | None) -> None:
        entry: dict[str, Any] = {"name": name, "sha256": sha256, "bytes": size}
        if rows is not None:
            entry["rows"] = rows
        self._listed.write(json.dumps(entry, ensure_ascii=False) + "\n")


@contextmanager
def zip_at(path: Path) -> Iterator[Parts]:
    """
    A zip that stands at `path` once it is whole, for its owner's eyes alone.

    What an earlier attempt left beside it is removed first; what this one leaves when it fails, at once.
    """
    folder, growing = _beside(path)
    remove_unfinished(path)
    folder.mkdir(mode=0o700)
    try:
        growing.touch(mode=0o600)
        with zipfile.ZipFile(growing, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as zipped:
            parts = Parts(zipped, folder)
            try:
                yield parts
            finally:
                parts.close()
        growing.replace(path)
    finally:
        remove_unfinished(path)


def remove_unfinished(path: Path) -> None:
    """Remove what an attempt that was killed left beside `path`, if anything."""
    folder, growing = _beside(path)
    growing.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def _beside(path: Path) -> tuple[Path, Path]:
    """The folder in which lines are gathered, and the zip that grows."""
    return path.with_suffix(".parts"), path.with_suffix(".growing")
