"""The numbers by which systems know a patient, with the labels that people know them by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

# HL7 v2 table 0203, as FHIR Identifier.type uses it.
LABELS = {"MR": "MRN", "SS": "SSN", "DL": "Driving licence", "PPN": "Passport", "": "Id"}

# Of the same table: what a state, an insurer or a bank knows a person by. Whoever has it can pass for them.
_SENSITIVE_TYPES = frozenset(
    {
        "SS", "SSN", "SB", "NI", "NIIP", "TAX", "DL", "PPN", "PRC", "PC", "MI", "BCT", "CZ", "BA", "CC", "HC",
        "JHN", "MA", "MB", "MC", "PEN", "WC", "WCN",
    }
)  # fmt: skip
# The same by the names that systems have, for numbers that come without a type.
_SENSITIVE_SYSTEMS = (
    "ssn", "social", "passport", "driver", "driving", "licen", "national", "tax", "nhs", "medicare",
    "medicaid", "2.16.840.1.113883.4.1", "2.16.840.1.113883.4.3.",
)  # fmt: skip
# Medicare's numbers, of today and of before 2020; too short to be looked for inside other words.
_SENSITIVE_WORDS = frozenset({"mbi", "hicn"})
_RECORD_NUMBER = "MR"


# Four of eight or more tell a person which number it is, and nobody else what it is.
_SHOWN, _ENOUGH_TO_SHOW = 4, 8
_MASK = "••••"


@dataclass(frozen=True, slots=True)
class Identifier:
    """
    A number of the patient's, as shown.

    `show_url` is where the whole of a masked one is, else ''; `is_unreadable` when it cannot be opened now.
    """

    label: str
    value: str
    system: str
    show_url: str = ""
    is_unreadable: bool = False


def identifier(
    type_code: str, value: str, system: str, show_url: str = "", *, is_unreadable: bool = False
) -> Identifier:
    """A number with its label; a type that has none keeps its code."""
    return Identifier(LABELS.get(type_code, type_code), value, system, show_url, is_unreadable)


def looked_up_as(value: str) -> str:
    """What a sealed number is found by: its letters and digits, so that hyphens and blanks do not matter."""
    folded = unicodedata.normalize("NFKC", value).casefold()
    return "".join(letter for letter in folded if letter.isalnum()) or value


def masked(value: str) -> str:
    """A sensitive number as pages show it: its last four letters and digits, none of a short one."""
    letters = [letter for letter in value if letter.isalnum()]
    return _MASK + "".join(letters[-_SHOWN:] if len(letters) >= _ENOUGH_TO_SHOW else ())


def is_sensitive(type_code: str, system: str) -> bool:
    """Whether a number is one by which somebody could pass for the patient elsewhere: not for lists."""
    known_by = system.lower()
    national = type_code.startswith("NN")
    return (
        national
        or type_code in _SENSITIVE_TYPES
        or any(word in known_by for word in _SENSITIVE_SYSTEMS)
        or not _SENSITIVE_WORDS.isdisjoint(re.split(r"[^a-z0-9]+", known_by))
    )


def for_lists(numbers: Iterable[tuple[str, str, str]]) -> tuple[tuple[str, str, str], ...]:
    """
    What a list may show of (type, value, system): a record number, and one other that is not sensitive.

    Without a record number it is that other one alone; the rest stands in the opened chart.
    """
    open_ones = [number for number in numbers if not is_sensitive(number[0], number[2])]
    records = [number for number in open_ones if number[0] == _RECORD_NUMBER][:1]
    others = [number for number in open_ones if number[0] != _RECORD_NUMBER][:1]
    return (*records, *others)
