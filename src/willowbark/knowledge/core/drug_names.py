"""Recognising drugs as they are written. A wrong match is worse than none."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from willowbark.knowledge.core.drug_book import DrugBook, Names
from willowbark.knowledge.core.drug_text import FORM_WORDS, SALT_WORDS, take_apart, without_forms
from willowbark.knowledge.core.folding import fold
from willowbark.knowledge.core.naming import find_names

RXNORM_SYSTEMS = frozenset(
    {
        "http://www.nlm.nih.gov/research/umls/rxnorm",
        "urn:oid:2.16.840.1.113883.6.88",
        "2.16.840.1.113883.6.88",
        "rxnorm",
    }
)
# A misspelt name is brought back only when it is long enough, begins alike and has one near neighbour: one
# slip (a letter more, less, other, or two swapped; two in a long name), and the next drug MARGIN further.
SHORTEST_MISSPELT = 7
LONG_NAME = 11
MARGIN = 2
# What is used beside a drug, and may bear its name: "glucose test strips", "insulin pen needles".
_DEVICE = re.compile(
    r"\b(?:test strips?|lancets?|needles?|glucometer|(?:glucose|blood pressure) (?:meter|monitor)|stockings?"
    r"|dressings?|bandages?)\b"
)


@dataclass(frozen=True, slots=True)
class Recognised:
    """
    What a drug's text or code was recognised as.

    `via`: 'code', 'name' or 'spelling' (a misspelt name: `matched_text` is the name it was taken for, and a
    person should see it). `unmatched`: components that nothing is known of. `unreviewed`: drugs whose
    classes were never reviewed, so that no rule knows them. `note` says what a person should know.
    """

    text: str
    drug_keys: tuple[str, ...]
    class_keys: tuple[str, ...]
    via: str
    matched_text: str
    unmatched: tuple[str, ...] = ()
    unreviewed: tuple[str, ...] = ()
    note: str = ""


def recognise(book: DrugBook, text: str, code_system: str = "", code: str = "") -> Recognised | None:
    """
    The drugs that a text or its code stands for; None when neither says anything.

    When code and text name different drugs, both count and `note` says so: leaving one out could miss an
    interaction.
    """
    names = book.names
    by_code = names.codes.get(code.strip(), ()) if code_system.strip().lower() in RXNORM_SYSTEMS else ()
    keys, spelt, unmatched = _by_text(names, text)
    if by_code:
        together = tuple(dict.fromkeys((*by_code, *keys)))
        note = ""
        if keys and not set(keys) & set(by_code):
            note = f"the code says {_said(book, by_code)}, the text {_said(book, keys)}: both are checked"
        return _recognised(book, text, together, "code", spelt, () if keys else unmatched, note)
    if not keys:
        return None
    return _recognised(book, text, keys, "spelling" if spelt else "name", spelt, unmatched, "")


def _recognised(
    book: DrugBook,
    text: str,
    keys: tuple[str, ...],
    via: str,
    spelt: str,
    unmatched: tuple[str, ...],
    note: str,
) -> Recognised:
    classes = {name for key in keys if key in book.drugs for name in book.drugs[key].classes}
    return Recognised(
        text=text,
        drug_keys=keys,
        class_keys=tuple(sorted(classes)),
        via=via,
        matched_text=spelt or _said(book, keys),
        unmatched=unmatched if via != "code" else (),
        unreviewed=tuple(key for key in keys if key not in book.drugs),
        note=note,
    )


def _said(book: DrugBook, keys: tuple[str, ...]) -> str:
    return ", ".join(book.drugs[key].name if key in book.drugs else key.replace("_", " ") for key in keys)


def _by_text(names: Names, text: str) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """The drugs of a text, the names that misspelt ones were taken for, and the components left over."""
    if _DEVICE.search(fold(text)):
        return (), "", ()
    parts = take_apart(text)
    keys: list[str] = []
    spelt: list[str] = []
    unmatched: list[str] = []
    for component in parts.components:
        words = without_forms(component)
        if not words:
            continue
        found = _by_brand(names, words) or find_names(component, names.generic)
        if not found:
            name, found = _misspelt(names, words)
            if name:
                spelt.append(name)
        if found:
            keys.extend(found)
        elif not all(word in SALT_WORDS or len(word) < 3 for word in words):
            unmatched.append(" ".join(words))
    for brand in parts.brands:
        inside = names.brands.get(brand, ())
        if not keys or set(inside) & set(keys):
            keys.extend(inside)
    if parts.brands and keys and not spelt:
        unmatched = []
    return tuple(dict.fromkeys(keys)), ", ".join(spelt), tuple(unmatched)


def _by_brand(names: Names, words: tuple[str, ...]) -> tuple[str, ...]:
    """The drugs of a brand that the words begin with or are; the longest brand first."""
    for length in range(len(words), 0, -1):
        found = names.brands.get(" ".join(words[:length]))
        if found is not None:
            return found
    return ()


def _misspelt(names: Names, words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The one marketed drug that a word can be a slip for; several such words must agree."""
    found: dict[str, str] = {}
    for word in words:
        if word in FORM_WORDS or word in SALT_WORDS or len(word) < SHORTEST_MISSPELT or not word.isalpha():
            continue
        name = nearest(names, word)
        if name is not None and names.generic[name] in names.marketed:
            found[name] = names.generic[name]
    if len(set(found.values())) != 1:
        return "", ()
    name = next(iter(found))
    return name, (found[name],)


def nearest(names: Names, word: str) -> str | None:
    """The name that a word is a slip for, when there is exactly one drug it can be, marketed or not."""
    slips = 2 if len(word) >= LONG_NAME else 1
    near = process.extract(
        word,
        names.generic.keys(),
        scorer=DamerauLevenshtein.distance,
        score_cutoff=slips + MARGIN - 1,
        limit=None,
    )
    best: dict[str, tuple[int, str]] = {}
    for name, distance, _ in near:
        key = names.generic[name]
        best[key] = min(best.get(key, (99, "")), (int(distance), name))
    ranked = sorted(best.values())
    if not ranked or ranked[0][0] > slips or ranked[0][1][0] != word[0]:
        return None
    if len(ranked) > 1 and ranked[1][0] < ranked[0][0] + MARGIN:
        return None
    return ranked[0][1]
