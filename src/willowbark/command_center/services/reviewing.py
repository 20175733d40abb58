"""Look at what may be beyond its threshold: after something has happened there, and now and then at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from willowbark.command_center.core.alerts import (
    OF_PEOPLE,
    OVERRIDE_RATE,
    STOCK_COVER,
    Finding,
    cover_finding,
    override_finding,
    time_finding,
)
from willowbark.command_center.core.cover import Demand, Needed, needed
from willowbark.command_center.models import Cover
from willowbark.command_center.selectors.settings import thresholds, window_days
from willowbark.command_center.services.judging import judge, one_at_a_time
from willowbark.dispensary.selectors.of_lines import dispensed_containers
from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor, require
from willowbark.inventory.selectors import on_hand, site_day
from willowbark.metrics.core.pieces import Sum
from willowbark.metrics.selectors.figures import practitioners_since, sum_of
from willowbark.practice.selectors import sites
from willowbark.protocols.core.overrides import FEWEST_SIGNED, HEALTHY
from willowbark.protocols.selectors.for_figures import lines_in_force


def refresh_cover(*, actor: Actor, site_id: UUID, product_ids: Collection[UUID] | None = None) -> bool:
    """
    Compare the shelf of a site with what its protocols need, for these products or for all; whether
    anything is otherwise than it was.

    Raises:
        Forbidden: the actor judges nothing.
    """
    require(actor, "command_center.write")
    with transaction.atomic():
        one_at_a_time()
        today = site_day(site_id)
        through_on = today + timedelta(days=thresholds().stock_cover.horizon_days - 1)
        demands = _demands(actor, site_id, product_ids)
        shelf = on_hand(actor, site_id, product_ids)
        rows = Cover.objects.filter(site_id=site_id)
        if product_ids is not None:
            rows = rows.filter(product_id__in=product_ids)
        known = {row.product_id: row for row in rows}
        changed = False
        for product_id in sorted({*known, *demands, *shelf}):
            of_product = needed(demands.get(product_id, ()), today=today, through_on=through_on)
            there = shelf.get(product_id, 0)
            changed |= _keep(known.get(product_id), site_id, product_id, there, of_product, through_on)
            finding = cover_finding(there, of_product.needed_containers)
            changed |= judge(
                actor,
                kind=STOCK_COVER,
                site_id=site_id,
                subject_key=product_id,
                finding=finding,
                today=today,
            )
        return changed


def review_work(*, actor: Actor, kind: str, site_id: UUID, practitioner_id: UUID) -> bool:
    """
    Compare somebody's figure at a site with its threshold: what protocols take them, or how often they change
    them by hand (`kind`); whether any alert is otherwise.

    Raises:
        Forbidden: the actor judges nothing.
    """
    require(actor, "command_center.write")
    with transaction.atomic():
        one_at_a_time()
        today = site_day(site_id)
        found = sum_of(
            actor,
            metric=kind,
            site_id=site_id,
            practitioner_id=practitioner_id,
            since=today - timedelta(days=window_days(kind) - 1),
            until=today,
        )
        return judge(
            actor,
            kind=kind,
            site_id=site_id,
            subject_key=practitioner_id,
            finding=_finding(kind, found),
            today=today,
        )


def review(*, actor: Actor) -> bool:
    """
    Look at everything: time alone moves what is needed, and what lies in the last weeks.

    Raises:
        Forbidden: the actor judges nothing.
    """
    require(actor, "command_center.write")
    changed = False
    for site in sites(actor):
        changed |= refresh_cover(actor=actor, site_id=site.pk)
    for kind in OF_PEOPLE:
        # Twice the window, so that what has left it is looked at once more.
        since = clock.now().date() - timedelta(days=2 * window_days(kind))
        for site_id, practitioner_id in practitioners_since(actor, metric=kind, since=since):
            changed |= review_work(actor=actor, kind=kind, site_id=site_id, practitioner_id=practitioner_id)
    return changed


def _finding(kind: str, found: Sum) -> Finding:
    if kind == OVERRIDE_RATE:
        return override_finding(
            found.total, found.count, healthy_per_cent=HEALTHY, least_protocols=FEWEST_SIGNED
        )
    set_to = thresholds().protocol_time
    return time_finding(
        found.total, found.count, most_seconds=set_to.most_seconds, least_protocols=set_to.least_protocols
    )


def _demands(actor: Actor, site_id: UUID, product_ids: Collection[UUID] | None) -> dict[UUID, list[Demand]]:
    lines = lines_in_force(actor, site_id, product_ids)
    dispensed = dispensed_containers(actor, [(line.patient_id, line.line_id) for line in lines])
    demands: defaultdict[UUID, list[Demand]] = defaultdict(list)
    for line in lines:
        demand = Demand(
            units_a_day=line.units_a_day,
            units_per_container=line.units_per_container,
            signed_containers=line.containers,
            dispensed_containers=dispensed.get((line.patient_id, line.line_id), 0),
            starts_on=line.starts_on,
            days=line.days,
        )
        demands[line.product_id].append(demand)
    return demands


def _keep(
    row: Cover | None, site_id: UUID, product_id: UUID, there: int, of_product: Needed, through_on: date
) -> bool:
    """Write down what was found of a product; whether it is otherwise. What nobody needs has no row."""
    figures = {
        "on_hand_containers": there,
        "needed_containers": of_product.needed_containers,
        "outstanding_containers": of_product.outstanding_containers,
        "protocols": of_product.protocols,
    }
    if row is None:
        if not of_product.outstanding_containers:
            return False
        Cover.objects.create(
            site_id=site_id,
            product_id=product_id,
            through_on=through_on,
            counted_at=clock.now(),
            **figures,
        )
        return True
    is_same = all(getattr(row, name) == value for name, value in figures.items())
    if is_same and row.through_on == through_on:
        return False
    Cover.objects.filter(site_id=site_id, pk=row.pk).update(
        through_on=through_on, counted_at=clock.now(), **figures
    )
    return not is_same
