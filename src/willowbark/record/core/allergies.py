"""Telling an allergy from the statement that none is known."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _statements() -> tuple[str, frozenset[str]]:
    text = files("willowbark.record").joinpath("data/no_known_allergy.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return data["system"], frozenset(data["codes"])


def states_none_known(code_system: str, code: str) -> bool:
    """Whether the entry says that no allergy is known (`data/no_known_allergy.json` lists the codes)."""
    system, codes = _statements()
    return code_system == system and code in codes
