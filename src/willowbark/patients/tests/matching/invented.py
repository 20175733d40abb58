"""
Invented people with realistic skew, spoiled the way registers spoil them. Everything follows from a seed.

Originals: names drawn by Zipf-like frequency, addresses, birth dates, a seven-digit national identifier.
Duplicates: up to ten modifications a record out of typing, phonetic and scanning errors, slipped spaces,
swapped fields, missing values and values of somebody else. Households: relatives, twins, and sons named after
fathers, each another person.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from willowbark.patients.core.matching import Person

GIVEN = [
    "olivia",
    "noah",
    "amelia",
    "liam",
    "isla",
    "jack",
    "ava",
    "oliver",
    "mia",
    "william",
    "charlotte",
    "thomas",
    "grace",
    "james",
    "lily",
    "lucas",
    "sophie",
    "ethan",
    "chloe",
    "samuel",
    "ruby",
    "benjamin",
    "ella",
    "henry",
    "zoe",
    "joshua",
    "emily",
    "daniel",
    "hannah",
    "alexander",
    "matilda",
    "isaac",
    "georgia",
    "max",
    "evie",
    "harry",
    "lucy",
    "ryan",
    "jessica",
    "jacob",
    "sarah",
    "leo",
    "anna",
    "adam",
    "maya",
    "oscar",
    "holly",
    "luke",
    "eva",
    "david",
    "alice",
    "nathan",
    "stella",
    "dylan",
    "freya",
    "caleb",
    "imogen",
    "owen",
    "harriet",
    "finn",
    "eleanor",
    "toby",
    "rosie",
    "felix",
    "molly",
    "jasper",
    "phoebe",
    "hugo",
    "abigail",
    "elijah",
    "martha",
    "aaron",
    "clara",
    "julian",
    "naomi",
    "marcus",
    "beatrice",
    "simon",
    "leila",
    "dominic",
    "audrey",
    "victor",
    "helena",
    "conrad",
    "ingrid",
    "casper",
    "wilhelmina",
    "anselm",
    "theodora",
    "lorcan",
    "saoirse",
    "bohdan",
    "oksana",
    "emeka",
    "adaeze",
    "hiroshi",
    "yuki",
    "mateo",
    "lucia",
    "rafael",
    "paloma",
    "tariq",
    "amina",
    "yusuf",
    "layla",
    "arjun",
    "priya",
    "minh",
    "linh",
    "dmitri",
    "katya",
    "anneliese",
    "friederike",
    "gwendolyn",
    "peregrine",
]
FAMILY = [
    "smith",
    "jones",
    "nguyen",
    "williams",
    "brown",
    "taylor",
    "wilson",
    "johnson",
    "white",
    "martin",
    "anderson",
    "thompson",
    "walker",
    "harris",
    "lee",
    "ryan",
    "robinson",
    "kelly",
    "king",
    "davis",
    "wright",
    "evans",
    "roberts",
    "green",
    "hall",
    "wood",
    "jackson",
    "clarke",
    "patel",
    "khan",
    "lewis",
    "james",
    "phillips",
    "mason",
    "mitchell",
    "rose",
    "davies",
    "rodriguez",
    "cox",
    "alexander",
    "fisher",
    "garden",
    "tran",
    "singh",
    "campbell",
    "murphy",
    "obrien",
    "sullivan",
    "mcdonald",
    "morrison",
    "reid",
    "kowalski",
    "novak",
    "schneider",
    "fischer",
    "lindqvist",
    "andersson",
    "moretti",
    "rossi",
    "ferrari",
    "dubois",
    "laurent",
    "okonkwo",
    "adeyemi",
    "mbeki",
    "haddad",
    "rahman",
    "chowdhury",
    "banerjee",
    "iyer",
    "tanaka",
    "suzuki",
    "kim",
    "park",
    "zhang",
    "wang",
    "papadopoulos",
    "georgiou",
    "petrov",
    "ivanova",
    "kovacs",
    "horvath",
    "featherstonehaugh",
    "cholmondeley",
    "windlesham",
    "abernathy",
    "ballantyne",
    "carruthers",
    "dalgleish",
    "entwhistle",
    "fotheringham",
    "gathercole",
    "hepplewhite",
    "inchbald",
    "jellicoe",
    "kirkpatrick",
    "lethbridge",
    "micklethwaite",
    "nettleship",
    "oglethorpe",
    "pemberton",
    "quillfeather",
    "ravenscroft",
    "satterthwaite",
    "thistlewood",
    "underhill",
    "venables",
    "wolstenholme",
    "yarborough",
    "zellweger",
]
STREETS = [
    "acacia",
    "banksia",
    "coral",
    "dawes",
    "elm",
    "forrest",
    "garling",
    "hay",
    "irwin",
    "jarrah",
    "kelso",
    "lonsdale",
    "murray",
    "nixon",
    "orchid",
    "palm",
    "quarry",
    "ridge",
    "sturt",
    "tamar",
    "urana",
    "victoria",
    "waratah",
    "xavier",
    "yarra",
    "zillmere",
    "boundary",
    "chandler",
    "doonkuna",
    "ebden",
    "florey",
    "gungahlin",
    "hopetoun",
    "isabella",
    "kingsmill",
    "leichhardt",
    "macarthur",
    "nulla",
    "oxley",
    "paterson",
]
TYPES = ["street", "street", "street", "road", "avenue", "place", "crescent", "drive", "close", "circuit"]
PLACES = [
    "rosehill",
    "the",
    "willows",
    "brookfield",
    "sunnyside",
    "glenview",
    "hillcrest",
    "fairlight",
    "lakeside",
    "greenbank",
    "oakdale",
    "springvale",
    "riverview",
    "kurrajong",
    "mirrabooka",
    "wattle",
    "grove",
    "ashgrove",
    "stonehaven",
    "birchwood",
]
CITIES = [
    (f"{start}{end}", str(2000 + 37 * number))
    for number, (start, end) in enumerate(
        (start, end)
        for start in [
            "ash",
            "black",
            "coorp",
            "dun",
            "eller",
            "fern",
            "glen",
            "holl",
            "iron",
            "jind",
            "kings",
            "lang",
            "mary",
        ]
        for end in ("field", "ton", "burn", "wood")
    )
]
STATES = ["nsw", "nsw", "nsw", "vic", "vic", "qld", "wa", "sa", "tas"]
# The long tail: most people bear one of very many rare names.
_STARTS = [
    "al",
    "ber",
    "cor",
    "dun",
    "ed",
    "fal",
    "gar",
    "hol",
    "in",
    "jar",
    "ket",
    "lor",
    "mar",
    "nor",
    "os",
    "per",
    "quin",
    "ros",
    "sel",
    "tor",
    "ul",
    "ver",
    "wil",
    "yar",
    "zan",
]
_ENDS = [
    "by",
    "combe",
    "dale",
    "den",
    "ford",
    "gate",
    "ham",
    "hurst",
    "ings",
    "ley",
    "low",
    "man",
    "mont",
    "more",
    "ridge",
    "shaw",
    "ski",
    "stead",
    "stock",
    "sen",
]
FAMILY += [start + middle + end for middle in ("", "ra", "e", "o") for start in _STARTS for end in _ENDS]
GIVEN += [start + end for end in ("a", "an", "ela", "ian", "ina", "is", "on", "yn") for start in _STARTS]
STREETS += [start + middle + end for middle in ("an", "i") for start in _STARTS for end in _ENDS]
CITIES += [
    (f"{start}{middle}{end}", str(4001 + 7 * number))
    for number, (start, middle, end) in enumerate(
        product(_STARTS, ("", "ring"), ("ville", "bay", "port", "ston"))
    )
]
_SOUNDS = [
    ("ph", "f"),
    ("f", "ph"),
    ("ck", "k"),
    ("c", "k"),
    ("y", "i"),
    ("ie", "y"),
    ("s", "z"),
    ("ee", "ea"),
    ("tt", "t"),
]
_SCANS = [("l", "1"), ("o", "0"), ("s", "5"), ("m", "rn"), ("rn", "m"), ("cl", "d"), ("e", "c"), ("b", "h")]
_NEIGHBOURS = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wertyuiopqsdfghjklaxcvbnmz", strict=True))


# A slip of the pen makes one of these into the other.
ALIKE_TWINS = [
    ("anna", "hanna"),
    ("jayden", "jaydon"),
    ("ella", "emma"),
    ("mark", "marc"),
    ("mia", "mya"),
    ("tim", "tom"),
]
# These stay apart through a slip.
OTHER_TWINS = [
    ("anna", "joanne"),
    ("jayden", "jordan"),
    ("ella", "emma"),
    ("daniel", "danielle"),
    ("tim", "todd"),
]


@dataclass(frozen=True)
class Made:
    """A person, and who they truly are."""

    person: Person
    truth: str


@dataclass
class World:
    """Makes people from a seed."""

    seed: int
    errors: int = 10
    with_identifier: bool = True
    random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def skewed(self, values: list[str]) -> str:
        """Draw by rank: the first is far commoner than the last."""
        return values[int(len(values) * self.random.random() ** 2.2)]

    def birth_date(self) -> str:
        return (
            f"{self.random.randint(1920, 2020)}{self.random.randint(1, 12):02}{self.random.randint(1, 28):02}"
        )

    def identifier(self) -> dict[str, tuple[str, ...]]:
        return {"national": (str(self.random.randint(1_000_000, 9_999_999)),)} if self.with_identifier else {}

    def original(self, key: str) -> Person:
        city, postal_code = self.random.choice(CITIES)
        street = f"{self.skewed(STREETS)} {self.random.choice(TYPES)}"
        place = self.random.choice(PLACES) if self.random.random() < 0.6 else ""
        return Person(
            key=key,
            given=self.skewed(GIVEN),
            family=self.skewed(FAMILY),
            birth_date=self.birth_date(),
            house_number=str(self.random.randint(1, 150)),
            lines=(street, place),
            city=city,
            postal_code=postal_code,
            state=self.random.choice(STATES),
            identifiers=self.identifier(),
        )

    def typed(self, text: str) -> str:
        """One slip of the keyboard, the ear, the scanner or the space bar."""
        place = self.random.randrange(len(text))
        letter = text[place]
        near = self.random.choice("0123456789") if letter.isdigit() else _NEIGHBOURS.get(letter, "e")
        kind = self.random.random()
        if letter.isdigit():
            kind *= 0.8
        if kind < 0.2:
            return text[:place] + text[place + 1 :] if len(text) > 2 else text + near
        if kind < 0.4:
            return (
                text[:place] + near + text[place:]
                if not letter.isdigit()
                else text[:place] + near + text[place + 1 :]
            )
        if kind < 0.6:
            return text[:place] + near + text[place + 1 :]
        if kind < 0.8:
            return text[:place] + text[place + 1 : place + 2] + letter + text[place + 2 :]
        if kind < 0.88:
            return text.replace(" ", "", 1) if " " in text else f"{text[:place]} {text[place:]}".strip()
        rules = [rule for rule in _SOUNDS + _SCANS if rule[0] in text]
        if not rules:
            return text[:place] + near + text[place + 1 :]
        old, new = self.random.choice(rules)
        return text.replace(old, new, 1)

    def date_spoiled(self, digits: str) -> str:
        kind = self.random.random()
        if kind < 0.25:
            return digits[:4] + digits[6:] + digits[4:6]
        if kind < 0.65:
            place = self.random.randrange(7)
            if kind < 0.45:
                return digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
            return digits[:place] + self.random.choice("0123456789") + digits[place + 1 :]
        return self.birth_date()

    def spoil(self, person: Person, key: str) -> Person:
        """A duplicate with one to `errors` modifications, most often few."""
        spoiled = replace(person, key=key)
        for _ in range(1 + int(self.errors * self.random.random() ** 2)):
            spoiled = self._modified(spoiled)
        return spoiled

    def _modified(self, person: Person) -> Person:
        """One modification of one field."""
        other = self.original("")
        name = self.random.choice(
            ["given"] * 3
            + ["family"] * 3
            + ["birth_date"]
            + ["house_number"] * 2
            + ["street"] * 3
            + ["place"] * 3
            + ["city"] * 3
            + ["postal_code"] * 2
            + ["state"]
            + ["identifier"]
            + ["swap"]
        )
        kind = self.random.random()
        if name == "swap":
            if kind < 0.6:
                return replace(person, given=person.family, family=person.given)
            return replace(person, lines=person.lines[::-1])
        if name == "identifier":
            if not person.identifiers:
                return person
            digits = person.identifiers["national"][0]
            return replace(
                person,
                identifiers={"national": (self.typed(digits),)}
                if kind < 0.7 and digits
                else other.identifiers,
            )
        value, theirs = (
            each.lines[0] if name == "street" else each.lines[1] if name == "place" else getattr(each, name)
            for each in (person, other)
        )
        if not value or kind < 0.12:
            changed = ""
        elif kind < 0.3:
            changed = theirs
        else:
            changed = (
                self.date_spoiled(value) if name == "birth_date" and len(value) == 8 else self.typed(value)
            )
        if name in ("street", "place"):
            lines = (changed, person.lines[1]) if name == "street" else (person.lines[0], changed)
            return replace(person, lines=lines)
        modified: Person = replace(person, **{name: changed})  # type: ignore[arg-type]  # all of these are text
        return modified

    def register(self, *, originals: int, duplicates: int, most: int) -> list[Made]:
        """A file of originals and of duplicates of some of them, at most `most` of one, in random order."""
        made = [Made(self.original(f"rec-{number}-org"), str(number)) for number in range(originals)]
        copies: dict[int, int] = {}
        while sum(copies.values()) < duplicates:
            number = self.random.randrange(originals)
            wanted = 1 + int(most * self.random.random() ** 2)
            copies[number] = min(
                most,
                copies.get(number, 0) + wanted,
                copies.get(number, 0) + duplicates - sum(copies.values()),
            )
        for number, count in copies.items():
            for copy in range(count):
                made.append(Made(self.spoil(made[number].person, f"rec-{number}-dup-{copy}"), str(number)))
        self.random.shuffle(made)
        return made

    def household(self, number: int, *, twins: Sequence[tuple[str, str]] = ALIKE_TWINS) -> list[Made]:
        """
        Five people of one address: a couple, a son named after his father, and twins; all different people.
        """
        father = replace(
            self.original(f"h{number}-father"), birth_date=f"{self.random.randint(1940, 1979)}0412", sex="m"
        )
        digits = father.identifiers.get("national", ("",))[0]

        def relative(who: str, given: str, birth_date: str, sex: str, identifier: str) -> Made:
            person = replace(
                father,
                key=f"h{number}-{who}",
                given=given,
                birth_date=birth_date,
                sex=sex,
                identifiers={"national": (identifier,)} if digits and identifier else {},
            )
            return Made(person, person.key)

        twins_birth = self.birth_date()
        first, second = self.random.choice(twins)
        last = int(digits or "1000000")
        return [
            Made(father, father.key),
            relative("mother", self.skewed(GIVEN), self.birth_date(), "f", str(last + 7919)),
            # One digit of the year away from his father, on the same day: as hard as it gets.
            relative("son", father.given, str(int(father.birth_date) + 300_000), "m", str(last + 104729)),
            relative("twin1", first, twins_birth, "m", str(last + 15485)),
            relative("twin2", second, twins_birth, "m", str(last + 15486)),
        ]
