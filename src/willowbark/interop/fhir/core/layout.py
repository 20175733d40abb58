"""JSON laid out for somebody to read and change: only the space between its words is another."""

from __future__ import annotations

import json
import re

# What is longer is nothing to change by hand.
MOST_MENDED_BYTES = 200_000
_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)
_STEP = "  "


def laid_out(text: str) -> str:
    """
    The same JSON, a member or an element to a line; numbers stay as they are written, 1.50 as 1.50.

    What is no JSON, and what has lines already, stays as it is.
    """
    if "\n" in text.strip() or not _is_json(text):
        return text
    parts: list[str] = []
    depth = 0
    words = _WORD.findall(text)
    for at, word in enumerate(words):
        is_empty = word in "{[" and at + 1 < len(words) and words[at + 1] in "}]"
        was_empty = word in "}]" and at > 0 and words[at - 1] in "{["
        if word in "{[":
            depth += 1
            parts.append(word if is_empty else f"{word}\n{_STEP * depth}")
        elif word in "}]":
            depth -= 1
            parts.append(word if was_empty else f"\n{_STEP * depth}{word}")
        else:
            parts.append({",": f",\n{_STEP * depth}", ":": ": "}.get(word, word))
    return "".join(parts)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
