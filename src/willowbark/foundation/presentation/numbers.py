"""Numbers as people read them, without losing the exact one."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

MOST_DIGITS = 5
"""Significant digits shown; a clinician reads 76.504, the exact 76.50393612418128 stays one hover away."""

_PLAIN_EXPONENTS = range(-9, 16)


def exact_text(value: Decimal | float) -> str:
    """
    Return every digit of `value`, without an exponent when it has 1e-9 <= |value| < 1e16.

    Beyond that, scientific notation: a hostile `1E+9999` must not print ten thousand zeros.
    """
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if not number.is_finite():
        return str(number)
    if number and number.adjusted() not in _PLAIN_EXPONENTS:
        return f"{number.normalize():e}"
    return format(number, "f")


def shown_text(value: Decimal | float) -> str:
    """
    Return `value` rounded for reading: at most `MOST_DIGITS` significant digits, whole digits never dropped.

    What is stored with fewer digits is shown as stored: 6.10 stays 6.10.
    """
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if not number.is_finite() or (number and number.adjusted() not in _PLAIN_EXPONENTS):
        return exact_text(number)
    exponent = number.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    kept = max(0, MOST_DIGITS - 1 - number.adjusted()) if number else decimals
    if decimals > kept:
        rounded = number.quantize(Decimal(1).scaleb(-kept), rounding=ROUND_HALF_EVEN)
        text = format(rounded, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return format(number, "f")


def count_text(count: int) -> str:
    """Return a whole number with its thousands apart: 12,345."""
    return f"{count:,}"


def duration_text(seconds: float) -> str:
    """Return seconds as people say them: 0.4 s, 12 s, 3 min 5 s, 1 h 2 min."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
