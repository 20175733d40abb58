"""One way to write a document: the same values are the same bytes, on every machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

# The largest whole number that every reader of JSON keeps exact (RFC 8259, section 6).
LARGEST = 2**53 - 1
_PLAIN = frozenset({str, int, bool, type(None)})


def as_document(value: Any) -> Any:
    """Return plain dicts, lists, texts and numbers: fields in their order, keys of mappings sorted."""
    kind: Any = type(value)
    if kind in _PLAIN:
        return value
    if names := _names(kind):
        return {name: as_document(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {key: as_document(value[key]) for key in sorted(value)}
    if isinstance(value, tuple):
        return [as_document(each) for each in value]
    return value


@cache
def _names(kind: type) -> tuple[str, ...]:
    """Return the names of a dataclass's fields; none of any other type."""
    return tuple(each.name for each in fields(kind)) if is_dataclass(kind) else ()


def to_bytes(document: Any) -> bytes:
    """Return UTF-8 JSON on one line without blanks, ended by a line feed."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return f"{text}\n".encode()


def sorted_bytes(document: Any) -> bytes:
    """Return plain JSON values as `to_bytes` does, names in their order at every depth."""
    return to_bytes(json.loads(json.dumps(document, sort_keys=True)))
