"""
How a name sounds, coarsely: a code that survives the usual misspellings, for finding people worth comparing.
"""

from __future__ import annotations

import re
from functools import lru_cache

_RULES = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"^(?:kn|gn|pn)", "n"),
        (r"^wr", "r"),
        (r"^x", "s"),
        (r"ph", "f"),
        (r"gh(?=[tns]|$)", ""),
        (r"sch|sh|ch|tch|cz", "x"),
        (r"ck|q|c(?![eiy])", "k"),
        (r"c", "s"),
        (r"dg", "j"),
        (r"z", "s"),
        (r"[vw](?=.)", "f"),
        (r"d", "t"),
        (r"b", "p"),
        (r"g(?=[eiy])", "j"),
        (r"g", "k"),
        (r"m", "n"),
    )
]
_VOWELS = re.compile(r"(?<!^)[aeiouyhw]+")
_DOUBLES = re.compile(r"(.)\1+")


@lru_cache(maxsize=65536)
def sound(word: str) -> str:
    """
    Return up to five letters for how a folded word sounds: consonants grouped by likeness, later vowels
    dropped.

    The grouping is that of Soundex (US patent 1,261,167, 1918) made coarser for digraphs, as Metaphone
    (Philips, 1990) does. Letters outside a-z are kept, so other scripts block on their own letters.
    """
    code = word.replace(" ", "")
    for pattern, replacement in _RULES:
        code = pattern.sub(replacement, code)
    if code[:1] in set("aeiouyhw"):
        code = "a" + code[1:]
    return _DOUBLES.sub(r"\1", _VOWELS.sub("", code))[:5]
