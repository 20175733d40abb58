"""The Master Protocol library: data files of the platform, the same for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from willowbark.foundation.authorisation import Actor, require
from willowbark.protocols.core.masters import Library, Master
from willowbark.protocols.core.reading_masters import library_of

READ = "protocols.library"


@cache
def shipped() -> Library:
    """
    The library as it is shipped; nobody's data, so nobody need act.

    Raises:
        BadDocument, BadLibrary: a file contradicts its schema or itself.
    """
    data = files("willowbark.protocols").joinpath("data")
    masters = sorted(
        (each for each in data.joinpath("masters").iterdir() if each.name.endswith(".json")),
        key=lambda each: each.name,
    )
    return library_of((each.read_bytes() for each in masters), data.joinpath("guidelines.json").read_bytes())


def library(actor: Actor) -> Library:
    """
    Every Master Protocol, by key.

    Raises:
        Forbidden: the actor reads no protocols.
    """
    require(actor, READ)
    return shipped()


def masters(actor: Actor) -> Iterator[Master]:
    """Every Master Protocol, by title."""
    return iter(sorted(library(actor).masters.values(), key=lambda each: each.title))
