"""What the figures are: shipped as data."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from willowbark.metrics.core.definitions import Definitions, definitions_of


@cache
def definitions() -> Definitions:
    """Every figure with its unit, its rule and its source, and what of the mission is not measured yet."""
    text = files("willowbark.metrics").joinpath("data/metrics.json").read_text(encoding="utf-8")
    return definitions_of(json.loads(text))
