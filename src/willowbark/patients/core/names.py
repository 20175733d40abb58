"""Names as keys to search by."""

from __future__ import annotations

import unicodedata

LONGEST_KEY = 420


def plain(text: str) -> str:
    """
    Lower case, without accents, apostrophes or punctuation; words separated by one space.

    `O'Brien-Núñez` becomes `obrien nunez`. Letters of any script are kept, with their vowel signs.
    """
    # Twice: taking a letter apart can yield a capital (U+2121), folding one can yield an accent.
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join("".join(map(_kept, letters)).split())


def _kept(letter: str) -> str:
    if letter.isalnum():
        return letter
    if unicodedata.category(letter).startswith("M"):
        # An accent has a combining class and goes; a vowel sign (Devanagari, Thai) has none and stays.
        return "" if unicodedata.combining(letter) else letter
    return "" if letter in "'’ʼ`" else " "


def name_key(family: str, given: str) -> str:
    """The key of a person's name: family, then given, each word with a space before it."""
    return f" {plain(f'{family} {given}')}"[:LONGEST_KEY]
