"""Why an alert was raised, and what a shelf covers."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from willowbark.command_center.core.alerts import OF_PEOPLE, OVERRIDE_RATE, STOCK_COVER
from willowbark.command_center.core.thresholds import Source
from willowbark.command_center.selectors.alerts import AlertShown, alert, alert_of_id
from willowbark.command_center.selectors.cover import CoverShown, cover, covers, summary
from willowbark.command_center.selectors.settings import thresholds, window_days
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.explaining import Cited, Explanation, Fact, reference
from willowbark.foundation.presentation.dates import day_text, known_date_text, time_text
from willowbark.metrics.selectors.figures import figure_reference

ALL = "all"


def of_alert(actor: Actor, key: str) -> Explanation | None:
    """
    An alert, `site/alert` or its id alone: what was found, the threshold and who says so, whose it is and
    by when.
    """
    ids = _ids(key)
    shown = alert(actor, *ids) if ids else alert_of_id(actor, key)
    if shown is None:
        return None
    rule, sources = _rule(shown.kind)
    return Explanation(
        title=shown.title,
        figure_text=f"{shown.figure_text}, threshold {shown.threshold_text}",
        facts=(
            _behind(shown),
            Fact(f"Opened on {_moment(shown.opened_at)}: {shown.opened_text}"),
            Fact(f"{shown.owner_name} is to act by {day_text(shown.due_on)}: {shown.next_action}"),
            *_closing(shown),
        ),
        rule_text=rule,
        sources=_cited(sources),
    )


def of_cover(actor: Actor, key: str) -> Explanation | None:
    """A product of a shelf, `site/product`, or every one that is needed: `all`."""
    if key == ALL:
        return _of_all(actor)
    ids = _ids(key)
    found = cover(actor, *ids) if ids else None
    if found is None:
        return None
    set_to = thresholds().stock_cover
    return Explanation(
        title=f"{found.product_name}: is what was signed covered?",
        figure_text=_cover_text(found),
        facts=(
            Fact(
                f"{found.on_hand_containers} on the shelf that have not expired",
                why=reference("shelf", found.site_id, found.product_id),
            ),
            Fact(f"{found.needed_containers} needed up to {day_text(found.through_on)}"),
            Fact(
                f"{found.outstanding_containers} signed for and not handed out yet,"
                f" by {found.protocols} protocol{'' if found.protocols == 1 else 's'} in force"
            ),
            Fact(f"Counted on {_moment(found.counted_at)}"),
        ),
        rule_text=set_to.rule,
        sources=_cited(set_to.sources),
    )


def _of_all(actor: Actor) -> Explanation:
    counted, shown = summary(actor), covers(actor)
    set_to = thresholds().stock_cover
    return Explanation(
        title="Does the shelf cover what was signed?",
        figure_text=f"{counted.covered} of {counted.needed} products that are needed are covered",
        facts=tuple(Fact(f"{one.product_name}: {_cover_text(one)}", why=one.why) for one in shown),
        rule_text=set_to.rule,
        sources=_cited(set_to.sources),
    )


def _behind(shown: AlertShown) -> Fact:
    if shown.kind not in OF_PEOPLE:
        text = f"Found on {_moment(shown.latest_at)}: {shown.figure_text} on the shelf"
        return Fact(text, why=reference("cover", shown.site_id, shown.subject_key))
    until = shown.latest_at.astimezone(timezone.get_current_timezone()).date()
    since = until - timedelta(days=window_days(shown.kind) - 1)
    of_what = " were changed by hand" if shown.kind == OVERRIDE_RATE else " on average"
    figure = figure_reference(shown.kind, shown.site_id, shown.subject_key, since, until)
    return Fact(f"Found on {_moment(shown.latest_at)}: {shown.figure_text}{of_what}", why=figure)


def _rule(kind: str) -> tuple[str, tuple[Source, ...]]:
    """From where on it is raised, and who says so."""
    set_to = thresholds()
    if kind == OVERRIDE_RATE:
        return set_to.override_rate.rule, set_to.override_rate.sources
    of_kind = set_to.stock_cover if kind == STOCK_COVER else set_to.protocol_time
    return of_kind.rule, of_kind.sources


def _closing(shown: AlertShown) -> tuple[Fact, ...]:
    if shown.closed_at is None:
        return ()
    if shown.state == "cleared":
        return (Fact(f"Cleared by itself on {_moment(shown.closed_at)}"),)
    what = "Acted on" if shown.state == "acted" else "Dismissed"
    return (Fact(f"{what} by {shown.closed_by_name} on {_moment(shown.closed_at)}: {shown.close_reason}"),)


def _cover_text(found: CoverShown) -> str:
    return f"{found.on_hand_containers} on the shelf, {found.needed_containers} needed in the coming days"


def _moment(at: datetime) -> str:
    zone = timezone.get_current_timezone()
    return f"{known_date_text(at, 'instant', zone)} {time_text(at, zone)}"


def _cited(sources: tuple[Source, ...]) -> tuple[Cited, ...]:
    return tuple(Cited(one.title, one.locator, one.is_verified) for one in sources)


def _ids(key: str) -> tuple[UUID, UUID] | None:
    first, _, second = key.partition("/")
    try:
        return UUID(first), UUID(second)
    except ValueError:
        return None
