"""Say in words why two rows may be one person: what a person reads before deciding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from willowbark.patients.core.identifiers import masked
from willowbark.patients.core.matching.comparison import Comparison
from willowbark.patients.core.matching.person import Person
from willowbark.patients.core.matching.rules import WORDS

_FIELDS = {
    "given": "Given name",
    "family": "Family name",
    "birth": "Birth date",
    "sex": "Sex",
    "national": "National identifier",
    "identifier": "Other identifier",
    "phone": "Telephone",
    "email": "E-mail",
    "number": "House number",
    "street": "Street",
    "place": "Second address line",
    "city": "City",
    "postal_code": "Postcode",
    "state": "State",
}
_LEVELS = {
    "exact": "the same",
    "nickname": "usual forms of one name",
    "typo": "a slip apart",
    "part": "one is part of the other",
    "initial": "one is the other's initial",
    "similar": "alike",
    "swapped": "day and month are swapped",
    "generation": "one digit apart, ten years or more",
    "near": "two of year, month and day agree",
    "month": "agree as far as they are known, to the month",
    "year": "agree as far as they are known, to the year",
    "mixed": "one agrees, another does not",
    "different": "different",
}
# What a person compares as one thing, though each part of it is weighed by itself.
_TOGETHER = {
    "given": ("given",),
    "family": ("family",),
    "birth": ("birth",),
    "sex": ("sex",),
    "identifiers": ("national", "identifier"),
    "phone": ("phone",),
    "email": ("email",),
    "address": ("number", "street", "place", "city", "postal_code", "state"),
}
_HEADINGS = {"identifiers": "Numbers and codes", "address": "Address"}
# Below this many bits a correction is not worth a line.
_WORTH_SAYING = 0.05


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line of evidence: `weight` in bits, above 0 for "the same person", below 0 against it."""

    field: str
    level: str
    weight: float
    words: str


def evidence(comparison: Comparison) -> tuple[Evidence, ...]:
    """
    Return the evidence of a comparison, in a fixed order of fields; fields not known on both sides have no
    line.

    The weights, rounded to hundredths, add up to the base-2 logarithm of the odds behind
    `comparison.probability`.
    """
    return tuple(_lines(comparison))


def _lines(comparison: Comparison) -> Iterator[Evidence]:
    score, one, other = comparison.score, comparison.one.person, comparison.other.person
    for name, label in _FIELDS.items():
        weight = score.weights.get(name)
        if weight is None:
            continue
        how = _LEVELS[weight.level]
        if name in ("given", "family") and score.names_swapped:
            how += " when given and family name are swapped"
        if name in ("street", "place") and score.lines_swapped:
            how += " when the address lines are swapped"
        mine, theirs = _values(name, one), _values(name, other)
        values = mine if mine == theirs else f"{mine} / {theirs}"
        yield Evidence(name, weight.level, round(weight.stranger, 2), f"{label}: {how} ({values})")
    if abs(score.moved) >= _WORTH_SAYING:
        words = "Address as a whole: people move house, so what differs in it counts less"
        yield Evidence("address", "moved", round(score.moved, 2), words)
    if abs(score.household) >= _WORTH_SAYING:
        words = "They may be two people of one household, such as twins, or a parent and a child of one name"
        yield Evidence("household", "alternative", round(score.household, 2), words)
    words = "Two rows picked at random are hardly ever one person"
    yield Evidence("chance", "prior", round(score.prior, 2), words)


def _values(name: str, person: Person) -> str:
    """Return what a row says about a field, as it was given."""
    match name:
        case "given" | "family" | "sex" | "city" | "postal_code" | "state":
            return str(getattr(person, name))
        case "birth":
            return person.birth_date
        case "national" | "identifier":
            return ", ".join(_numbers(person))
        case "phone":
            return ", ".join(person.phones)
        case "email":
            return ", ".join(person.emails)
        case _:
            parts = (person.house_number, *person.lines) if name == "number" else person.lines
            return ", ".join(filter(None, parts))


def _numbers(person: Person, *, in_full: bool = False) -> tuple[str, ...]:
    """Return a row's numbers, system by system; what is said of them masks the sensitive ones."""
    return tuple(
        masked(value) if system in person.sensitive and not in_full else value
        for system in sorted(person.identifiers)
        for value in sorted(person.identifiers[system])
    )


def as_json(
    comparison: Comparison, *, probability: float | None = None, through: bool = False
) -> dict[str, Any]:
    """
    Return a comparison as plain values for JSON: keys `a`, `b`, `probability`, `evidence`, `objections`,
    `through`.

    `probability` replaces the comparison's own where the pair follows from others.
    """
    return {
        "a": comparison.one.key,
        "b": comparison.other.key,
        "probability": round(comparison.probability if probability is None else probability, 6),
        "through": through,
        "objections": [{"code": found.value, "words": WORDS[found]} for found in comparison.objections],
        "evidence": [asdict(line) for line in evidence(comparison)],
    }


@dataclass(frozen=True, slots=True)
class Compared:
    """
    One line of two rows side by side: what each says now, and what the comparison made of it then.

    `agreement` is in words, '' where one of them says nothing. `weight` is in bits, above 0 for "the same
    person", below 0 against it, None where nothing was weighed. `is_alike`: both say the same, whatever the
    case of the letters, and not only as far as it is shown.
    """

    field: str
    label: str
    mine: tuple[str, ...]
    theirs: tuple[str, ...]
    agreement: str
    weight: float | None
    is_alike: bool


def side_by_side(
    evidence_lines: Iterable[Mapping[str, Any]], one: Person, other: Person
) -> tuple[Compared, ...]:
    """
    Return two rows line by line, with the evidence that was found; lines on which neither says anything are
    left out.

    `evidence_lines` are those of `as_json`: keys `field`, `level`, `weight`.
    """
    found = {str(line["field"]): line for line in evidence_lines}
    lines = []
    for field, parts in _TOGETHER.items():
        mine, theirs = _said(field, one), _said(field, other)
        weighed = [found[part] for part in parts if part in found]
        if not (mine or theirs):
            continue
        lines.append(
            Compared(
                field,
                _HEADINGS.get(field) or _FIELDS[field],
                mine,
                theirs,
                _agreement(weighed, named=len(parts) > 1),
                round(sum(float(line["weight"]) for line in weighed), 2) if weighed else None,
                is_alike=_whole(field, one) == _whole(field, other),
            )
        )
    return tuple(lines)


def _agreement(weighed: Sequence[Mapping[str, Any]], *, named: bool) -> str:
    """Return how the parts of a line agree: each by its name, where a line has several."""
    words = [
        f"{_FIELDS[str(line['field'])].lower()} {_LEVELS.get(str(line['level']), str(line['level']))}"
        if named
        else _LEVELS.get(str(line["level"]), str(line["level"]))
        for line in weighed
    ]
    return "; ".join(words)


def _whole(field: str, person: Person) -> list[str]:
    """Return what a row says on a line, in full and in small letters."""
    said = _numbers(person, in_full=True) if field == "identifiers" else _said(field, person)
    return [each.casefold() for each in said]


def _said(field: str, person: Person) -> tuple[str, ...]:
    """Return what a row says on a line, one text for each of several values."""
    match field:
        case "birth":
            said: Iterable[str] = (person.birth_date,)
        case "sex":
            said = () if person.sex == "unknown" else (person.sex,)
        case "identifiers":
            said = _numbers(person)
        case "phone":
            said = person.phones
        case "email":
            said = person.emails
        case "address":
            place = " ".join(filter(None, (person.city, person.state, person.postal_code)))
            said = (" ".join(filter(None, (person.house_number, *person.lines))), place)
        case _:
            said = (str(getattr(person, field)),)
    return tuple(each for each in said if each)
