"""
How often more patients ask than there are slots, exactly.

Green LV, Savin S, Murray M. Providing timely access to care: what is the right patient panel size? Jt Comm
J Qual Patient Saf 2007;33(4):211-218: each of `patients` asks with the same probability on a day,
independently; a day overflows when more ask than there are slots.
"""

from __future__ import annotations

import math

import numpy as np

MOST_PATIENTS = 1_000_000_000


def overflow_probability(patients: int, daily_probability: float, slots: int) -> float:
    """
    P(X > slots) for X ~ Binomial(patients, daily_probability).

    The shorter tail is added up term by term from its greatest, each term from the one before; the first is
    Loader's saddle-point form (2000), so the relative error stays below about 1e-12.
    """
    if slots >= patients or daily_probability <= 0:
        return 0.0
    if daily_probability >= 1:
        return 1.0
    mean = patients * daily_probability
    reach = math.ceil(40 * math.sqrt(mean * (1 - daily_probability))) + 1_000
    odds = daily_probability / (1 - daily_probability)
    if slots + 1 > mean:
        first = slots + 1
        count = np.arange(first, min(patients, first + reach), dtype=np.float64)
        ratios = (patients - count) / (count + 1) * odds
    else:
        first = slots
        count = np.arange(first, max(0, first - reach), -1, dtype=np.float64)
        ratios = count / (patients - count + 1) / odds
    tail = _probability(patients, daily_probability, first) * (1 + float(np.cumprod(ratios).sum()))
    return min(1.0, tail) if slots + 1 > mean else max(0.0, 1 - tail)


def largest_panel(daily_probability: float, slots: int, tolerance: float) -> int | None:
    """
    The most patients for whom P(X > slots) is not above `tolerance`; None when any number is.

    Overflow only grows with patients, so the place is halved towards.
    """
    if daily_probability <= 0 or tolerance >= 1:
        return None
    low, high = slots, slots + 1
    while overflow_probability(high, daily_probability, slots) <= tolerance:
        if high > MOST_PATIENTS:
            return None
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        if overflow_probability(middle, daily_probability, slots) <= tolerance:
            low = middle
        else:
            high = middle
    return low


def _probability(trials: int, p: float, count: int) -> float:
    """P(X = count), by C. Loader, Fast and accurate computation of binomial probabilities (2000)."""
    if count == 0:
        return math.exp(trials * math.log1p(-p))
    if count == trials:
        return math.exp(trials * math.log(p))
    rest = trials - count
    exponent = (
        _stirling_error(trials)
        - _stirling_error(count)
        - _stirling_error(rest)
        - _deviance(count, trials * p)
        - _deviance(rest, trials * (1 - p))
    )
    return math.sqrt(trials / (2 * math.pi * count * rest)) * math.exp(exponent)


def _stirling_error(n: int) -> float:
    """log(n!) less Stirling's formula for it."""
    if n < 16:
        return math.lgamma(n + 1) - (n + 0.5) * math.log(n) + n - 0.5 * math.log(2 * math.pi)
    square = n * n
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / n


def _deviance(x: float, mean: float) -> float:
    """x log(x / mean) + mean - x, without cancellation where x is near the mean."""
    if abs(x - mean) < 0.1 * (x + mean):
        share = (x - mean) / (x + mean)
        total, term, odd = (x - mean) * share, 2 * x * share, 1
        while True:
            term *= share * share
            odd += 2
            following = total + term / odd
            if following == total:
                return total
            total = following
    return x * math.log(x / mean) + mean - x
