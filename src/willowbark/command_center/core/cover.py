"""How many containers signed protocols still need, and whether the shelf covers them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Demand:
    """
    One line of a protocol in force: what was signed and what has been handed out, in containers.

    `units_a_day` are taken for `days` days from `starts_on` on; a container holds `units_per_container`.
    """

    units_a_day: int
    units_per_container: int
    signed_containers: int
    dispensed_containers: int
    starts_on: date
    days: int

    @property
    def outstanding_containers(self) -> int:
        """Signed for and not handed out yet."""
        return max(0, self.signed_containers - self.dispensed_containers)

    def is_over(self, today: date) -> bool:
        """Whether its days have passed: whoever has not come for it by then takes it no more."""
        return (today - self.starts_on).days >= self.days

    def needed_containers(self, through_on: date) -> int:
        """
        Containers that must be handed out for the days up to and with `through_on`, beyond those that were.

        A container that is begun is needed whole; never more than what is outstanding.
        """
        taken_days = min(self.days, max(0, (through_on - self.starts_on).days + 1))
        begun = -(-taken_days * self.units_a_day // self.units_per_container)
        return min(self.outstanding_containers, max(0, begun - self.dispensed_containers))


@dataclass(frozen=True, slots=True)
class Needed:
    """What protocols need of one product, in containers; `protocols` are those that still need any."""

    needed_containers: int
    outstanding_containers: int
    protocols: int


def needed(demands: Iterable[Demand], *, today: date, through_on: date) -> Needed:
    """What the lines of one product need together, those whose days have passed left out."""
    open_lines = [one for one in demands if not one.is_over(today) and one.outstanding_containers]
    return Needed(
        needed_containers=sum(one.needed_containers(through_on) for one in open_lines),
        outstanding_containers=sum(one.outstanding_containers for one in open_lines),
        protocols=len(open_lines),
    )
