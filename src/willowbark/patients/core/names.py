"""Names as keys to search by."""

from __future__ import annotations

import unicodedata

LONGEST_KEY = 420


def plain(text: str) -> str:
    """
    Lower case, without accents, apostrophes or punctuation; words separated by one space.

    `O'Brien-Núñez` becomes `obrien nunez`. Letters of any script are kept.
    """
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(
        letter if letter.isalnum() else "" if unicodedata.combining(letter) or letter in "'’ʼ`" else " "
        for letter in letters
    )
    return " ".join(kept.split())


def name_key(family: str, given: str) -> str:
    """The key of a person's name: family, then given, each word with a space before it."""
    return f" {plain(f'{family} {given}')}"[:LONGEST_KEY]
