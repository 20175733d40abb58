"""How much of a compound is what counts, from its formula. Exact to four decimals."""

from __future__ import annotations

import re
from decimal import Decimal

# Standard atomic weights, abridged to what a label needs (IUPAC 2021).
ATOMIC_WEIGHTS = {
    "H": Decimal("1.008"),
    "Li": Decimal("6.94"),
    "B": Decimal("10.81"),
    "C": Decimal("12.011"),
    "N": Decimal("14.007"),
    "O": Decimal("15.999"),
    "F": Decimal("18.998"),
    "Na": Decimal("22.990"),
    "Mg": Decimal("24.305"),
    "P": Decimal("30.974"),
    "S": Decimal("32.06"),
    "Cl": Decimal("35.45"),
    "K": Decimal("39.098"),
    "Ca": Decimal("40.078"),
    "Cr": Decimal("51.996"),
    "Mn": Decimal("54.938"),
    "Fe": Decimal("55.845"),
    "Cu": Decimal("63.546"),
    "Zn": Decimal("65.38"),
    "Se": Decimal("78.971"),
    "Sr": Decimal("87.62"),
    "Mo": Decimal("95.95"),
    "I": Decimal("126.90"),
}
_PART = re.compile(r"([A-Z][a-z]?|\(|\))(\d*)")
FOUR_DECIMALS = Decimal("0.0001")


def molar_mass(formula: str) -> Decimal:
    """
    Grams a mole of a formula such as "Mg(C2H4NO2)2".

    Raises:
        ValueError: not a formula, or an element whose weight is not in the table.
    """
    sums = [Decimal(0)]
    end = 0
    for part in _PART.finditer(formula):
        name, count = part[1], int(part[2] or 1)
        if part.start() != end or (name == "(" and part[2]) or (name == ")" and len(sums) == 1):
            raise ValueError(f"{formula!r} is no formula")
        end = part.end()
        if name == "(":
            sums.append(Decimal(0))
        elif name == ")":
            inside = sums.pop()
            sums[-1] += inside * count
        elif name in ATOMIC_WEIGHTS:
            sums[-1] += ATOMIC_WEIGHTS[name] * count
        else:
            raise ValueError(f"the weight of {name} in {formula!r} is not known")
    if end != len(formula) or len(sums) != 1 or not sums[0]:
        raise ValueError(f"{formula!r} is no formula")
    return sums[0]


def share(active: str, formula: str) -> Decimal:
    """
    The share by weight of what counts in a compound, to four decimals: of "Mg" in "MgO", 0.6030.

    Raises:
        ValueError: one of the two is no formula, or the share is more than all of it.
    """
    whole, part = molar_mass(formula), molar_mass(active)
    if part > whole:
        raise ValueError(f"{active} weighs more than {formula}")
    return (part / whole).quantize(FOUR_DECIMALS)
