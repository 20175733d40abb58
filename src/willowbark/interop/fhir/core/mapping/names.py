"""Which of a patient's names is theirs today."""

from __future__ import annotations

from dataclasses import dataclass

from willowbark.interop.fhir.core.mapping.datatypes import HumanName
from willowbark.interop.fhir.core.mapping.identity_text import identity_text
from willowbark.interop.fhir.core.mapping.reading import Reading

NO_NAME = "(no name given)"

# Official before usual, any other current name before those of the past.
_ORDER = {"official": 0, "usual": 1, None: 2, "nickname": 4, "temp": 4, "anonymous": 5, "maiden": 6, "old": 7}
_OTHER_USES = 3


@dataclass(frozen=True, slots=True)
class Name:
    """A name in its parts; `family` is never empty."""

    family: str
    given: str
    prefix: str


def choose_name(names: list[HumanName], reading: Reading) -> Name:
    """
    Return the best name: one still in use before one that has ended, official before usual before others.

    A name without parts is its text, as the family name.

    Raises:
        Refused: a part that is too long.
    """
    usable = [(number, name) for number, name in enumerate(names) if _has_words(name)]
    if not usable:
        return Name(NO_NAME, "", "")
    number, name = min(
        usable, key=lambda pair: (_has_ended(pair[1], reading), _ORDER.get(pair[1].use, _OTHER_USES))
    )
    path = f"name[{number}]"
    given = " ".join(part.strip() for part in name.given or () if part and part.strip())
    prefix = " ".join(part.strip() for part in name.prefix or () if part and part.strip())
    family = (name.family or "").strip()
    if not family:
        family, given = (given, "") if given else ((name.text or "").strip(), "")
    return Name(
        identity_text(family, "patient.family", f"{path}.family"),
        identity_text(given, "patient.given", f"{path}.given"),
        identity_text(prefix, "patient.prefix", f"{path}.prefix"),
    )


def _has_words(name: HumanName) -> bool:
    return any(part and part.strip() for part in (name.family, name.text, *(name.given or ())))


def _has_ended(name: HumanName, reading: Reading) -> bool:
    end = name.period.end if name.period else None
    return end is not None and end < reading.now.isoformat()[: len(end)]
