"""What the article publishes (`data/reference.yaml`): stages, the case, its peer; to be checked against."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from willowbark.planner.core.ranges import Range


@cache
def reference() -> dict[str, Any]:
    """The published figures, as the file has them."""
    text = files("willowbark.planner").joinpath("data/reference.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def published(key: str) -> Range:
    """A published range."""
    low, high = reference()[key]
    return Range(float(low), float(high))
