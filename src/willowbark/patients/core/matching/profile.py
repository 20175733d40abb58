"""A person, normalised once, so that comparing two costs only the comparing."""

from __future__ import annotations

from dataclasses import dataclass, field

from willowbark.patients.core.matching.normalise import (
    STREET_TYPE_WORDS,
    date_digits,
    email_address,
    fold,
    identifier_value,
    phone_digits,
    postal,
    sex_code,
    split_line,
    split_name,
)
from willowbark.patients.core.matching.person import Person


@dataclass(frozen=True, slots=True)
class Profile:
    """
    What two people are compared by; two profiles are equal when they say the same, whoever's they are. Every
    text is folded, '' or empty when not known.

    `given` and `family` are written without spaces, since a slipped space is the commonest slip; their words
    are in `given_words` and `family_words`. `street` and `place` are the first and second address line,
    without spaces, house number or type of street (`street_full` and `place_full` keep the type).
    """

    person: Person = field(compare=False)
    given: str
    given_words: tuple[str, ...]
    family: str
    family_words: tuple[str, ...]
    generation: str
    birth: str
    sex: str
    number: str
    street: str
    street_full: str
    place: str
    place_full: str
    city: str
    postal_code: str
    state: str
    phones: frozenset[str]
    emails: frozenset[str]
    identifiers: dict[str, frozenset[str]] = field(hash=False)

    @property
    def key(self) -> str:
        """The key of the person."""
        return self.person.key


def _name_of(line: str) -> str:
    """Return a street's own name without spaces: the type of street goes, unless nothing else is there."""
    words = line.split()
    own = [word for word in words if word not in STREET_TYPE_WORDS]
    return "".join(own or words)


def profile_of(person: Person) -> Profile:
    """Return the person, normalised; never fails, since what cannot be read counts as not known."""
    given_words, given_generation = split_name(person.given)
    family_words, family_generation = split_name(person.family)
    number, lines = fold(person.house_number).replace(" ", ""), []
    for line in person.lines:
        found, rest = split_line(line)
        number = number or found
        if rest:
            lines.append(rest)
    street, place = (*lines[:2], "", "")[:2]
    identifiers = {
        system: frozenset(filter(None, map(identifier_value, values)))
        for system, values in person.identifiers.items()
    }
    return Profile(
        person=person,
        given="".join(given_words),
        given_words=given_words,
        family="".join(family_words),
        family_words=family_words,
        generation=family_generation or given_generation,
        birth=date_digits(person.birth_date),
        sex=sex_code(person.sex),
        number=number,
        street=_name_of(street),
        street_full=street.replace(" ", ""),
        place=_name_of(place),
        place_full=place.replace(" ", ""),
        city=fold(person.city).replace(" ", ""),
        postal_code=postal(person.postal_code),
        state=fold(person.state).replace(" ", ""),
        phones=frozenset(filter(None, map(phone_digits, person.phones))),
        emails=frozenset(filter(None, map(email_address, person.emails))),
        identifiers={system: values for system, values in identifiers.items() if values},
    )
