"""
What a text holds: a bundle, one resource, a list of resources, or one of these on every line.

The whole structure is checked before the first resource is handed out, so that a file cut short is
refused whole. What is inside a resource is looked at resource by resource: a fault there costs one
resource. Nothing is decoded that is not asked for: resources are slices of the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from willowbark.interop.fhir.core.bounds import Bounds
from willowbark.interop.fhir.core.problems import Refused
from willowbark.interop.fhir.core.reading.faults import explain
from willowbark.interop.fhir.core.reading.originals import start_of
from willowbark.interop.fhir.core.reading.salvage import entry_slices, resource_slice
from willowbark.interop.fhir.core.reading.spool import Text

Slice = bytes | memoryview | msgspec.Raw
_BUNDLES_IN_BUNDLES = 4


class Item(NamedTuple):
    """
    One resource as it was written, or the `fault` for which it cannot even be found whole.

    `type` and `id` are what it says of itself at a glance, '' for what it does not.
    """

    where: str
    raw: Slice
    full_url: str = ""
    fault: Refused | None = None
    type: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """Resources that came together and may point at each other."""

    items: tuple[Item, ...]


class _Whole(msgspec.Struct, gc=False):
    resourceType: str | None = None  # noqa: N815 - FHIR's own spelling
    entry: list[msgspec.Raw] | None = None


class _Glance(msgspec.Struct, gc=False):
    resourceType: str | None = None  # noqa: N815 - FHIR's own spelling
    id: str | None = None


class _Request(msgspec.Struct, gc=False):
    method: str | None = None
    url: str | None = None


class _Entry(msgspec.Struct, gc=False):
    fullUrl: str | None = None  # noqa: N815 - FHIR's own spelling
    resource: msgspec.Raw = msgspec.Raw()
    request: _Request | None = None


class _Sound(msgspec.Struct, gc=False):
    """A bundle whose entries all have the right shape, as nearly every one does: read in one go."""

    resourceType: str | None = None  # noqa: N815 - FHIR's own spelling
    entry: list[_Entry] | None = None


_glance = msgspec.json.Decoder(_Glance)
_whole = msgspec.json.Decoder(_Whole)
_sound = msgspec.json.Decoder(_Sound)
_entry = msgspec.json.Decoder(_Entry)
_list = msgspec.json.Decoder(list[msgspec.Raw])
_any = msgspec.json.Decoder(msgspec.Raw)
_FAULTS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def read_documents(text: Text, bounds: Bounds) -> Iterator[Document]:
    """
    Yield what the text holds, line by line when it is NDJSON.

    Raises:
        Refused: the text as a whole cannot be read; nothing was yielded before.
    """
    if _is_lines(text):
        yield from _read_lines(text, bounds)
        return
    try:
        items = tuple(_read_value(memoryview(text)[start_of(text) :], "", bounds))
    except Refused:
        if not _first_line_is_damaged(text):
            raise
        yield from _read_lines(text, bounds)
        return
    yield Document(items)


def _is_lines(text: Text) -> bool:
    """Whether the first line is complete JSON and something follows it."""
    first = _next_line(text, start_of(text))
    return first is not None and _next_line(text, first[1]) is not None and _is_whole(text, first)


def _first_line_is_damaged(text: Text) -> bool:
    """Whether this is NDJSON all the same: its second line is a whole object, and the first began as one."""
    first = _next_line(text, start_of(text))
    second = _next_line(text, first[1]) if first else None
    if first is None or second is None:
        return False
    both_objects = all(text[start : start + 1] == b"{" for start, _ in (first, second))
    return both_objects and _is_whole(text, second)


def _is_whole(text: Text, line: tuple[int, int]) -> bool:
    try:
        _any.decode(memoryview(text)[line[0] : line[1]])
    except _FAULTS:
        return False
    return True


def _next_line(text: Text, position: int) -> tuple[int, int] | None:
    """The next line that is not blank, from `position` on, as (start, end)."""
    length = len(text)
    while position < length:
        end = text.find(b"\n", position)
        end = length if end < 0 else end
        start = position
        while start < end and text[start] in b" \t\r":
            start += 1
        if start < end:
            return start, end
        position = end + 1
    return None


def _read_lines(text: Text, bounds: Bounds) -> Iterator[Document]:
    view, position, number, counted = memoryview(text), start_of(text), 0, 0
    while (line := _next_line(text, position)) is not None:
        start, end = line
        number += _count_newlines(text, counted, start)
        counted, position = start, end
        where = f"line {number + 1}"
        try:
            if end - start > bounds.resource and not _is_bundle(view[start:end]):
                raise Refused(
                    "too_large",
                    f"the line is longer than {bounds.resource:,} bytes, the bound for one resource",
                )
            yield Document(tuple(_read_value(view[start:end], where, bounds)))
        except Refused as fault:
            yield Document((Item(where, view[start : min(end, start + bounds.resource)], fault=fault),))


def _count_newlines(text: Text, start: int, end: int) -> int:
    return bytes(text[start:end]).count(b"\n")


def _is_bundle(raw: Slice) -> bool:
    return _at_a_glance(raw)[0] == "Bundle"


def _at_a_glance(raw: Slice) -> tuple[str, str]:
    """The type and id that a resource gives itself, '' where it does not or cannot be read."""
    try:
        seen = _glance.decode(raw)
    except _FAULTS:
        return "", ""
    return seen.resourceType or "", seen.id or ""


def _read_value(raw: Slice, where: str, bounds: Bounds, nested: int = 0) -> Iterator[Item]:
    """The resources of one JSON value: a resource, a bundle or a list of resources."""
    start = bytes(memoryview(raw)[:64]).lstrip()[:1]
    if start == b"[":
        yield from _read_list(raw, where, bounds, nested)
        return
    try:
        sound = _sound.decode(raw)
    except _FAULTS:
        yield from _read_unsound(raw, where, bounds, nested)
        return
    if sound.resourceType != "Bundle":
        yield Item(where, raw, "", None, *_at_a_glance(raw))
        return
    prefix = _prefix(where, nested)
    for number, entry in enumerate(sound.entry or ()):
        yield from _read_entry(entry, f"{prefix}.entry[{number}]", bounds, nested)


def _prefix(where: str, nested: int) -> str:
    return f"{where}: Bundle" if where and not nested else (where or "Bundle")


def _read_list(raw: Slice, where: str, bounds: Bounds, nested: int) -> Iterator[Item]:
    try:
        values = _list.decode(raw)
    except _FAULTS as error:
        raise explain(error, raw) from error
    prefix = f"{where}: " if where else ""
    for number, value in enumerate(values):
        yield from _read_nested(value, f"{prefix}[{number}]", "", bounds, nested)


def _read_unsound(raw: Slice, where: str, bounds: Bounds, nested: int) -> Iterator[Item]:
    """
    What is not a bundle with entries of the right shape: entry by entry, as far as they can be told apart.

    A bundle that is not JSON as a whole may still have entries that can.
    """
    slices: list[Slice]
    try:
        whole = _whole.decode(raw)
    except _FAULTS as error:
        fault = explain(error, raw)
        found = None if fault.reason == "wrong_type" else entry_slices(raw)
        if found is None:
            raise fault from error
        slices = [*found]
    else:
        if whole.resourceType != "Bundle":
            yield Item(where, raw, "", None, *_at_a_glance(raw))
            return
        slices = [*(whole.entry or ())]
    prefix = _prefix(where, nested)
    for number, one in enumerate(slices):
        place = f"{prefix}.entry[{number}]"
        try:
            entry = _entry.decode(one)
        except _FAULTS as error:
            yield _bad_entry(one, place, explain(error, one))
        else:
            yield from _read_entry(entry, place, bounds, nested)


def _bad_entry(raw: Slice, where: str, fault: Refused) -> Item:
    """What is wrong may lie in the resource: then that is what is set aside, with its own words."""
    inside = None if fault.reason == "wrong_type" else resource_slice(raw)
    return Item(where, raw, fault=fault) if inside is None else Item(f"{where}.resource", inside)


def _read_entry(entry: _Entry, where: str, bounds: Bounds, nested: int) -> Iterator[Item]:
    if not memoryview(entry.resource).nbytes:
        method = entry.request.method if entry.request else None
        what = "asks for a deletion, which is not imported" if method == "DELETE" else "has no resource"
        yield Item(where, msgspec.json.encode(entry), fault=Refused("no_resource", what))
        return
    yield from _read_nested(entry.resource, f"{where}.resource", entry.fullUrl or "", bounds, nested)


def _read_nested(raw: Slice, where: str, full_url: str, bounds: Bounds, nested: int) -> Iterator[Item]:
    """A resource that came in a bundle or a list: usually not a bundle itself."""
    type_, id_ = _at_a_glance(raw)
    if type_ != "Bundle" or nested >= _BUNDLES_IN_BUNDLES:
        yield Item(where, raw, full_url, None, type_, id_)
        return
    try:
        yield from _read_value(raw, where, bounds, nested + 1)
    except Refused as fault:
        yield Item(where, raw, full_url, fault)
