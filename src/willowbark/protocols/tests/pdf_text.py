"""The words of a PDF that typst made, as a reader copies them: without blanks, which the layout decides."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_STRING = rb"\((?:[^\\()]|\\.)*\)"
# Parentheses that balance stand in a string as they are; no deeper here than four.
for _ in range(3):
    _STRING = rb"\((?:[^\\()]|\\.|" + _STRING + rb")*\)"
# A string that is named, as /Lang(en), says something about the text and is not shown.
_SHOWN = re.compile(rb"/[A-Z]\w+" + _STRING + rb"|/(f\d+) [\d.]+ Tf|(" + _STRING + rb")", re.S)


def without_blanks(text: str) -> str:
    """The text without white space, and without the marks where a long word may break."""
    return re.sub(r"[\s\u200b]", "", text)


def text_of(pdf: bytes) -> str:
    """Everything that is shown, in the order of the file."""
    streams = dict(_streams(pdf))
    objects = dict(re.findall(rb"\n(\d+) 0 obj\n(<<.*?)\nendobj", pdf, re.S))
    words = []
    for resources, page in re.findall(rb"/Type/Page/Resources (\d+) 0 R.*?/Contents (\d+) 0 R", pdf):
        characters = {}
        for name, font in re.findall(rb"/(f\d+) (\d+) 0 R", objects[resources]):
            mapping = re.search(rb"/ToUnicode (\d+) 0 R", objects[font])
            assert mapping is not None
            characters[name] = _characters(streams[mapping[1]])
        words.append(_shown(streams[page], characters))
    return without_blanks("".join(words))


def _streams(pdf: bytes) -> Iterator[tuple[bytes, bytes]]:
    for head in re.finditer(
        rb"\n(\d+) 0 obj\n<<(?:(?!endobj).)*?/Length (\d+).*?>>\s*stream\r?\n", pdf, re.S
    ):
        raw = pdf[head.end() : head.end() + int(head[2])]
        yield head[1], zlib.decompress(raw) if b"FlateDecode" in head[0] else raw


def _characters(mapping: bytes) -> dict[bytes, str]:
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", mapping)
    return {bytes.fromhex(a.decode()): bytes.fromhex(b.decode()).decode("utf-16-be") for a, b in pairs}


def _shown(page: bytes, characters: dict[bytes, dict[bytes, str]]) -> str:
    words, font = [], b""
    for name, written in _SHOWN.findall(page):
        font = name or font
        raw = re.sub(rb"\\([0-7]{1,3}|.)", _unescaped, written[1:-1], flags=re.S)
        words += [characters[font].get(raw[at : at + 2], "") for at in range(0, len(raw), 2)]
    return "".join(words)


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    return bytes([int(code, 8)]) if code.isdigit() else _ESCAPED.get(code, code)
