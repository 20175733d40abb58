"""Figures over a span of days: of all together, and of the practitioners whom the actor may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q
from django.db.models import Sum as Total

from willowbark.foundation.authorisation import Actor, allows, require
from willowbark.foundation.explaining import reference
from willowbark.kernel.errors import Invalid
from willowbark.metrics.core.definitions import Metric
from willowbark.metrics.core.pieces import NOTHING, Sum
from willowbark.metrics.models import MetricDay
from willowbark.metrics.selectors.defined import definitions
from willowbark.metrics.selectors.reach import at_sites
from willowbark.practice.selectors import names_of_users

LONGEST_SPAN_DAYS = 400
EVERYWHERE = "all"


@dataclass(frozen=True, slots=True)
class PersonFigure:
    """A practitioner's part of a figure. `why` is its reference; `by_day` has every day of the span."""

    practitioner_id: UUID
    name: str
    sum: Sum
    by_day: tuple[Sum, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Figure:
    """
    One metric over the days from `since` to `until`, both counted.

    Attributes:
        sum: of all practitioners together.
        by_day: the same by day, one for each day of the span.
        by_practitioner: those whom the actor may see, by name.
        why: the figure's reference.
    """

    metric: Metric
    since: date
    until: date
    sum: Sum
    by_day: tuple[Sum, ...]
    by_practitioner: tuple[PersonFigure, ...]
    why: str

    @property
    def days(self) -> tuple[date, ...]:
        """The days of the span, in order."""
        return tuple(self.since + timedelta(days=at) for at in range((self.until - self.since).days + 1))


def figures(actor: Actor, *, since: date, until: date, site_id: UUID | None = None) -> dict[str, Figure]:
    """
    Every metric over a span of days, by its key; at one site, or at all that the actor reads.

    Two statements, however many days and people.

    Raises:
        Forbidden: the actor reads no figures.
        Invalid: the span runs backwards or is longer than 400 days.
    """
    require(actor, "metrics.read")
    if not 0 <= (until - since).days < LONGEST_SPAN_DAYS:
        raise Invalid("that is no span of days that can be shown", field="since")
    rows = MetricDay.objects.filter(_readable(actor), day__range=(since, until))
    if site_id is not None:
        rows = rows.filter(site_id=site_id)
    summed = rows.values_list("metric", "practitioner_id", "day").annotate(Total("count"), Total("total"))
    found: defaultdict[str, dict[UUID | None, dict[date, Sum]]] = defaultdict(lambda: defaultdict(dict))
    for metric, practitioner, day, count, total in summed.order_by():
        found[metric][practitioner][day] = Sum(count, total)
    people = {one for by_person in found.values() for one in by_person if one is not None}
    names = names_of_users(people)
    return {
        metric.key: _figure(metric, since, until, found[metric.key], names, site_id)
        for metric in definitions().metrics
    }


def sum_of(
    actor: Actor, *, metric: str, site_id: UUID, practitioner_id: UUID, since: date, until: date
) -> Sum:
    """
    One practitioner's sum of one metric at one site over a span of days.

    Raises:
        Forbidden: the actor reads no figures.
    """
    require(actor, "metrics.read")
    row = MetricDay.objects.filter(
        _readable(actor),
        site_id=site_id,
        metric=metric,
        practitioner_id=practitioner_id,
        day__range=(since, until),
    ).aggregate(count=Total("count", default=0), total=Total("total", default=0))
    return Sum(row["count"], row["total"])


def practitioners_since(actor: Actor, *, metric: str, since: date) -> tuple[tuple[UUID, UUID], ...]:
    """
    Who has had a figure of a metric at which site since a day: (site, practitioner), in a stable order.

    Raises:
        Forbidden: the actor does not read everybody's figures.
    """
    require(actor, "metrics.everyone")
    rows = MetricDay.objects.filter(
        at_sites(actor, "metrics.everyone"), metric=metric, day__gte=since, practitioner__isnull=False
    )
    found = rows.values_list("site_id", "practitioner_id").distinct().order_by("site_id", "practitioner_id")
    return tuple(found)


def figure_reference(
    metric: str, site_id: UUID | None, practitioner_id: UUID | None, since: date, until: date
) -> str:
    """What a figure is asked about by: `figure:metric/site/practitioner/since/until`."""
    return reference(
        "figure",
        metric,
        site_id or EVERYWHERE,
        practitioner_id or EVERYWHERE,
        since.isoformat(),
        until.isoformat(),
    )


def _readable(actor: Actor) -> Q:
    """Everybody's for who leads, at their sites; one's own, and those of all together, for the others."""
    own = Q(practitioner_id=actor.user_id)
    together = Q(practitioner_id__isnull=True) & at_sites(actor, "metrics.read")
    everyone = at_sites(actor, "metrics.everyone")
    return own | together | everyone if allows(actor, "metrics.everyone") else own | together


def _figure(
    metric: Metric,
    since: date,
    until: date,
    found: Mapping[UUID | None, Mapping[date, Sum]],
    names: Mapping[UUID, str],
    site_id: UUID | None,
) -> Figure:
    days = [since + timedelta(days=at) for at in range((until - since).days + 1)]

    def by_day(of: Mapping[date, Sum]) -> tuple[Sum, ...]:
        return tuple(of.get(day, NOTHING) for day in days)

    people = [
        PersonFigure(
            practitioner_id=one,
            name=names.get(one, "Somebody who has left"),
            sum=_all(of.values()),
            by_day=by_day(of),
            why=figure_reference(metric.key, site_id, one, since, until),
        )
        for one, of in found.items()
        if one is not None
    ]
    together = found.get(None, {})
    return Figure(
        metric=metric,
        since=since,
        until=until,
        sum=_all(together.values()),
        by_day=by_day(together),
        by_practitioner=tuple(sorted(people, key=lambda one: (one.name, one.practitioner_id))),
        why=figure_reference(metric.key, site_id, None, since, until),
    )


def _all(sums: Iterable[Sum]) -> Sum:
    return sum(sums, NOTHING)
