"""One way to write a document: the same values are the same bytes, on every machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

# The largest whole number that every reader of JSON keeps exact (RFC 8259, section 6).
LARGEST = 2**53 - 1


def as_document(value: Any) -> Any:
    """Return plain dicts, lists, texts and numbers: fields in their order, keys of mappings sorted."""
    if is_dataclass(value):
        return {each.name: as_document(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {key: as_document(value[key]) for key in sorted(value)}
    if isinstance(value, tuple):
        return [as_document(each) for each in value]
    return value


def to_bytes(document: Any) -> bytes:
    """Return UTF-8 JSON on one line without blanks, ended by a line feed."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return f"{text}\n".encode()
