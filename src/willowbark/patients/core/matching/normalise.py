"""Bring what people wrote to one spelling. Every function is idempotent: f(f(x)) == f(x)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

HONORIFICS = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "mx",
        "miss",
        "dr",
        "doctor",
        "prof",
        "professor",
        "sir",
        "dame",
        "rev",
        "reverend",
        "fr",
        "sr",
        "herr",
        "frau",
        "monsieur",
        "madame",
        "mme",
        "mlle",
        "senor",
        "senora",
        "srta",
        "sra",
        "dott",
        "dra",
    ]
)
GENERATIONS = {"jr": "jr", "jnr": "jr", "junior": "jr", "sr": "sr", "snr": "sr", "senior": "sr"} | {
    number: number for number in ("ii", "iii", "iv")
}
POST_NOMINALS = frozenset(["md", "phd", "dds", "rn", "esq", "obe", "mbe"])
NO_NAME = frozenset(
    [
        "unknown",
        "unk",
        "none",
        "null",
        "na",
        "nil",
        "test",
        "patient",
        "baby",
        "babyboy",
        "babygirl",
        "infant",
        "newborn",
        "neonate",
        "twin",
        "triplet",
        "boy",
        "girl",
        "male",
        "female",
        "no",
        "name",
        "given",
        "not",
        "known",
        "of",
    ]
)
STREET_TYPES = {
    "st": "street",
    "str": "street",
    "rd": "road",
    "ave": "avenue",
    "av": "avenue",
    "dr": "drive",
    "drv": "drive",
    "ln": "lane",
    "ct": "court",
    "crt": "court",
    "pl": "place",
    "plc": "place",
    "blvd": "boulevard",
    "bvd": "boulevard",
    "cres": "crescent",
    "cr": "crescent",
    "cct": "circuit",
    "cl": "close",
    "tce": "terrace",
    "ter": "terrace",
    "pde": "parade",
    "hwy": "highway",
    "sq": "square",
    "pkwy": "parkway",
    "gdn": "gardens",
    "gdns": "gardens",
    "garden": "gardens",
    "gr": "grove",
    "trl": "trail",
    "vlge": "village",
}
STREET_TYPE_WORDS = frozenset(STREET_TYPES.values()) | {"row", "way", "walk", "mews", "loop", "circle"}
# Letters that Unicode does not decompose into a base letter and a mark.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ı": "i"}
)
_JOINED = re.compile(r"['’‘`´ʼʹ.]")
_APART = re.compile(r"[\W_]+")
_NUMBER_FIRST = re.compile(r"(?:(?:apt|apartment|ste|suite|unit|flat|no|u)\s+)?(\d+[a-z]?)\b")
_PLACEHOLDER_DATES = frozenset({"19000101", "00010101", "99991231", "18000101", "11111111", "99999999"})


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """
    Return `text` in lower case without accents, words separated by single spaces.

    Apostrophes and full stops join (`O'Brien` is `obrien`); any other punctuation separates
    (`Smith-Jones` is `smith jones`). Scripts other than Latin keep their letters.
    """
    # Folding case may bring out letters that decompose, and the other way round: until nothing changes.
    for _ in range(4):
        before = text
        text = unicodedata.normalize("NFKD", text).casefold()
        text = "".join(letter for letter in text if not unicodedata.combining(letter))
        text = unicodedata.normalize("NFC", text.translate(_LETTERS))
        text = _APART.sub(" ", _JOINED.sub("", text)).strip()
        if text == before:
            break
    return text


def split_name(text: str) -> tuple[tuple[str, ...], str]:
    """
    Return a name's words without honorifics, and its generation (`jr`, `sr`, `ii`, ...; '' when none).

    A word is an honorific or a generation only beside other words, so that a person whose whole name
    is `Don` or `Junior` keeps it. What stands for "no name" (`Baby Boy`, `Unknown`, `Twin B`) gives no words.
    """
    words = fold(text).split()
    while len(words) > 1 and words[0] in HONORIFICS:
        words.pop(0)
    generation = ""
    while len(words) > 1 and (words[-1] in POST_NOMINALS or words[-1] in GENERATIONS):
        generation = GENERATIONS.get(words[-1], generation)
        words.pop()
    if (
        words
        and words[0] in NO_NAME
        and ("of" in words or all(word in NO_NAME or len(word) == 1 or word.isdigit() for word in words))
    ):
        return (), generation
    return tuple(words), generation


def date_digits(text: str) -> str:
    """
    Return 4, 6 or 8 digits, year first; '' when the text is none of these, or a date that means "not known".

    The digits need not be a possible date: a mistyped one is still compared.
    """
    digits = re.sub(r"[\s\-./]", "", text)
    if not digits.isascii() or not digits.isdigit() or len(digits) not in (4, 6, 8):
        return ""
    return "" if digits in _PLACEHOLDER_DATES or not digits.strip("0") else digits


def sex_code(text: str) -> str:
    """Return `f`, `m` or ''; what is neither is no evidence about who somebody is."""
    return {"f": "f", "female": "f", "woman": "f", "m": "m", "male": "m", "man": "m"}.get(fold(text), "")


def postal(text: str) -> str:
    """
    Return a postcode's letters and digits, without leading zeros (spreadsheets lose them) and ZIP+4's last
    four.
    """
    code = text.strip()
    if re.fullmatch(r"\d{5}-\d{4}", code, re.ASCII):
        code = code[:5]
    return fold(code).replace(" ", "").lstrip("0")


def phone_digits(text: str) -> str:
    """
    Return a number's last nine digits, which country code and trunk zero leave alone; '' under seven digits.
    """
    digits = "".join(letter for letter in text if letter in "0123456789")[-9:]
    return "" if len(digits) < 7 or len(set(digits)) == 1 else digits


def email_address(text: str) -> str:
    """Return an address in lower case; '' when it has no `@`."""
    address = text.strip().casefold()
    return address if "@" in address.strip("@") else ""


def identifier_value(text: str) -> str:
    """
    Return an identifier's letters and digits; '' for what is no identifier (`999999999`, `unknown`,
    `123456789`).
    """
    value = fold(text).replace(" ", "")
    counting_up = value.isdigit() and len(value) > 4 and value in "01234567890123456789"
    return "" if len(set(value)) < 2 or counting_up or value in NO_NAME else value


def split_line(text: str) -> tuple[str, str]:
    """
    Return an address line's house number ('' when it has none) and the rest, the type of street in full.
    """
    line = fold(text)
    number = _NUMBER_FIRST.match(line)
    found = ""
    if number and number.end() < len(line):
        found, line = number[1], line[number.end() :].strip()
    words = line.split()
    # `st` is a street at the end of a line and a saint elsewhere.
    words[1:] = [STREET_TYPES.get(word, word) if word != "st" else word for word in words[1:-1]] + [
        STREET_TYPES.get(word, word) for word in words[1:][-1:]
    ]
    return found, " ".join(words)
