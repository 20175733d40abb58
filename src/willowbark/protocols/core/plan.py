"""
The plan that answers a problem. The order of the fields is that of the document; amounts are whole numbers in
the unit of their ingredient.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from willowbark.protocols.core.canonical import as_document, to_bytes
from willowbark.protocols.core.documents import BadDocument, built, hold_against, values_of
from willowbark.protocols.core.problem import Level

FORMAT = "willowbark.plan/1"


class Status(StrEnum):
    """What is known of the plan."""

    PROVEN = "proven"  # nothing better exists, and nothing else as good that the tie-break prefers
    UNPROVEN = "unproven"  # it keeps every rule, but the search ended before the proof
    INFEASIBLE = "infeasible"  # no plan keeps every rule; `clash` names rules that cannot hold together


class Reached(StrEnum):
    """How far a target was reached."""

    AIM = "aim"
    LEAST = "least"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class Solver:
    """What searched."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class LevelValue:
    """The value of a level, and what it is proven not to be below. They are equal when the plan is proven."""

    key: Level
    value: int
    bound: int


@dataclass(frozen=True, slots=True)
class Taking:
    """So many units at a moment, at least 1."""

    moment: str
    units: int


@dataclass(frozen=True, slots=True)
class Line:
    """
    A product of the plan.

    `containers` is how many it needs for all days, of which `from_stock_containers` are on the shelf;
    `days_of_supply` is how many whole days they last. `amounts` is by ingredient, a day.
    """

    product: str
    moments: tuple[Taking, ...]
    units_a_day: int
    containers: int
    container_cents: int
    from_stock_containers: int
    days_of_supply: int
    amounts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class TargetResult:
    """What came of a target, a day: `given` by the plan, `taken` beside it."""

    key: str
    given: int
    taken: int
    reached: Reached
    shortfall_to_least: int
    shortfall_to_aim: int


@dataclass(frozen=True, slots=True)
class LimitResult:
    """How much of a limit is used, a day."""

    key: str
    total: int
    most: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Of the whole plan; the cost is of all containers."""

    units_a_day: int
    moments: int
    products: int
    cost_cents: int


@dataclass(frozen=True, slots=True)
class Plan:
    """
    An answer. An infeasible one has a `clash` and is empty otherwise.

    `clash` names demands that cannot hold together, though any of them left out would leave the others
    possible: keys of rules, and names such as `locked:PRODUCT:MOMENT` for choices and `day:most_units` for
    bounds of the day.
    """

    format: str
    problem_sha256: str
    solver: Solver
    status: Status
    levels: tuple[LevelValue, ...]
    lines: tuple[Line, ...]
    targets: tuple[TargetResult, ...]
    limits: tuple[LimitResult, ...]
    totals: Totals
    cautions: tuple[str, ...]
    clash: tuple[str, ...]

    def to_bytes(self) -> bytes:
        """Return the canonical bytes."""
        return to_bytes(as_document(self))

    @property
    def sha256(self) -> str:
        """The SHA-256 of the canonical bytes, in hex."""
        return hashlib.sha256(self.to_bytes()).hexdigest()


class BadPlan(BadDocument):
    """What was given is not a plan. `field` is the JSON path of what is wrong."""

    code = "bad_plan"


def parse(data: bytes) -> Plan:
    """
    Return the plan that a file says; whether it keeps a problem's rules is for `checking` to say.

    Raises:
        BadPlan: the bytes are not a plan, saying what is wrong and where.
    """
    try:
        values = values_of(data)
        hold_against("plan", values)
        return built(Plan, values)
    except BadDocument as error:
        raise BadPlan.of(error) from error
