"""Which script it is, to know a practice again that an earlier one made."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

_WRITTEN_BY = ("script", "data/names.json")


@cache
def script_version() -> str:
    """
    A short digest of the files that write the script: another as soon as one of them is another.

    The same seed, day and number of patients are certain to give the same script only with the same one.
    """
    whole = sha256()
    top = files("willowbark.demo")
    for name in _WRITTEN_BY:
        _take_in(whole.update, top.joinpath(name), name)
    return whole.hexdigest()[:12]


def _take_in(take: Callable[[bytes], None], found: Traversable, name: str) -> None:
    if found.is_file():
        take(f"{name}\0".encode() + found.read_bytes())
        return
    for one in sorted(found.iterdir(), key=lambda one: one.name):
        if one.is_dir() or one.name.endswith(".py"):
            _take_in(take, one, f"{name}/{one.name}")
