"""What of a typed amount could not be counted, in words: said rather than guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from willowbark.kernel.errors import Invalid
from willowbark.knowledge.core.amounts import amount_of
from willowbark.knowledge.core.dosage import amounts_in
from willowbark.knowledge.core.folding import fold
from willowbark.knowledge.core.person import TakenAmount, TakenSupplement
from willowbark.knowledge.core.release import Release

# A list need not say amounts: that nobody stated one is no fault.
_NO_FAULT = ("how often", "how much is in it", "how many are taken", "part of a mixture")
# With neither of them, a number of the text may be an amount in a unit that nobody knows.
_UNSAID = ("how much is in it", "how often")
_BELOW_ZERO = re.compile(r"(?:^|\s)[-\u2212](\d[\d.,]*\s*[a-zµμ]+)", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.,/-])(\d[\d.,]*)(?![\w-])\s*([^\s\d(),;]*)")
_BLEND = re.compile(r"\b(?:proprietary|blend|complex|formula|matrix)\b", re.IGNORECASE)
# Words after a number that count pieces, or times: no amount, unless there were too many of them.
_PIECES = re.compile(
    r"(?:capsules?|caps?|tablets?|tabs?|softgels?|gummy|gummies|scoops?|drops?|lozenges?|pills?|sprays?"
    r"|packets?|sachets?|pieces?|servings?)\Z",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"(?:x|times?|daily|per|a|an|each|every|days?|weeks?|months?|hours?|hrs?|in|at|with|before|after|to|or|and|-)?\Z",
    re.IGNORECASE,
)
_MOST_TIMES = 12


def unclear_amounts(release: Release, supplement: TakenSupplement) -> tuple[str, ...]:
    """
    Why amounts of a supplement were not counted though its text states some; () when there is nothing to say.

    Below zero, zero, in a unit that does not fit or that nobody knows, more than can be meant, or of a blend
    that does not say how much of each is in it.
    """
    return tuple(dict.fromkeys(_reasons(release, supplement)))


def blend_reason(text: str) -> str:
    """Why a text that names nothing known was not checked: a blend that does not say what is in it, or ''."""
    return "a blend that does not say what is in it" if _BLEND.search(text) else ""


def _reasons(release: Release, supplement: TakenSupplement) -> Iterator[str]:
    below = _BELOW_ZERO.search(supplement.text)
    if below is not None:
        yield f"an amount must be above zero, not -{below[1]}"
        return
    uncounted = [one for one in supplement.contents if one.amount_a_day is None]
    for one in uncounted:
        if one.note and not one.note.startswith(_NO_FAULT):
            yield one.note
        elif one.note.startswith("how often") and len(supplement.contents) == 1:
            yield from _misfit(release, one, supplement.text)
    if (
        uncounted
        and all(one.note.startswith(_UNSAID) for one in uncounted)
        and not amounts_in(supplement.text)
    ):
        yield from _without_unit(release, supplement)


def _without_unit(release: Release, supplement: TakenSupplement) -> Iterator[str]:
    """Numbers of the text that belong to no name, and whose unit is none."""
    named = {
        word
        for content in supplement.contents
        for name in _names(release, content.ingredient_key)
        for word in fold(name).split()
    }
    for number, unit in _NUMBER.findall(supplement.text):
        if number in named or _PIECES.match(unit):
            continue
        if not _TIMES.match(unit):
            yield f"{unit!r} is no unit that is known"
        elif _many(number):
            yield f"{number} has no unit"


def _many(number: str) -> bool:
    digits = re.sub(r"\D", "", number)
    return int(digits) > _MOST_TIMES


def _misfit(release: Release, content: TakenAmount, text: str) -> Iterator[str]:
    """An amount that cannot be, however often it is taken."""
    amounts = amounts_in(text)
    if len(amounts) == 1:
        try:
            amount_of(
                release.ingredient(content.ingredient_key),
                content.form_key,
                amounts[0].value,
                amounts[0].unit,
            )
        except Invalid as error:
            yield str(error)


def _names(release: Release, ingredient_key: str) -> Iterator[str]:
    one = release.ingredient(ingredient_key)
    yield from (one.name, *one.synonyms)
    for form in one.forms:
        yield from (form.name, *form.synonyms)
