"""Alerts, as far as they are the actor's to see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from willowbark.catalog.selectors import products_by_id
from willowbark.command_center.core.alerts import OVERRIDE_RATE, PROTOCOL_TIME, STOCK_COVER
from willowbark.command_center.models import Alert
from willowbark.foundation.authorisation import Actor, allows, require
from willowbark.foundation.explaining import reference
from willowbark.foundation.presentation.numbers import count_text, duration_text
from willowbark.kernel.errors import NotFound
from willowbark.metrics.selectors.reach import at_sites
from willowbark.practice.selectors import names_of_users

MOST_ALERTS = 100


@dataclass(frozen=True, slots=True)
class AlertShown:
    """
    An alert as it is shown: what it is about, how far beyond, whose it is, by when, and what to do.

    `figure_text` and `threshold_text` are what was found last, `opened_text` what was found first.
    """

    id: UUID
    site_id: UUID
    kind: str
    subject_key: UUID
    title: str
    figure_text: str
    threshold_text: str
    opened_text: str
    owner_id: UUID
    owner_name: str
    due_on: date
    next_action: str
    state: str
    opened_at: datetime
    latest_at: datetime
    closed_at: datetime | None
    closed_by_name: str
    close_reason: str
    may_answer: bool

    @property
    def why(self) -> str:
        """Its reference."""
        return reference("alert", self.site_id, self.id)


def alerts(actor: Actor) -> tuple[AlertShown, ...]:
    """
    Open alerts, those due first, first; 100 at most. Three statements.

    Raises:
        Forbidden: the actor reads no command center.
    """
    require(actor, "command_center.read")
    rows = Alert.objects.filter(readable(actor), state="open").order_by("due_on", "opened_at", "id")
    return _shown(actor, list(rows[:MOST_ALERTS]))


def alert(actor: Actor, site_id: UUID, alert_id: UUID) -> AlertShown:
    """
    One alert, open or closed.

    Raises:
        Forbidden: the actor reads no command center.
        NotFound: no such alert, or not the actor's to see.
    """
    require(actor, "command_center.read")
    found = _shown(actor, list(Alert.objects.filter(readable(actor), site_id=site_id, pk=alert_id)))
    if not found:
        raise NotFound("alert")
    return found[0]


def alert_of_id(actor: Actor, key: str) -> AlertShown | None:
    """
    The alert whose id this is, at whatever site; None when it is no id, or of nothing that the actor sees.

    Raises:
        Forbidden: the actor reads no command center.
    """
    require(actor, "command_center.read")
    try:
        alert_id = UUID(key)
    except ValueError:
        return None
    return next(iter(_shown(actor, list(Alert.objects.filter(readable(actor), pk=alert_id)))), None)


def readable(actor: Actor) -> Q:
    """Of a site, what is about nobody's own work; one's own; everybody's for who leads there."""
    of_site = Q(about__isnull=True) & at_sites(actor, "command_center.read")
    own = Q(owner_id=actor.user_id) | Q(about_id=actor.user_id)
    return of_site | own | answerable(actor)


def answerable(actor: Actor) -> Q:
    """What the actor may close: their own at their sites, everything for who leads."""
    own = Q(owner_id=actor.user_id) & at_sites(actor, "command_center.read")
    return own | at_sites(actor, "metrics.everyone") if allows(actor, "metrics.everyone") else own


def figure_text(kind: str, figure: int) -> str:
    """A figure of an alert with its unit."""
    if kind == PROTOCOL_TIME:
        return duration_text(figure)
    if kind == OVERRIDE_RATE:
        return f"{figure} %"
    return f"{count_text(figure)} container{'' if figure == 1 else 's'}"


def _shown(actor: Actor, rows: Sequence[Alert]) -> tuple[AlertShown, ...]:
    if not rows:
        return ()
    products = products_by_id(actor, {row.subject_key for row in rows if row.kind == STOCK_COVER})
    people = {person for row in rows for person in (row.owner_id, row.about_id, row.closed_by_id) if person}
    names = names_of_users(people)
    mine = set(
        Alert.objects.filter(answerable(actor), pk__in=[row.pk for row in rows]).values_list("pk", flat=True)
    )

    def title(row: Alert) -> str:
        if row.kind == PROTOCOL_TIME:
            return f"Protocols take {names.get(row.subject_key, 'somebody')} longer than they should"
        if row.kind == OVERRIDE_RATE:
            much = "less" if row.latest_figure < row.latest_threshold else "more"
            return (
                f"{names.get(row.subject_key, 'Somebody')} changes protocols by hand {much} than is healthy"
            )
        known = products.get(row.subject_key)
        return f"{known.name if known else 'A product'} does not cover what was signed"

    return tuple(
        AlertShown(
            id=row.pk,
            site_id=row.site_id,
            kind=row.kind,
            subject_key=row.subject_key,
            title=title(row),
            figure_text=figure_text(row.kind, row.latest_figure),
            threshold_text=figure_text(row.kind, row.latest_threshold),
            opened_text=", threshold ".join(figure_text(row.kind, n) for n in (row.figure, row.threshold)),
            owner_id=row.owner_id,
            owner_name=names.get(row.owner_id, "Somebody who has left"),
            due_on=row.due_on,
            next_action=row.next_action,
            state=row.state,
            opened_at=row.opened_at,
            latest_at=row.latest_at,
            closed_at=row.closed_at,
            closed_by_name=names.get(row.closed_by_id, "") if row.closed_by_id else "",
            close_reason=row.close_reason,
            may_answer=row.pk in mine and row.state == "open",
        )
        for row in rows
    )
