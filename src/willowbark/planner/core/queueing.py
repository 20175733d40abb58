"""
One line before several people: Erlang's formula (M/M/c), and Little's law.

Arrivals are Poisson, each takes an exponential time, whoever is free takes the next. Erlang AK. Solution of
some problems in the theory of probabilities of significance in automatic telephone exchanges (1917).
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """
    A line in its steady state. Without one (as much arrives as can be served, or more) all but `load` is
    None.

    Attributes:
        load: the part of the servers' time that is taken, from 0; 1 and more cannot be served.
        waits: the probability of waiting at all (Erlang C).
        waits_longer: the probability of waiting longer than the time asked about.
        waiting_hours: the mean wait, of all who arrive.
        waiting: how many wait, on average; Little's law: arrivals an hour x waiting hours.
        present: how many wait or are served, on average.
    """

    load: float
    waits: float | None = None
    waits_longer: float | None = None
    waiting_hours: float | None = None
    waiting: float | None = None
    present: float | None = None


def line(*, arrivals_per_hour: float, service_hours: float, servers: int, longer_than_hours: float) -> Line:
    """
    The line that `arrivals_per_hour` make before `servers`, each of whom takes `service_hours` on average.

    Erlang B by its recursion B(0) = 1, B(k) = a B(k-1) / (k + a B(k-1)) with a = arrivals x service; then
    C = B / (1 - load (1 - B)), mean wait C / (servers / service - arrivals), and P(wait > t) =
    C exp(-(servers / service - arrivals) t).
    """
    offered = arrivals_per_hour * service_hours
    load = offered / servers
    if load >= 1:
        return Line(load)
    blocked = 1.0
    for server in range(1, servers + 1):
        blocked = offered * blocked / (server + offered * blocked)
    waits = blocked / (1 - load * (1 - blocked))
    spare = servers / service_hours - arrivals_per_hour
    wait = waits / spare
    return Line(
        load=load,
        waits=waits,
        waits_longer=waits * math.exp(-spare * longer_than_hours),
        waiting_hours=wait,
        waiting=arrivals_per_hour * wait,
        present=arrivals_per_hour * wait + offered,
    )
