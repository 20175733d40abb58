"""The thresholds that are in force: shipped as data."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from willowbark.command_center.core.thresholds import Thresholds, thresholds_of


@cache
def thresholds() -> Thresholds:
    """From where on somebody must act, by when, how, and who says so."""
    text = files("willowbark.command_center").joinpath("data/thresholds.json").read_text(encoding="utf-8")
    return thresholds_of(json.loads(text))
