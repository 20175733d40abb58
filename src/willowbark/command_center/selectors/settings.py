"""The thresholds that are in force: shipped as data."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from willowbark.command_center.core.alerts import OVERRIDE_RATE
from willowbark.command_center.core.thresholds import Thresholds, thresholds_of


@cache
def thresholds() -> Thresholds:
    """From where on somebody must act, by when, how, and who says so."""
    text = files("willowbark.command_center").joinpath("data/thresholds.json").read_text(encoding="utf-8")
    return thresholds_of(json.loads(text))


def window_days(kind: str) -> int:
    """Over how many days a figure of somebody's work (`core.alerts.OF_PEOPLE`) is looked at."""
    set_to = thresholds()
    return set_to.override_rate.window_days if kind == OVERRIDE_RATE else set_to.protocol_time.window_days
