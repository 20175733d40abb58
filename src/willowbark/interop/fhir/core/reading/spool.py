"""Bytes that arrive in pieces: kept in memory while they are few, in a temporary file beyond."""

from __future__ import annotations

import mmap
import tempfile
from types import TracebackType
from typing import IO

#: What can be searched and sliced whatever its size: bytes in memory, or a file that the system pages in.
Text = bytes | mmap.mmap


class Spool:
    """
    Collects pieces and hands them back as one text.

    Past `in_memory` bytes the pieces go to an unlinked temporary file, which is then mapped: the
    system holds as much of it as it has room for, and the process holds none.
    """

    def __init__(self, in_memory: int) -> None:
        self._in_memory = in_memory
        self._pieces: list[bytes] = []
        self._file: IO[bytes] | None = None
        self.size_bytes = 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, piece: bytes) -> None:
        """
        Add a piece.

        Raises:
            OSError: the disk is full.
        """
        self.size_bytes += len(piece)
        if self._file is None and self.size_bytes > self._in_memory:
            self._file = tempfile.TemporaryFile(prefix="willowbark-import-")  # noqa: SIM115 - closed on exit
            self._file.writelines(self._pieces)
            self._pieces.clear()
        if self._file is None:
            self._pieces.append(piece)
        else:
            self._file.write(piece)

    def text(self) -> Text:
        """All of it. Stays valid after the spool is closed."""
        if self._file is None:
            return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._file.flush()
        return mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
