"""Where invented names come from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


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
def unusual_names() -> tuple[tuple[str, str, str], ...]:
    """Names that software stumbles over: (family, given, sex)."""
    text = files("willowbark.demo").joinpath("data/names.json").read_text(encoding="utf-8")
    return tuple((one[0], one[1], one[2]) for one in json.loads(text)["unusual"])
