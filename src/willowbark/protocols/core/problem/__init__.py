"""
The problem that a plan answers: one self-contained document of whole numbers, and no patient in it.

`parse` reads the bytes of one, `from_document` plain values of the same shape; both refuse what is not a
sound problem by `BadProblem`, which says what is wrong and where. `sound` is for values whose shape is known
already. What they return is canonical: two files that mean the same problem, whatever the order of their keys
and lists, are equal and have the same `sha256`.
"""

from willowbark.protocols.core.problem.parts import (
    FORMAT,
    USUAL_LEVELS,
    Apart,
    Ban,
    Caution,
    Choices,
    Day,
    Ingredient,
    Layer,
    Level,
    Limit,
    Locked,
    Moment,
    MomentBan,
    Problem,
    Product,
    Target,
)
from willowbark.protocols.core.problem.reading import BadProblem, from_document, parse, sound

__all__ = [
    "FORMAT",
    "USUAL_LEVELS",
    "Apart",
    "BadProblem",
    "Ban",
    "Caution",
    "Choices",
    "Day",
    "Ingredient",
    "Layer",
    "Level",
    "Limit",
    "Locked",
    "Moment",
    "MomentBan",
    "Problem",
    "Product",
    "Target",
    "from_document",
    "parse",
    "sound",
]
