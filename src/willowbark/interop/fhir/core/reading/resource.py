"""One resource: checked as JSON, named, and brought into one canonical spelling."""

from __future__ import annotations

import hashlib
import json
import re
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from willowbark.interop.fhir.core.bounds import Bounds
from willowbark.interop.fhir.core.problems import Refused
from willowbark.interop.fhir.core.reading.documents import Item, Slice
from willowbark.interop.fhir.core.reading.faults import explain

_TYPE = re.compile(r"[A-Z][A-Za-z]{1,63}\Z", re.ASCII)
_MOST_ID_CHARACTERS = 128

_GUESS_BYTES = 100_000
_TYPE_IN_TEXT = re.compile(rb'"resourceType"\s*:\s*"([A-Z][A-Za-z]{1,63})"')
_ID_IN_TEXT = re.compile(rb'"id"\s*:\s*"([A-Za-z0-9.\-]{1,64})"')

# A NUL that a backslash does not protect.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_BRACES_ALONE = bytes(set(range(256)) - set(b"[]{}"))

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(order="sorted", decimal_format="number").encode


class Resource(NamedTuple):
    """
    One resource as its source tells it.

    `canonical` is its JSON with sorted keys and no blanks, numbers digit for digit as they were written;
    `digest` is the SHA-256 of that, so it is the same in whatever packaging the resource comes. `id` is ''
    when the source gave none.
    """

    where: str
    type: str
    id: str
    full_url: str
    canonical: bytes
    digest: bytes

    @property
    def label(self) -> str:
        """How messages name it: `Bundle.entry[17].resource (Observation/abc)`."""
        name = f"{self.type}/{self.id}" if self.id else self.type
        return f"{self.where} ({name})" if self.where else name


def read_resource(item: Item, bounds: Bounds) -> Resource:
    """
    Decode one resource and check what no mapping should have to: size, depth, NUL, keys that come twice.

    Raises:
        Refused: it cannot be taken in.
    """
    if item.fault is not None:
        raise item.fault
    size = memoryview(item.raw).nbytes
    if size > bounds.resource:
        raise Refused(
            "too_large", f"is {size:,} bytes long; the bound for one resource is {bounds.resource:,}"
        )
    try:
        value = _decode(item.raw)
        canonical = _encode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        raise explain(error, item.raw) from error
    if not isinstance(value, dict):
        raise Refused("not_fhir", "is not an object with a resourceType")
    _check_text(item.raw, canonical, bounds)
    type_, id_ = _name(value)
    digest = hashlib.sha256(canonical).digest()
    return Resource(item.where, type_, id_, item.full_url, canonical, digest)


def peek(raw: Slice) -> tuple[str, str]:
    """The type and id of a resource, for messages and counts; '' for what cannot be told. Never raises."""
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _guessed(bytes(memoryview(raw)[:_GUESS_BYTES]))
    try:
        return _name(value) if isinstance(value, dict) else ("", "")
    except Refused:
        return "", ""


def _guessed(text: bytes) -> tuple[str, str]:
    """What a text that is not JSON seems to say of itself."""
    type_, id_ = _TYPE_IN_TEXT.search(text), _ID_IN_TEXT.search(text)
    return type_[1].decode() if type_ else "", id_[1].decode() if id_ else ""


def _name(value: dict[str, Any]) -> tuple[str, str]:
    type_ = value.get("resourceType")
    if not isinstance(type_, str) or not _TYPE.match(type_):
        found = (
            "has no resourceType"
            if type_ is None
            else f"resourceType {str(type_)[:40]!r} is not one of FHIR's"
        )
        raise Refused("not_fhir", found)
    id_ = value.get("id", "")
    if not isinstance(id_, str):
        raise Refused("wrong_type", f"id: expected text, found {type(id_).__name__}")
    if len(id_) > _MOST_ID_CHARACTERS:
        raise Refused("too_long", f"id is {len(id_):,} characters long; the bound is {_MOST_ID_CHARACTERS}")
    return type_, id_


def _check_text(raw: Slice, canonical: bytes, bounds: Bounds) -> None:
    if b"\\u0000" in canonical and _NUL.search(canonical):
        raise Refused("nul", f"has a NUL character in {_path_of_nul(json.loads(canonical))}")
    # Every key brings one colon, and the canonical spelling has each key once: as many colons, no key twice.
    if bytes(raw).count(b":") != canonical.count(b":"):
        json.loads(bytes(raw), object_pairs_hook=_refuse_repeated)
    # Most resources have fewer braces than levels are allowed, whatever way they nest.
    deepest = canonical.count(b"{") + canonical.count(b"[")
    if deepest > bounds.depth_levels and _depth(canonical, bounds.depth_levels) > bounds.depth_levels:
        raise Refused("too_deep", f"is nested deeper than {bounds.depth_levels} levels")


def _refuse_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise Refused(
                "repeated_key", f"says {key[:60]!r} twice in one object: nobody can tell which holds"
            )
        made[key] = value
    return made


def _path_of_nul(value: Any, path: str = "") -> str:
    """Where the first NUL is; keys count as places too."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if "\0" in key:
                return f"a key of {path or 'the resource'}"
            if found := _path_of_nul(inner, f"{path}.{key}" if path else key):
                return found
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            if found := _path_of_nul(inner, f"{path}[{number}]"):
                return found
    elif isinstance(value, str) and "\0" in value:
        return path
    return ""


def _depth(canonical: bytes, enough: int) -> int:
    """
    How deep braces nest, at most `enough` + 1: each round takes the innermost pairs away.

    Braces inside texts may hide pairs from this; then the texts are taken out first.
    """
    braces = canonical.translate(None, _BRACES_ALONE)
    depth = 0
    while braces and depth <= enough:
        inner = braces.replace(b"{}", b"").replace(b"[]", b"")
        if len(inner) == len(braces):
            return _depth(re.sub(rb'"(?:[^"\\]++|\\.)*+"', b"", canonical), enough)
        braces, depth = inner, depth + 1
    return depth
