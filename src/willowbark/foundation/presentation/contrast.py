"""How well a colour is read on another, in both themes, from the tokens of the stylesheet."""

from __future__ import annotations

import re
from typing import NamedTuple


class Themed(NamedTuple):
    """A colour in light and in dark, each as `#rrggbb`."""

    light: str
    dark: str


def colours(css: str) -> dict[str, Themed]:
    """The colours that a stylesheet declares with `light-dark(...)`, by their names."""
    declared = re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", css)
    return {name: Themed(light, dark) for name, light, dark in declared}


def contrast(one: str, other: str) -> float:
    """
    The contrast of two colours, from 1 to 21, in either order.

    Source: WCAG 2.2, definitions of contrast ratio and of relative luminance.
    """
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
