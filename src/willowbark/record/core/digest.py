"""Tell a repeated request from another one."""

from __future__ import annotations

import hashlib

from willowbark.record.core.entries import Entry, column_names


def digest_of(entry: Entry) -> bytes:
    """A SHA-256 over everything that an entry says."""
    said = [(name, getattr(entry, name)) for name in sorted(column_names(type(entry)))]
    return hashlib.sha256(repr(said).encode()).digest()
