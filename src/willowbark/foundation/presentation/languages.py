"""Languages by their English names."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files


@cache
def _names() -> dict[str, dict[str, str]]:
    file = files("willowbark.foundation.presentation").joinpath("data/languages.json")
    names: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))
    return names


def language_text(code: str) -> str:
    """
    The English name of a language by its BCP 47 tag or ISO 639 code: `haw` is Hawaiian.

    A region or a script that the name leaves out follows in brackets. A code that is not known stays as it
    is. Names are those of the Unicode CLDR: see `data/languages.json`.
    """
    names = _names()
    first, *rest = code.strip().replace("_", "-").lower().split("-")
    parts = [names["aliases"].get(first, first), *rest]
    for length in range(len(parts), 0, -1):
        name = names["languages"].get("-".join(parts[:length]))
        if name:
            further = [names["scripts"].get(part) or names["regions"].get(part) for part in parts[length:]]
            if not all(further):
                break
            return f"{name} ({', '.join(each for each in further if each)})" if further else name
    return code
