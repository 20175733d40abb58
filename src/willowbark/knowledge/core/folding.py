"""Names folded so that they can be compared: lower case, no accents, words of letters and digits."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_NOT_WORDS = re.compile(r"[^a-z0-9]+")
_APOSTROPHES = re.compile(r"['\u2019\u02bc`]")
_GREEK = str.maketrans(
    {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ω": "omega", "µ": "u", "μ": "u"}
)


# The names that knowledge goes by are folded again for each text that they are looked for in.
@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """The text as lower-case words with single spaces: "St. John's Wort" is "st johns wort"."""
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text).lower().translate(_GREEK))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _NOT_WORDS.sub(" ", plain).strip()
