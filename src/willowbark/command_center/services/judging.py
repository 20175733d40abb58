"""Raise an alert, keep it current, or clear it, as a finding says."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db import connection

from willowbark.command_center.core.alerts import (
    OF_PEOPLE,
    OVERRIDE_RATE,
    PROTOCOL_TIME,
    STOCK_COVER,
    Finding,
    Last,
    step,
)
from willowbark.command_center.events import AlertClosed, AlertRaised
from willowbark.command_center.models import Alert
from willowbark.command_center.selectors.settings import thresholds
from willowbark.foundation import clock, outbox
from willowbark.foundation.authorisation import Actor
from willowbark.kernel.errors import Conflict
from willowbark.practice.selectors import holders

JUDGING = 7_160_022
UNITS = {STOCK_COVER: "containers", PROTOCOL_TIME: "s", OVERRIDE_RATE: "%"}
# Whose an alert is: who holds all of these at the site; the later ones when nobody does.
_LEADS = (("metrics.everyone", "protocols.sign"), ("metrics.everyone",), ("practice.manage",))
_OWNERS = {
    STOCK_COVER: (("command_center.read", "inventory.write"), ("practice.manage",)),
    PROTOCOL_TIME: _LEADS,
    OVERRIDE_RATE: _LEADS,
}


class NobodyToOwn(Conflict):
    """Nobody at the site may do what an alert asks for."""

    code = "nobody_to_own"


def one_at_a_time() -> None:
    """Wait until nobody else judges; the place is given back with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [JUDGING])


def judge(
    actor: Actor, *, kind: str, site_id: UUID, subject_key: UUID, finding: Finding, today: date
) -> bool:
    """
    Do what follows from a finding; whether any alert is otherwise now.

    Raises:
        NobodyToOwn: an alert is due and there is nobody whose it could be.
    """
    rows = Alert.objects.filter(site_id=site_id, kind=kind, subject_key=subject_key)
    last = rows.order_by("-opened_at", "-id").first()
    known = Last(last.state, last.due_on, last.cleared_at is not None) if last else None
    what = step(finding, known, today=today)
    if what == "raise":
        _raise(actor, kind=kind, site_id=site_id, subject_key=subject_key, finding=finding, today=today)
        return True
    if last is None or what == "nothing":
        return False
    return _change(actor, last, what, finding)


def _raise(
    actor: Actor, *, kind: str, site_id: UUID, subject_key: UUID, finding: Finding, today: date
) -> None:
    due_in_days, next_action = _asked(kind, finding)
    now = clock.now()
    raised = Alert.objects.create(
        site_id=site_id,
        kind=kind,
        subject_key=subject_key,
        about_id=subject_key if kind in OF_PEOPLE else None,
        owner_id=_owner(actor, kind, site_id, subject_key),
        due_on=today + timedelta(days=due_in_days),
        next_action=next_action,
        figure=finding.figure,
        threshold=finding.threshold,
        latest_figure=finding.figure,
        latest_threshold=finding.threshold,
        unit=UNITS[kind],
        opened_at=now,
        latest_at=now,
    )
    outbox.publish(actor, AlertRaised(site_id, raised.pk))


def _change(actor: Actor, last: Alert, what: str, finding: Finding) -> bool:
    row = Alert.objects.filter(site_id=last.site_id, pk=last.pk)
    now = clock.now()
    if what == "refresh":
        found = {
            "latest_figure": finding.figure,
            "latest_threshold": finding.threshold,
            "next_action": _asked(last.kind, finding)[1],
        }
        owner = _owner(actor, last.kind, last.site_id, last.subject_key, of_now=last.owner_id)
        if all(getattr(last, name) == value for name, value in found.items()) and owner == last.owner_id:
            return False
        row.update(**found, owner_id=owner, latest_at=now)
        return True
    if what == "note_cleared":
        row.update(cleared_at=now)
        return False
    row.update(
        state="cleared",
        latest_figure=finding.figure,
        latest_threshold=finding.threshold,
        latest_at=now,
        closed_at=now,
        cleared_at=now,
    )
    outbox.publish(actor, AlertClosed(last.site_id, last.pk, "cleared"))
    return True


def _asked(kind: str, finding: Finding) -> tuple[int, str]:
    """Within how many days somebody is to act, and what is to be done."""
    set_to = thresholds()
    if kind == OVERRIDE_RATE:
        rate = set_to.override_rate
        is_below = finding.figure < finding.threshold
        return rate.due_in_days, rate.next_action_below if is_below else rate.next_action_above
    of_kind = set_to.stock_cover if kind == STOCK_COVER else set_to.protocol_time
    return of_kind.due_in_days, of_kind.next_action


def _owner(actor: Actor, kind: str, site_id: UUID, subject_key: UUID, *, of_now: UUID | None = None) -> UUID:
    """
    The first who may do what it asks for; about somebody's own work, another before themselves.

    Whoever owns it now keeps it while they may.
    """
    for permissions in _OWNERS[kind]:
        found = sorted(holders(actor, site_id, *permissions), key=lambda user: user == subject_key)
        if found:
            return of_now if of_now in found else found[0]
    raise NobodyToOwn("Nobody at this site may act on it.")
