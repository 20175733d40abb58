"""
What a text holds: a bundle, one resource, a list of resources, or one of these on every line.

The whole structure is checked before the first resource is handed out, so that a file cut short is
refused whole. What is inside a resource is looked at resource by resource: a fault there costs one
resource. Nothing is decoded that is not asked for: resources are slices of the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from willowbark.interop.fhir.bounds import Bounds
from willowbark.interop.fhir.problems import Refused
from willowbark.interop.fhir.reading.faults import explain
from willowbark.interop.fhir.reading.originals import start_of
from willowbark.interop.fhir.reading.salvage import entry_slices, resource_slice
from willowbark.interop.fhir.reading.spool import Text

Slice = bytes | memoryview | msgspec.Raw
_BUNDLES_IN_BUNDLES = 4


@dataclass(frozen=True, slots=True)
class Item:
    """One resource as it was written, or the `fault` for which it cannot even be found whole."""

    where: str
    raw: Slice
    full_url: str = ""
    fault: Refused | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """Resources that came together and may point at each other."""

    items: tuple[Item, ...]


class _Head(msgspec.Struct, gc=False):
    resourceType: str | None = None  # noqa: N815 - FHIR's own spelling
    entry: list[msgspec.Raw] | None = None


class _Type(msgspec.Struct, gc=False):
    resourceType: str | None = None  # noqa: N815 - FHIR's own spelling


class _Request(msgspec.Struct, gc=False):
    method: str | None = None
    url: str | None = None


class _Entry(msgspec.Struct, gc=False):
    fullUrl: str | None = None  # noqa: N815 - FHIR's own spelling
    resource: msgspec.Raw = msgspec.Raw()
    request: _Request | None = None


_type = msgspec.json.Decoder(_Type)
_head = msgspec.json.Decoder(_Head)
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
    try:
        return _type.decode(raw).resourceType == "Bundle"
    except _FAULTS:
        return False


def _read_value(raw: Slice, where: str, bounds: Bounds, nested: int = 0) -> Iterator[Item]:
    """The resources of one JSON value: a resource, a bundle or a list of resources."""
    start = bytes(memoryview(raw)[:64]).lstrip()[:1]
    if start == b"[":
        yield from _read_list(raw, where, bounds, nested)
        return
    try:
        head = _head.decode(raw)
    except _FAULTS as error:
        yield from _read_damaged(raw, where, bounds, nested, explain(error, raw))
        return
    if head.resourceType != "Bundle":
        yield Item(where, raw)
        return
    prefix = f"{where}: Bundle" if where and not nested else (where or "Bundle")
    for number, entry in enumerate(head.entry or ()):
        yield from _read_entry(entry, f"{prefix}.entry[{number}]", bounds, nested)


def _read_list(raw: Slice, where: str, bounds: Bounds, nested: int) -> Iterator[Item]:
    try:
        values = _list.decode(raw)
    except _FAULTS as error:
        raise explain(error, raw) from error
    prefix = f"{where}: " if where else ""
    for number, value in enumerate(values):
        yield from _read_nested(value, f"{prefix}[{number}]", "", bounds, nested)


def _read_damaged(raw: Slice, where: str, bounds: Bounds, nested: int, fault: Refused) -> Iterator[Item]:
    """A bundle that is not JSON as a whole may still have entries that can be told apart."""
    if fault.reason == "wrong_type":
        raise fault
    slices = entry_slices(raw)
    if slices is None:
        raise fault
    prefix = f"{where}: Bundle" if where else "Bundle"
    for number, entry in enumerate(slices):
        yield from _read_entry(entry, f"{prefix}.entry[{number}]", bounds, nested)


def _read_entry(raw: Slice, where: str, bounds: Bounds, nested: int) -> Iterator[Item]:
    try:
        entry = _entry.decode(raw)
    except _FAULTS as error:
        fault = explain(error, raw)
        inside = None if fault.reason == "wrong_type" else resource_slice(raw)
        # What is wrong may lie in the resource: then that is what is set aside, with its own words.
        yield Item(where, raw, fault=fault) if inside is None else Item(f"{where}.resource", inside)
        return
    if not memoryview(entry.resource).nbytes:
        method = entry.request.method if entry.request else None
        what = "asks for a deletion, which is not imported" if method == "DELETE" else "has no resource"
        yield Item(where, raw, fault=Refused("no_resource", what))
        return
    yield from _read_nested(entry.resource, f"{where}.resource", entry.fullUrl or "", bounds, nested)


def _read_nested(raw: Slice, where: str, full_url: str, bounds: Bounds, nested: int) -> Iterator[Item]:
    """A resource that came in a bundle or a list: usually not a bundle itself."""
    if nested >= _BUNDLES_IN_BUNDLES or not _is_bundle(raw):
        yield Item(where, raw, full_url)
        return
    try:
        yield from _read_value(raw, where, bounds, nested + 1)
    except Refused as fault:
        yield Item(where, raw, full_url, fault)
