"""Reading how much of something is taken, how often and when. What a text does not say stays unknown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from willowbark.knowledge.core.person import MOMENTS

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?)"
_MASS = (
    r"(?:mcg\s*(?:rae|dfe)?|µg|μg|ug\s*(?:rae|dfe)?|mg\s*(?:ne)?|ng|kg|g|grams?|milligrams?|micrograms?|i\.?u\.?"
    r"|\[iu\]|unt|international\s+units?|(?:billion|million)\s*(?:cfus?|afu|live\s+cells)?|cfus?|ml|millilit(?:er|re)s?)"
)
# "-15 mg" after a space is below zero and no amount; "5-10 mg" is a span.
_AMOUNT = re.compile(rf"(?<![\w.,])(?<!\s-)(?<!\s\u2212)({_NUMBER})\s*({_MASS})(?![a-z0-9])", re.IGNORECASE)
# "5.000" is five or five thousand, "2 500" may be two of 500, and "2 x 500" is: such numbers say nothing.
_EITHER = re.compile(r"[1-9]\d{0,2}\.\d{3}\Z")
_PARTED = re.compile(r"(?<![\w.,-])\d{1,3}[ \u00a0\u202f'\u2019]\Z")
_NAMED_BY_NUMBER = re.compile(r"\b(?:omega|[a-k]|co ?q)\s\d{1,2}.\Z", re.IGNORECASE)
_TIMES_OVER = re.compile(r"(?<![\w.,])\d+\s*[x\u00d7]\s*\Z", re.IGNORECASE)
_PIECES = re.compile(
    r"(?<![\w.,/])(\d+(?:[.,]\d+)?|half|one|two|three|four|five|six|a|an)"
    r"(?:\s*(?:-|to|or)\s*(\d+|two|three|four))?\s*(?:x\s*)?"
    rf"(?:{_NUMBER}\s*{_MASS}\s+)?"
    r"(?:capsules?|caps?|tablets?|tabs?|softgels?|soft\s+gels?|gummy|gummies|scoops?|drops?|lozenges?|pills?|sprays?"
    r"|packets?|sachets?|teaspoons?|pieces?|patch(?:es)?|puffs?|servings?)\b",
    re.IGNORECASE,
)
_WORDS = {
    "half": "0.5",
    "a": "1",
    "an": "1",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
}
# A number that stands without the word: "1 tablet in the morning and 2 at night". "At 8 pm" is a time.
_AT_MOMENT = re.compile(
    r"(?<![\w.,/:])(?<!\bat )(\d+(?:[.,]\d+)?|half|one|two|three|four|five|six)\s+"
    r"(?:(?:in\s+the|in|at|with|before|after|every|each)\s+)?"
    r"(?:mornings?|breakfast|lunch|noon|midday|evenings?|dinner|supper|bed(?:time)?|night|qam|qpm|qhs|am|pm)\b",
    re.IGNORECASE,
)
_COUNT = r"(\d+|one|two|three|four|five|six)"
_A = r"(?:a|per|each|every)"
# How often, the first that fits. None stands for the number that the pattern caught.
_OFTEN: tuple[tuple[str, Fraction | None, Fraction], ...] = (
    (r"\bevery\s+other\s+day\b|\balternate\s+days\b|\bqod\b", Fraction(1, 2), Fraction(1)),
    (r"\bevery\s+(?:2|two|second)\s+days?\b", Fraction(1, 2), Fraction(1)),
    (rf"\btwice\s+(?:{_A}\s+)?week(?:ly)?\b", Fraction(2, 7), Fraction(1)),
    (rf"\b{_COUNT}\s*(?:times|x)\s*(?:{_A}|/)?\s*week\b", None, Fraction(1, 7)),
    (r"\bonce\s+(?:a|per)\s+week\b|\bweekly\b|\b(?:each|every)\s+week\b", Fraction(1, 7), Fraction(1)),
    (r"\bonce\s+(?:a|per)\s+month\b|\bmonthly\b|\b(?:each|every)\s+month\b", Fraction(1, 30), Fraction(1)),
    (r"\bin\s+(?:two|three|four|\d|divided)\s*(?:divided\s+)?doses\b|\bdivided\b", Fraction(1), Fraction(1)),
    (rf"\btwice\s+(?:{_A}\s+)?da(?:y|ily)\b|\bb\.?i\.?d\b", Fraction(2), Fraction(1)),
    (r"\bevery\s+12\s*h|\bq12h\b", Fraction(2), Fraction(1)),
    (rf"\b{_COUNT}\s*(?:times|x)\s*(?:{_A}|/)?\s*da(?:y|ily)\b", None, Fraction(1)),
    (r"\bthrice\s+(?:a\s+)?da(?:y|ily)\b|\bt\.?i\.?d\b|\bevery\s+8\s*h|\bq8h\b", Fraction(3), Fraction(1)),
    (r"\bq\.?i\.?d\b|\bevery\s+6\s*h|\bq6h\b", Fraction(4), Fraction(1)),
    (r"\b(?:with|before|after)\s+(?:each|every)\s+meal\b", Fraction(3), Fraction(1)),
    (rf"\bonce\b|\bdaily\b|\b{_A}\s+day\b|/\s*day\b|\bq\.?d\b|\bo\.d\.|\bqhs\b", Fraction(1), Fraction(1)),
)
_TIMES = tuple((re.compile(pattern, re.IGNORECASE), times, per) for pattern, times, per in _OFTEN)
_ONCE_OR = re.compile(r"\bonce\b|\bor\b|\bdivided\b|\bdoses\b", re.IGNORECASE)
_WITH_OR_WITHOUT = re.compile(r"\bwith\s+or\s+without\b", re.IGNORECASE)
_WAKING = re.compile(
    r"\bon\s+waking\b|\bwak(?:e|ing)\b|\bempty\s+stomach\b|\bbefore\s+breakfast\b|\bfirst\s+thing\b",
    re.IGNORECASE,
)
_MOMENTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("breakfast", re.compile(r"\bmornings?\b|\bbreakfast\b|\bqam\b|\ba\.m\.|\bam\b", re.IGNORECASE)),
    ("lunch", re.compile(r"\blunch\b|\bnoon\b|\bmidday\b", re.IGNORECASE)),
    ("dinner", re.compile(r"\bevenings?\b|\bdinner\b|\bsupper\b|\bqpm\b|\bp\.m\.|\bpm\b", re.IGNORECASE)),
    ("bedtime", re.compile(r"\bbed(?:time)?\b|\bnight(?:ly)?\b|\bqhs\b|\bhs\b|\bsleep\b", re.IGNORECASE)),
)
_AS_NEEDED = re.compile(
    r"\bas\s+needed\b|\bp\.?r\.?n\b|\bwhen\s+needed\b|\bif\s+needed\b|\bat\s+the\s+onset\b", re.IGNORECASE
)
# When something is taken so many times a day and nobody says when.
SPREAD = {
    2: ("breakfast", "dinner"),
    3: ("breakfast", "lunch", "dinner"),
    4: ("breakfast", "lunch", "dinner", "bedtime"),
}


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount that a text states, and where in the text it begins and ends."""

    value: Decimal
    unit: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Dosage:
    """
    What a dosage says.

    `amounts`: every amount with a unit of mass, IU or CFU. `pieces`: tablets or the like each time, the most
    when it is a span; None when it does not say. `times_a_day` None: not said. `moments` in the order of the
    day; `moments_are_assumed`: spread over the day because only the number of times is said.
    `with_breakfast`: breakfast itself is named, not just the morning.
    """

    amounts: tuple[Amount, ...]
    pieces: Decimal | None
    times_a_day: Fraction | None
    moments: tuple[str, ...]
    moments_are_assumed: bool
    as_needed: bool
    with_breakfast: bool = False


def number(text: str) -> Decimal:
    """A number as people write it: 1,000 is a thousand and 2,5 is two and a half."""
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", text):
        return Decimal(text.replace(",", ""))
    return Decimal(text.replace(",", "."))


def amounts_in(text: str) -> tuple[Amount, ...]:
    """Every amount with a unit that a text states; none when one of them may be read in two ways."""
    found = list(_AMOUNT.finditer(text))
    if any(_is_unclear(text[: each.start()], each[1]) for each in found):
        return ()
    return tuple(Amount(number(each[1]), _unit(each[2]), each.start(), each.end()) for each in found)


def _is_unclear(before: str, digits: str) -> bool:
    """Whether a number may be another one: for its point, or for the number that stands before it."""
    if _EITHER.match(digits) or _TIMES_OVER.search(before):
        return True
    is_three = len(digits.partition(".")[0]) == 3
    return is_three and bool(_PARTED.search(before)) and not _NAMED_BY_NUMBER.search(before)


def _unit(text: str) -> str:
    folded = "".join(text.lower().split())
    if folded.startswith(("billion", "million")):
        return f"{folded[:7]}_cfu"
    if folded.startswith(("i", "[i", "unt")):
        return "iu"
    return "cfu" if folded == "cfus" else folded


@lru_cache(maxsize=20_000)
def read_dosage(text: str) -> Dosage:
    """What a dosage says, as far as it says it."""
    moments = _moments(text)
    times = _times(text, len(moments))
    as_needed = bool(_AS_NEEDED.search(text))
    if times is None and moments and not as_needed:
        times = Fraction(len(moments))
    assumed = False
    whole_times = int(times) if times is not None else 0
    if not as_needed and whole_times > len(moments):
        spread = SPREAD.get(whole_times, ())
        together = {*moments, *spread}
        assumed = bool(spread)
        moments = tuple(one for one in MOMENTS if one in together)
    return Dosage(
        amounts=amounts_in(text),
        pieces=_pieces(text),
        times_a_day=times,
        moments=() if as_needed else moments,
        moments_are_assumed=assumed and not as_needed,
        as_needed=as_needed,
        with_breakfast=bool(re.search(r"\bbreakfast\b", text, re.IGNORECASE)),
    )


def _times(text: str, moments: int) -> Fraction | None:
    """
    How often a day; `moments` are named in the text. "Twice a day, every other day" is once a day, and "daily
    with breakfast and dinner" is twice.
    """
    said = [found for pattern, times, per in _TIMES if (found := _often(pattern, times, per, text))]
    if not said:
        return None
    first, *others = said
    if first < 1:
        return first * max([each for each in others if each > 1], default=Fraction(1))
    if first == 1 and moments > 1 and not _ONCE_OR.search(_WITH_OR_WITHOUT.sub(" ", text)):
        return Fraction(moments)
    return first


def _often(pattern: re.Pattern[str], times: Fraction | None, per: Fraction, text: str) -> Fraction | None:
    found = pattern.search(text)
    if found is None or times is not None:
        return times if found else None
    return Fraction(_WORDS.get(found[1].lower(), found[1])) * per


def _pieces(text: str) -> Decimal | None:
    """How many each time, the most of a span; None when it is not said, or differs from time to time."""
    stated = [(found[2] or found[1]).lower() for found in _PIECES.finditer(text)]
    if not stated:
        return None
    stated += [found[1].lower() for found in _AT_MOMENT.finditer(text)]
    numbers = {number(_WORDS.get(each, each)) for each in stated}
    return numbers.pop() or None if len(numbers) == 1 else None


def _moments(text: str) -> tuple[str, ...]:
    """The moments that the text names; before breakfast, or on an empty stomach, is on waking."""
    if _WAKING.search(text):
        text = re.sub(r"\bbefore\s+breakfast\b|\bmornings?\b", " ", text, flags=re.IGNORECASE)
        named = {"waking", *(moment for moment, pattern in _MOMENTS if pattern.search(text))}
    else:
        named = {moment for moment, pattern in _MOMENTS if pattern.search(text)}
    return tuple(one for one in MOMENTS if one in named)
