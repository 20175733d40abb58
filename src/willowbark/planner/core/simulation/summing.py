"""Replications summed up: bands by week, estimates with their standard errors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from willowbark.planner.core.simulation.figures import Flags, Floats

QUANTILES = (5, 25, 50, 75, 95)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over the replications and its standard error; None for one replication alone."""

    mean: float
    standard_error: float | None


@dataclass(frozen=True, slots=True)
class Band:
    """
    One series over the weeks, from the beginning (index 0) to the end of the last week.

    Attributes:
        p5, p25, p50, p75, p95: what so many per cent of the replications are at or below.
        mean, standard_error: over the replications; the error is 0 for one alone.
    """

    p5: Floats
    p25: Floats
    p50: Floats
    p75: Floats
    p95: Floats
    mean: Floats
    standard_error: Floats


@dataclass(frozen=True, slots=True)
class When:
    """The share of the replications in which something happened, and the weeks (from 0), by quantile."""

    share: float
    p5: int | None
    p50: int | None
    p95: int | None


def bands(series: NDArray[np.float32]) -> list[Band]:
    """A band for each series; `series` is series x weeks x replications."""
    replications = series.shape[2]
    ordered = np.sort(series, axis=2)
    at = np.array(QUANTILES) / 100 * (replications - 1)
    below = np.floor(at).astype(np.int64)
    above = np.minimum(below + 1, replications - 1)
    part = at - below
    quantiles = ordered[:, :, below] * (1 - part) + ordered[:, :, above] * part
    mean = series.mean(axis=2, dtype=np.float64)
    error = series.std(axis=2, dtype=np.float64) / math.sqrt(max(replications - 1, 1))
    return [
        Band(
            p5=quantiles[row, :, 0],
            p25=quantiles[row, :, 1],
            p50=quantiles[row, :, 2],
            p75=quantiles[row, :, 3],
            p95=quantiles[row, :, 4],
            mean=mean[row],
            standard_error=error[row],
        )
        for row in range(len(series))
    ]


def estimate(values: Floats) -> Estimate:
    """The mean of one value for each replication."""
    count = len(values)
    error = float(values.std(ddof=1)) / math.sqrt(count) if count > 1 else None
    return Estimate(float(values.mean()), error)


def ratio(above: Floats, below: Floats) -> Estimate | None:
    """
    The ratio of two means over the replications; None where nothing is below.

    The standard error is that of the ratio estimator: Cochran, Sampling Techniques, 1977, chapter 6.
    """
    if below.sum() == 0:
        return None
    mean = float(above.sum() / below.sum())
    error = estimate(above - mean * below).standard_error
    return Estimate(mean, None if error is None else error / float(below.mean()))


def share_of(happened: Flags) -> Estimate:
    """The share of replications in which something happened; its error is the binomial's."""
    share = float(happened.mean())
    count = len(happened)
    return Estimate(share, math.sqrt(share * (1 - share) / (count - 1)) if count > 1 else None)


def when(weeks: NDArray[np.int64]) -> When:
    """When something first happened; -1 stands for never."""
    happened = np.sort(weeks[weeks >= 0])
    if not len(happened):
        return When(0.0, None, None, None)
    p5, p50, p95 = (int(happened[round(q / 100 * (len(happened) - 1))]) for q in (5, 50, 95))
    return When(len(happened) / len(weeks), p5, p50, p95)
