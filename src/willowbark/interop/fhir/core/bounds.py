"""How much is taken in, at most."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """
    Upper bounds of one import, in bytes unless the name says otherwise.

    A file that expands more than `expansion_ratio` times is refused once it has passed `expansion_floor`;
    FHIR as JSON compresses 10 to 60 times.
    """

    file: int = 2_147_483_648
    expansion_ratio: int = 250
    expansion_floor: int = 64 * MEGABYTE
    resource: int = 32 * MEGABYTE
    attachment: int = 20 * MEGABYTE
    depth_levels: int = 64
    in_memory: int = 32 * MEGABYTE


DEFAULT_BOUNDS = Bounds()
