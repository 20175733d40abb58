"""What matching knows of a person: the values a desk, a file or a message gave, as they were given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Person:
    """
    One row that stands for a person. An empty value means "not known", never "known to be none".

    `key` tells rows apart and is opaque: nothing is ever concluded from it. `birth_date` is written
    year first, as exact as it is known (`1980`, `1980-05`, `1980-05-17`, with or without hyphens); an
    impossible date is kept as it was written, since a mistyped date still resembles the true one.
    `lines` are the lines of one postal address, with or without the house number, which may also come
    alone in `house_number`. `identifiers` maps a system's name to the values it gave the person; what is said
    of a comparison masks those of the systems in `sensitive`.
    """

    key: str
    given: str = ""
    family: str = ""
    birth_date: str = ""
    sex: str = ""
    house_number: str = ""
    lines: tuple[str, ...] = ()
    city: str = ""
    postal_code: str = ""
    state: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    identifiers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sensitive: frozenset[str] = frozenset()
