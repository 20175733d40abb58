"""Numbers as people read them, without losing the exact one."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

MOST_DIGITS = 6
"""A number stored with more significant digits is a computed one: nobody measured 76.50393612418128 kg."""

SHOWN_DIGITS = 4
"""Significant digits shown of such a number: 76.50; the exact one stays one hover away."""

_PLAIN_EXPONENTS = range(-9, 16)


def exact_text(value: Decimal | float) -> str:
    """
    Return every digit of `value`, without an exponent when it has 1e-9 <= |value| < 1e16.

    Beyond that, scientific notation: a hostile `1E+9999` must not print ten thousand zeros.
    """
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if not number.is_finite():
        return str(number)
    if not number:
        # Zero keeps the decimals it was written with, but not the 400 of `0E-400`.
        number = number if -9 <= number.adjusted() <= 0 else Decimal(0)
    if number and number.adjusted() not in _PLAIN_EXPONENTS:
        return f"{number.normalize():e}"
    return format(number, "f")


def shown_text(value: Decimal | float) -> str:
    """
    Return `value` for reading: beyond `MOST_DIGITS` significant digits, rounded to `SHOWN_DIGITS`.

    Whole digits are never dropped. What a laboratory wrote with fewer digits stays as written: 6.10.
    """
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if not number or not number.is_finite() or number.adjusted() not in _PLAIN_EXPONENTS:
        return exact_text(number)
    parts = number.as_tuple()
    decimals = -parts.exponent if isinstance(parts.exponent, int) and parts.exponent < 0 else 0
    kept = max(0, SHOWN_DIGITS - 1 - number.adjusted())
    if len(parts.digits) > MOST_DIGITS and decimals > kept:
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
