"""Chance: independent streams for each block of replications and each purpose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Replications that are simulated side by side. A block has its own streams and is always simulated whole, so
# the first 200 of 10,000 replications are the 200 of a shorter run, however the work is divided.
BLOCK = 200


@dataclass(frozen=True, slots=True)
class Draws:
    """
    The streams of one block.

    One for each purpose, so that a change of, say, the hours leaves the arrivals as they were: runs that are
    compared under one seed differ by what was changed, and little by chance.
    """

    figures: np.random.Generator
    arrivals: np.random.Generator
    leaving: np.random.Generator
    due: np.random.Generator
    visits: np.random.Generator
    staff: np.random.Generator


def draws(seed: int, block: int) -> Draws:
    """
    The streams of block number `block` (from 0) under `seed` (0 or more).

    Philox, a counter-based generator: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
    """
    purposes = np.random.SeedSequence([seed, block]).spawn(6)
    return Draws(*(np.random.Generator(np.random.Philox(each)) for each in purposes))
