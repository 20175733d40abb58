"""The figures inside pictures, signals and sentences: each with its formula and the figures that it takes."""

from __future__ import annotations

from willowbark.planner.core.answers import FIGURES, Figure
from willowbark.planner.core.parts.hiring import HIRING
from willowbark.planner.core.parts.money import MONEY
from willowbark.planner.core.parts.people import PEOPLE
from willowbark.planner.core.parts.scale import SCALE
from willowbark.planner.core.parts.weeks import WEEKS

PARTS: tuple[Figure, ...] = (*HIRING, *PEOPLE, *MONEY, *SCALE, *WEEKS)
BY_KEY = {one.key: one for one in (*FIGURES, *PARTS)}

__all__ = ["BY_KEY", "PARTS"]
