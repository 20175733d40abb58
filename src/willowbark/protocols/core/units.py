"""Exact whole numbers of the largest unit in which every amount of an ingredient is whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact
from functools import cache

from willowbark.kernel.errors import Invalid

# How many of each unit make one of the ladder's first; from the largest to the smallest.
_MASS = (
    ("g", Decimal(1)),
    ("mg", Decimal(10) ** 3),
    ("ug", Decimal(10) ** 6),
    ("ng", Decimal(10) ** 9),
    ("pg", Decimal(10) ** 12),
)
_CFU = (
    ("billion_cfu", Decimal(1)),
    ("million_cfu", Decimal(10) ** 3),
    ("thousand_cfu", Decimal(10) ** 6),
    ("cfu", Decimal(10) ** 9),
)
_COUNT = (("unit", Decimal(1)), ("milliunit", Decimal(10) ** 3), ("microunit", Decimal(10) ** 6))
_LADDERS = (_MASS, _CFU, _COUNT)
_EXACT = Context(prec=60, traps=[Inexact])


class NotWhole(Invalid):
    """An amount is not whole even in the smallest unit that is counted."""

    code = "not_whole"


class OtherUnit(Invalid):
    """An amount is in a unit that measures something else."""

    code = "other_unit"


@dataclass(frozen=True, slots=True)
class Scale:
    """A counting unit, and how many of it one of `of` (an ingredient's own unit) is."""

    unit: str
    of: str
    factor: Decimal

    def whole(self, amount: Decimal) -> int:
        """
        The amount, given in `of`, as a number of `unit`.

        Raises:
            NotWhole: it is not a whole number of them.
        """
        scaled = _EXACT.multiply(amount, self.factor)
        if scaled != scaled.to_integral_value():
            raise NotWhole(f"{amount:f} {self.of} is not a whole number of {self.unit}")
        return int(scaled)

    def amount(self, count: int) -> Decimal:
        """So many of `unit` as an amount in `of`, exactly."""
        return _EXACT.divide(Decimal(count), self.factor)


def _ladder(unit: str) -> tuple[tuple[str, Decimal], ...]:
    for ladder in _LADDERS:
        if any(name == unit for name, _ in ladder):
            return ladder
    raise OtherUnit(f"amounts are not counted in {unit!r}", field="unit")


@cache
def scale_between(unit: str, of: str) -> Scale:
    """
    The scale that counts in `unit` what is measured in `of`.

    Raises:
        OtherUnit: the two do not measure the same, or one is unknown.
    """
    steps = dict(_ladder(of))
    if unit not in steps:
        raise OtherUnit(f"{of} is not counted in {unit}", field="unit")
    return Scale(unit, of, _EXACT.divide(steps[unit], steps[of]))


def finest_scale(of: str) -> Scale:
    """
    The scale that counts in the smallest unit.

    Raises:
        OtherUnit: `of` is unknown.
    """
    return scale_between(_ladder(of)[-1][0], of)


def converted(amount: Decimal, unit: str, to: str) -> Decimal:
    """
    An amount in another unit of the same kind, exactly.

    Raises:
        OtherUnit: the two units do not measure the same.
    """
    return _EXACT.multiply(amount, scale_between(to, unit).factor)


def scale_for(of: str, amounts: Iterable[Decimal]) -> Scale:
    """
    The largest unit in which all the amounts, given in `of`, are whole.

    Raises:
        NotWhole: there is none; the message names the first amount that has none.
        OtherUnit: `of` is unknown.
    """
    listed = list(amounts)
    for unit, _ in _ladder(of):
        scale = scale_between(unit, of)
        if all(_is_whole(scale, amount) for amount in listed):
            return scale
    smallest = finest_scale(of)
    odd = next(amount for amount in listed if not _is_whole(smallest, amount))
    raise NotWhole(f"{odd:f} {of} is not a whole number of {smallest.unit}")


def _is_whole(scale: Scale, amount: Decimal) -> bool:
    scaled = _EXACT.multiply(amount, scale.factor)
    return scaled == scaled.to_integral_value()
