"""How many rows a person has in a file, estimated from the file itself."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, log2

# However often a file repeats itself, a pair still needs evidence.
MOST_ROWS_PER_PERSON = 3.0
_CAUTION_ROWS = 200
_ROUNDS = 20


def rows_per_person(bits: Sequence[float], *, rows: int, usual: float) -> float:
    """
    Return how many further rows of the same person to expect per row: what the pairs say, at least `usual`.

    `bits` are the base-2 log odds of every pair compared, computed with `usual`; pairs never compared count
    as no match. This is expectation-maximisation of the mixing share alone, with every other number held
    fixed: letting a file choose those too made no measured difference to what is sure, and lets a strange
    file talk itself into matches.
    """
    found = usual
    for _ in range(_ROUNDS):
        shift = log2(found / usual)
        expected = fsum(1.0 / (1.0 + 2.0 ** -min(max(bit + shift, -1000.0), 1000.0)) for bit in bits)
        found = min((2 * expected + _CAUTION_ROWS * usual) / (rows + _CAUTION_ROWS), MOST_ROWS_PER_PERSON)
    return max(found, usual)
