"""Where invented names come from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

UNUSUAL_EVERY = 9


@dataclass(frozen=True, slots=True)
class NameGroup:
    """Names that go together, and the language that their bearers may prefer."""

    language: str
    weight: float
    families: tuple[str, ...]
    female: tuple[str, ...]
    male: tuple[str, ...]


@cache
def name_groups() -> tuple[NameGroup, ...]:
    """The groups of `data/names.json`."""
    text = files("willowbark.demo").joinpath("data/names.json").read_text(encoding="utf-8")
    return tuple(
        NameGroup(
            one["language"],
            one["weight"],
            tuple(one["families"].split(", ")),
            tuple(one["female"].split(", ")),
            tuple(one["male"].split(", ")),
        )
        for one in json.loads(text)["groups"]
    )


@cache
def _unusual_names() -> tuple[tuple[str, str, str], ...]:
    text = files("willowbark.demo").joinpath("data/names.json").read_text(encoding="utf-8")
    return tuple((one[0], one[1], one[2]) for one in json.loads(text)["unusual"])


def unusual_name(number: int) -> tuple[str, str, str] | None:
    """A name that software stumbles over, for every ninth patient while there are any: family, given, sex."""
    count, rest = divmod(number, UNUSUAL_EVERY)
    names = _unusual_names()
    return names[count] if rest == 0 and count < len(names) else None
