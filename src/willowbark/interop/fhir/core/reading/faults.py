"""A decoder's complaint, in words and with its place."""

from __future__ import annotations

import re

import msgspec

from willowbark.interop.fhir.core.problems import Refused

_BYTE = re.compile(r" \(byte (\d+)\)\Z")
_AT = re.compile(r"\A(?P<what>.*?)(?: - at `(?:key in )?\$(?P<path>.*)`)?\Z", re.DOTALL)
_EXPECTED = re.compile(r"Expected `([^`]+)`, got `([^`]+)`")
# The decoder calls a text truncated when it ends within six bytes of half a surrogate pair.
_HALF_PAIR_AT_END = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}[^\\]{0,6}\Z")
_TAIL_BYTES = 24
_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "nothing",
    "bytes": "text",
}


def explain(error: Exception, raw: bytes | memoryview | msgspec.Raw) -> Refused:
    """Say what a decoder met, where: by path for a wrong type, by line, column and byte for broken JSON."""
    if isinstance(error, msgspec.ValidationError):
        return Refused("wrong_type", _wrong_type(str(error)))
    if isinstance(error, UnicodeDecodeError):
        return Refused("encoding", _bad_utf8(raw))
    if isinstance(error, RecursionError):
        return Refused("too_deep", "is nested too deeply to be a record")
    message = str(error).removeprefix("JSON is malformed: ")
    if "truncated" in message and _HALF_PAIR_AT_END.search(bytes(memoryview(raw)[-_TAIL_BYTES:])):
        return Refused("malformed", "is not JSON: half a surrogate pair near its end")
    if "truncated" in message:
        return Refused("truncated", f"ends too early, {place(raw, memoryview(raw).nbytes)}: it was cut short")
    if "surrogate" in message or "hex escape" in message:
        message = _BYTE.sub(lambda byte: f"half a surrogate pair{byte[0]}", message[message.find(" (byte") :])
    if match := _BYTE.search(message):
        return Refused("malformed", f"is not JSON: {message[: match.start()]}, {place(raw, int(match[1]))}")
    return Refused("malformed", f"is not JSON: {message}")


def place(raw: bytes | memoryview | msgspec.Raw, offset: int) -> str:
    """`line 3, column 14 (byte 159)` of an offset; lines and columns count from 1, columns in bytes."""
    before = bytes(memoryview(raw)[:offset])
    line = before.count(b"\n") + 1
    column = offset - (before.rfind(b"\n") + 1) + 1
    return f"line {line}, column {column} (byte {offset})"


def _wrong_type(message: str) -> str:
    match = _AT.match(message)
    if match is None:
        return message
    path = (match["path"] or "").removeprefix(".")
    what = _EXPECTED.sub(
        lambda words: f"expected {_in_words(words[1])}, found {_in_words(words[2])}", match["what"]
    )
    return f"{path}: {what}" if path else what


def _in_words(types: str) -> str:
    names = [_WORDS.get(name, name) for name in types.split(" | ")]
    wanted = [name for name in names if name != "nothing"] or names
    return " or ".join(dict.fromkeys(wanted))


def _bad_utf8(raw: bytes | memoryview | msgspec.Raw) -> str:
    try:
        bytes(memoryview(raw)).decode()
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        return f"is not UTF-8 text: byte 0x{byte:02x} at {place(raw, error.start)}"
    return "is not UTF-8 text"
