"""Invent a person: name, birth, address and numbers. Nobody real is meant."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from willowbark.patients.core.details import (
    AddressDetails,
    ContactDetails,
    IdentifierDetails,
    PatientDetails,
)

from .dice import Dice
from .names import name_groups, unusual_name

MRN_SYSTEM = "https://willowcreek.example/mrn"
MEMBER_SYSTEM = "https://northfield-health.example/member"
LICENCE_SYSTEM = "https://dmv.example/licence"
SSN_SYSTEM = "http://hl7.org/fhir/sid/us-ssn"
STREETS = (
    "Alder", "Birch", "Cottonwood", "Foxglove", "Heron", "Juniper", "Kestrel", "Larkspur", "Meadow",
    "Old Mill", "Orchard", "Quarry", "Sagebrush", "Tamarack", "Willow", "Yarrow",
)  # fmt: skip
STREET_KINDS = ("Street", "Lane", "Avenue", "Court", "Road", "Way")
# Towns that do not exist; their postal codes are not in use.
TOWNS = {
    "riverside": (("Willow Creek", "80091"), ("Ashford Springs", "80092"), ("Mill Hollow", "80093")),
    "hillside": (("Upper Larkfield", "80096"), ("Granite Bend", "80097"), ("St. Orrin", "80098")),
}
AREA_CODES = ("303", "720", "970", "719", "983", "505", "307")
MAIL_DOMAINS = ("example.com", "example.org", "example.net", "mail.example", "post.example")


@dataclass(frozen=True, slots=True)
class Invented:
    """A person: what the desk knows of them, and the whole birth date even where it knows a part."""

    details: PatientDetails
    born_on: date

    def age_on(self, day: date) -> int:
        """Full years on a day."""
        had_birthday = (day.month, day.day) >= (self.born_on.month, self.born_on.day)
        return day.year - self.born_on.year - (not had_birthday)


def invent(dice: Dice, *, number: int, sex: str, age: int, on: date, site: str) -> Invented:
    """Somebody of this sex and age (in years, on that day) who lives near a site."""
    born_on = on - timedelta(days=int(age * 365.25) + dice.between(1, 364))
    family, given, sex, language = _name(dice, number, sex)
    precision = dice.weighted((("day", 95.0), ("year", 3.0), ("month", 2.0)))
    shown = born_on
    if precision != "day":
        shown = date(born_on.year, born_on.month if precision == "month" else 1, 1)
    details = PatientDetails(
        family=family,
        given=given,
        birth_date=shown,
        birth_date_precision=precision,
        sex=sex,
        language=language,
        identifiers=_identifiers(dice, number, age),
        contacts=_contacts(dice, number, family, given),
        addresses=(_address(dice, site),) if dice.chance(0.94) else (),
    )
    return Invented(details, born_on)


def _name(dice: Dice, number: int, sex: str) -> tuple[str, str, str, str]:
    unusual = unusual_name(number)
    if unusual is not None:
        return unusual[0], unusual[1], unusual[2], "en"
    group = dice.weighted([(group, group.weight) for group in name_groups()])
    given = dice.pick(group.female if sex == "female" else group.male)
    if dice.chance(0.12):
        given = f"{given} {dice.pick(group.female if sex == 'female' else group.male)}"
    language = group.language if group.language == "en" or dice.chance(0.4) else "en"
    return dice.pick(group.families), given, sex, language


def _identifiers(dice: Dice, number: int, age: int) -> tuple[IdentifierDetails, ...]:
    found = [IdentifierDetails(system=MRN_SYSTEM, value=f"WC-{100_000 + number * 7}", type_code="MR")]
    if dice.chance(0.55):
        found.append(
            IdentifierDetails(
                system=MEMBER_SYSTEM, value=f"NFH{dice.between(10**8, 10**9 - 1)}", type_code="MB"
            )
        )
    if age >= 18 and dice.chance(0.15):
        found.append(
            IdentifierDetails(
                system=LICENCE_SYSTEM, value=f"{dice.between(10**8, 10**9 - 1)}", type_code="DL"
            )
        )
    # Of its own dice: who has one decides nothing else about anybody.
    social = dice.fork("ssn")
    if social.chance(0.3):
        found.append(IdentifierDetails(system=SSN_SYSTEM, value=_nobodys_ssn(social), type_code="SS"))
    return tuple(found)


def _nobodys_ssn(dice: Dice) -> str:
    """A number as none is given out: no SSN begins with 9, and no taxpayer's has 01 to 49 in the middle."""
    return f"9{dice.between(0, 99):02d}-{dice.between(1, 49):02d}-{dice.between(1, 9999):04d}"


def _contacts(dice: Dice, number: int, family: str, given: str) -> tuple[ContactDetails, ...]:
    found = []
    if dice.chance(0.96):
        # 555-01xx is kept free for fiction.
        phone = f"({dice.pick(AREA_CODES)}) 555-01{dice.between(0, 99):02d}"
        found.append(ContactDetails(system="phone", value=phone))
    if dice.chance(0.9):
        name = ".".join(part for part in (_plain(given), _plain(family)) if part) or f"person{number}"
        address = f"{name[:48].strip('.')}.{number}@{dice.pick(MAIL_DOMAINS)}"
        found.append(ContactDetails(system="email", value=address))
    return tuple(found)


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d").replace("ł", "l"))
    return "".join(letter for letter in letters if "a" <= letter <= "z")


def _address(dice: Dice, site: str) -> AddressDetails:
    town, code = dice.pick(TOWNS[site])
    line = f"{dice.between(1, 990)} {dice.pick(STREETS)} {dice.pick(STREET_KINDS)}"
    if dice.chance(0.2):
        line += f"\nApt. {dice.between(1, 40)}{dice.pick('ABCD')}"
    return AddressDetails(use="home", line=line, city=town, state="CO", postal_code=code, country="US")


def misspelt(dice: Dice, name: str) -> str:
    """A name as somebody hears it on the telephone: two letters swapped, or one missing."""
    if len(name) < 4:
        return name
    at = dice.between(1, len(name) - 3)
    if dice.chance(0.5):
        return name[:at] + name[at + 1 :]
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def with_key(details: PatientDetails, key: UUID, digest: bytes) -> PatientDetails:
    """The details as another system sends them, under its own key."""
    return replace(details, source_kind="import", source_key=key, source_digest=digest)
