"""Recognising supplements and how much of what they give a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from uuid import UUID

from rapidfuzz.distance import DamerauLevenshtein

from willowbark.kernel.errors import Invalid
from willowbark.knowledge.core.amounts import a_day, amount_of
from willowbark.knowledge.core.dosage import Amount, Dosage, amounts_in, read_dosage
from willowbark.knowledge.core.drug_names import LONG_NAME, MARGIN
from willowbark.knowledge.core.folding import fold
from willowbark.knowledge.core.person import TakenAmount, TakenSupplement
from willowbark.knowledge.core.release import Release

LONGEST_WORDS = 6
SHORTEST_MISSPELT = 6


@dataclass(frozen=True, slots=True)
class _Named:
    """An ingredient that a text names, in a form or '', and after which of its folded words."""

    ingredient_key: str
    form_key: str
    start: int
    end: int


class _Phrases:
    """Everything that names an ingredient or a mixture in a release."""

    def __init__(self, release: Release) -> None:
        ingredients: dict[str, tuple[str, str]] = {}
        forms: dict[str, set[tuple[str, str]]] = {}
        for one in release.ingredients.values():
            for name in (one.name, *one.synonyms):
                ingredients[fold(name)] = (one.key, "")
            for form in one.forms:
                for name in (form.name, *form.synonyms):
                    forms.setdefault(fold(name), set()).add((one.key, form.key))
        # The name of a form names its ingredient when no other ingredient comes in it.
        alone = {name: next(iter(found)) for name, found in forms.items() if len(found) == 1}
        self.ingredients: Mapping[str, tuple[str, str]] = {**alone, **ingredients}
        self.forms: Mapping[str, set[tuple[str, str]]] = forms
        self.blends: Mapping[str, tuple[str, ...]] = {fold(k): v for k, v in release.blends.items()}


@lru_cache(maxsize=4)
def _phrases(release: Release) -> _Phrases:
    return _Phrases(release)


def recognise(
    release: Release, text: str, dosage_text: str = "", *, entry_id: UUID | None = None
) -> TakenSupplement:
    """
    The ingredients that a supplement's name says, and how much of each a day.

    An amount that the texts do not say, or that could be of several ingredients, is None with a note.
    """
    phrases = _phrases(release)
    named, mixed = _named(release, phrases, text)
    read_as = ""
    if not named and not mixed:
        read_as, named = _misspelt(phrases, text)
    dosage = read_dosage(dosage_text)
    contents = [_content(release, one, named, text, dosage) for one in named]
    known = {one.ingredient_key for one in named}
    for key in mixed:
        if key not in known:
            known.add(key)
            unit = release.ingredient(key).unit
            contents.append(TakenAmount(key, "", None, unit, "part of a mixture that does not say how much"))
    return TakenSupplement(entry_id, text, tuple(contents), read_as)


def _misspelt(phrases: _Phrases, text: str) -> tuple[str, list[_Named]]:
    """The one ingredient that words of a text can be a slip for, by the rules for drugs."""
    words = fold(text).split()
    found: dict[str, tuple[str, _Named]] = {}
    for length in range(min(LONGEST_WORDS, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            name = _nearest(phrases, " ".join(words[start : start + length]))
            if name:
                key, form = phrases.ingredients[name]
                found.setdefault(key, (name, _Named(key, form, start, start + length)))
    if len(found) != 1:
        return "", []
    name, named = next(iter(found.values()))
    return name, [named]


def _nearest(phrases: _Phrases, words: str) -> str:
    """The name of an ingredient that the words are a slip for, when no other ingredient is near; else ''."""
    if len(words) < SHORTEST_MISSPELT or any(letter.isdigit() for letter in words):
        return ""
    slips = 2 if len(words) >= LONG_NAME else 1
    best: dict[str, tuple[int, str]] = {}
    for name, (key, _) in phrases.ingredients.items():
        distance = DamerauLevenshtein.distance(words, name, score_cutoff=slips + MARGIN - 1)
        if distance < slips + MARGIN:
            best[key] = min(best.get(key, (distance, name)), (distance, name))
    ranked = sorted(best.values())
    if not ranked or ranked[0][0] > slips or ranked[0][1][0] != words[0]:
        return ""
    return ranked[0][1] if len(ranked) == 1 or ranked[1][0] >= ranked[0][0] + MARGIN else ""


def _named(release: Release, phrases: _Phrases, text: str) -> tuple[list[_Named], list[str]]:
    """The ingredients that a text names, in order, and those of the mixtures that it names."""
    words = fold(text).split()
    found: list[_Named] = []
    mixtures: list[tuple[str, ...]] = []
    for start, end, phrase in _longest(words, phrases):
        if phrase in phrases.ingredients:
            key, form = phrases.ingredients[phrase]
            found.append(_Named(key, form, start, end))
        else:
            mixtures.append(phrases.blends[phrase])
    merged: dict[str, _Named] = {}
    for one in sorted(found, key=lambda each: each.start):
        known = merged.get(one.ingredient_key)
        if known is None or (not known.form_key and one.form_key):
            merged[one.ingredient_key] = one
    shared = _forms_of_others(phrases, words)
    named = [
        one
        if one.form_key
        else _Named(one.ingredient_key, shared.get(one.ingredient_key, ""), one.start, one.end)
        for one in merged.values()
    ]
    return named, list(dict.fromkeys(key for mixture in mixtures for key in _beside(release, mixture, named)))


def _beside(release: Release, mixture: tuple[str, ...], named: list[_Named]) -> tuple[str, ...]:
    """What a mixture adds: nothing when what is named says the same ("omega-3 fish oil, EPA and DHA")."""
    groups = set.intersection(*(set(release.ingredient(key).groups) for key in mixture))
    if any(groups & set(release.ingredient(one.ingredient_key).groups) for one in named):
        return ()
    return mixture


def _longest(words: list[str], phrases: _Phrases) -> Iterator[tuple[int, int, str]]:
    """The longest phrases first, no word twice."""
    taken = [False] * len(words)
    for length in range(min(LONGEST_WORDS, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            phrase = " ".join(words[start : start + length])
            if phrase not in phrases.ingredients and phrase not in phrases.blends:
                continue
            if not any(taken[start : start + length]):
                taken[start : start + length] = [True] * length
                yield start, start + length, phrase


def _forms_of_others(phrases: _Phrases, words: list[str]) -> dict[str, str]:
    """Forms that several ingredients come in ("extract", "phytosome"), by ingredient."""
    found: dict[str, str] = {}
    for word in words:
        options = phrases.forms.get(word, set())
        if len(options) > 1:
            for ingredient, form in options:
                found.setdefault(ingredient, form)
    return found


def _content(release: Release, one: _Named, named: list[_Named], text: str, dosage: Dosage) -> TakenAmount:
    """One ingredient with its amount a day, or with why that is not known."""
    ingredient = release.ingredient(one.ingredient_key)
    amount, note = _amount(release, one, named, text, dosage)
    return TakenAmount(one.ingredient_key, one.form_key, amount, ingredient.unit, note)


def _amount(
    release: Release, one: _Named, named: list[_Named], text: str, dosage: Dosage
) -> tuple[Decimal | None, str]:
    if dosage.times_a_day is None:
        return None, "how often it is taken is not said"
    each_time, note = _each_time(release, one, named, text, dosage)
    if each_time is None:
        return None, note
    return a_day(each_time, dosage.times_a_day), ""


def _each_time(
    release: Release, one: _Named, named: list[_Named], text: str, dosage: Dosage
) -> tuple[Decimal | None, str]:
    """The amount that is taken each time: as the dosage says, else pieces of what the name says."""
    if dosage.amounts:
        if len(dosage.amounts) > 1:
            return None, "the dosage states more than one amount"
        if dosage.pieces is not None and dosage.pieces > 1:
            return None, "the dosage does not say whether its amount is of one piece or of all"
        amount = dosage.amounts[0]
        sharing = [other for other in named if _fits(release, other, amount)]
        if len(sharing) > 1:
            return None, "the dosage does not say of which ingredient its amount is"
        return _converted(release, one, amount)
    stated = _stated_in_name(release, one, named, text)
    if stated is None:
        return None, "how much is in it is not said"
    if dosage.pieces is None:
        return None, "how many are taken each time is not said"
    each, note = _converted(release, one, stated)
    return (None, note) if each is None else (each * dosage.pieces, "")


def _stated_in_name(release: Release, one: _Named, named: list[_Named], text: str) -> Amount | None:
    """The amount in the name that is this ingredient's: the only one, or the one after its words."""
    amounts = amounts_in(text)
    if len(named) == 1:
        return amounts[0] if len(amounts) == 1 else None
    for amount in amounts:
        before = [other for other in named if other.end <= len(fold(text[: amount.start]).split())]
        if before and max(before, key=lambda other: other.end).ingredient_key == one.ingredient_key:
            return amount if _fits(release, one, amount) else None
    return None


def _fits(release: Release, one: _Named, amount: Amount) -> bool:
    return _converted(release, one, amount)[0] is not None


def _converted(release: Release, one: _Named, amount: Amount) -> tuple[Decimal | None, str]:
    try:
        return amount_of(release.ingredient(one.ingredient_key), one.form_key, amount.value, amount.unit), ""
    except Invalid as error:
        return None, str(error)
