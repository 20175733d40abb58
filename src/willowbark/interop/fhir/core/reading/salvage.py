"""
The entries of a bundle that is not JSON as a whole, told apart by their braces alone.

One entry with a bare NaN or a half surrogate makes a bundle unreadable for a parser. When its braces
and quotes still balance, the entries can be told apart, and the fault costs one of them. A bundle cut
short does not balance, and is refused whole.
"""

from __future__ import annotations

import re

import msgspec

# A string, or a brace; a lone quote is a string that never ends. Possessive: no backtracking on large texts.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["{}\[\]]', re.DOTALL)
_CLOSES = {b"}": b"{", b"]": b"["}
_MOST_LEVELS = 10_000


def entry_slices(raw: bytes | memoryview | msgspec.Raw) -> list[memoryview] | None:
    """Return the elements of the top-level `entry` list, or None when braces or quotes do not balance."""
    return _slices(memoryview(raw), b'"entry"', b"[", 2)


def resource_slice(raw: bytes | memoryview | msgspec.Raw) -> memoryview | None:
    """Return the top-level `resource` object, or None when there is none to be found."""
    found = _slices(memoryview(raw), b'"resource"', b"{", 1)
    return found[0] if found else None


def _slices(view: memoryview, key: bytes, opens: bytes, depth_of_slices: int) -> list[memoryview] | None:
    """The values of a top-level `key` that begins with `opens`: it whole (1), or its elements (2)."""
    open_braces: list[bytes] = []
    slices: list[memoryview] = []
    is_inside = False
    last_string = b""
    start = 0
    for match in _TOKEN.finditer(view):
        token = view[match.start() : match.start() + 1].tobytes()
        depth = len(open_braces)
        if token == b'"':
            if match.end() - match.start() == 1:
                return None
            if depth == 1:
                last_string = bytes(match[0])
        elif token in b"{[":
            if depth == 1:
                is_inside = token == opens and last_string == key
            if depth == depth_of_slices and is_inside:
                start = match.start()
            open_braces.append(token)
            if depth >= _MOST_LEVELS:
                return None
        else:
            if not open_braces or open_braces.pop() != _CLOSES[token]:
                return None
            if depth == depth_of_slices + 1 and is_inside:
                slices.append(view[start : match.end()])
    return None if open_braces or not slices else slices
