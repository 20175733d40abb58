"""QR codes, as pictures that any page or document draws."""

from __future__ import annotations

from dataclasses import dataclass

import segno


@dataclass(frozen=True, slots=True)
class QrCode:
    """`path` is the path of an SVG of `size` units square: one unit a module, the quiet border included."""

    path: str
    size: int


def qr_of(text: str) -> QrCode:
    """The QR code of a text; a seventh of it (level M) may be unreadable."""
    rows = list(segno.make_qr(text, error="m").matrix_iter(border=4))
    dark = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    return QrCode("".join(dark), len(rows))
