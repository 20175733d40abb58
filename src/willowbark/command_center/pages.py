"""The command center: the figures of the mission, who has which part in them, and what somebody must do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from willowbark.command_center import selectors
from willowbark.command_center.events import TOPIC
from willowbark.command_center.selectors import (
    AlertShown,
    CoverShown,
    CoverSummary,
    alerts,
    covers,
    summary,
    thresholds,
)
from willowbark.foundation import charts, clock
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.explaining import Explanation, explain, reference, why_url
from willowbark.foundation.presentation.dates import day_text
from willowbark.foundation.presentation.numbers import count_text
from willowbark.kernel.errors import Invalid
from willowbark.metrics.core.definitions import (
    CONTAINERS_DISPENSED,
    OVERRIDE_RATE,
    PROTOCOL_TIME,
    PROTOCOLS_SIGNED,
    STOCK_COVER,
    Watched,
)
from willowbark.metrics.core.pieces import Sum
from willowbark.metrics.events import TOPIC as FIGURES
from willowbark.metrics.selectors import Figure, definitions, figures
from willowbark.protocols.core.overrides import FEWEST_SIGNED, judged

SPANS = (7, 28, 90)
USUAL_SPAN_DAYS = 28
# What a share of changed protocols says, as `judged` names it: the tone and the words.
_JUDGED = {
    "few": ("", "Too few to tell"),
    "low": ("warn", "Below: perhaps signed unread"),
    "healthy": ("good", "Healthy"),
    "high": ("warn", "Above: the templates drift"),
}
# What an open page listens for. Stock is heard through what it covers.
TOPICS = f"{FIGURES} {TOPIC}"


@dataclass(frozen=True, slots=True)
class Choice:
    """A span of days to choose."""

    label: str
    url: str
    is_current: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Tile:
    """
    One figure.

    A figure that nothing measures yet has no value: `missing` says what is missing, `needs` what must come
    first. `tone` is a tone of a badge, `tone_text` its words.
    """

    key: str
    name: str
    value: str = ""
    unit: str = ""
    note: str = ""
    tone: str = ""
    tone_text: str = ""
    spark: charts.Sparkline | None = None
    why_url: str = ""
    missing: str = ""
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A practitioner's part: protocols, minutes a protocol, containers, and a picture by day."""

    name: str
    protocols: str
    protocols_url: str
    minutes: str
    minutes_url: str
    containers: str
    containers_url: str
    by_day: charts.ColumnChart
    is_slow: bool


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An open alert and where it is explained and answered."""

    shown: AlertShown
    url: str
    why_url: str
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class OverrideCard:
    """
    In which share of the protocols somebody decided otherwise: of all together, and a picture of each
    practitioner who signed enough beside the healthy band. Both sides of it ask for something.
    """

    tile: Tile
    picture: charts.SpanChart
    healthy: str
    few: int


@dataclass(frozen=True, slots=True)
class Home:
    """The page."""

    since: date
    until: date
    spans: tuple[Choice, ...]
    refresh_url: str
    tiles: tuple[Tile, ...]
    counts: tuple[Tile, ...]
    by_practitioner: charts.BarChart
    overrides: OverrideCard
    rows: tuple[PersonRow, ...]
    alerts: tuple[AlertRow, ...]
    short: tuple[CoverShown, ...]
    said: str


def span_of(text: str) -> int:
    """
    The days asked for, 28 when nothing was.

    Raises:
        Invalid: not one of those that can be chosen.
    """
    if not text:
        return USUAL_SPAN_DAYS
    if text not in {str(days) for days in SPANS}:
        raise Invalid("That span cannot be shown.", field="days")
    return int(text)


def home(actor: Actor, days: int) -> Home:
    """
    Everything on the page, over the last `days` days of the practice's calendar.

    Raises:
        Forbidden: the actor reads no command center.
    """
    today = clock.now().astimezone(timezone.get_current_timezone()).date()
    since = today - timedelta(days=days - 1)
    shelf, open_alerts = summary(actor), alerts(actor)
    found = figures(actor, since=since, until=today)
    url = reverse("command_center:home")
    rows = tuple(_rows(found))
    tiles = tuple(_tile(one, found, shelf) for one in definitions().mission)
    return Home(
        since=since,
        until=today,
        spans=tuple(Choice(f"{one} days", f"{url}?days={one}", one == days) for one in SPANS),
        refresh_url=f"{url}?days={days}",
        tiles=tiles,
        counts=tuple(_count_tile(found[key]) for key in (PROTOCOLS_SIGNED, CONTAINERS_DISPENSED)),
        by_practitioner=_bars(found),
        overrides=_overrides(found[OVERRIDE_RATE]),
        rows=rows,
        alerts=tuple(_alert_row(one, today) for one in open_alerts),
        short=covers(actor, only_short=True),
        said=_said(tiles, len(open_alerts)),
    )


@dataclass(frozen=True, slots=True)
class AlertPage:
    """One alert with its explanation, and the form that answers it."""

    shown: AlertShown
    why: Explanation
    is_overdue: bool
    reason: str
    error: str


def alert(actor: Actor, site_id: UUID, alert_id: UUID, *, reason: str = "", error: str = "") -> AlertPage:
    """
    An alert's page; `reason` is what was typed, `error` what was wrong with it.

    Raises:
        Forbidden, NotFound: no such alert, or not the actor's to see.
    """
    shown = selectors.alert(actor, site_id, alert_id)
    why = explain(actor, shown.why)
    today = clock.now().astimezone(timezone.get_current_timezone()).date()
    return AlertPage(shown, why, shown.state == "open" and shown.due_on < today, reason, error)


def minutes(found: Sum) -> str:
    """The mean of a time in minutes with one decimal, '' without facts."""
    if not found.count:
        return ""
    mean = Decimal(found.total) / found.count / 60
    return str(mean.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))


def _tile(watched: Watched, found: dict[str, Figure], shelf: CoverSummary) -> Tile:
    if watched.measured_by == STOCK_COVER:
        return _shelf_tile(watched, shelf)
    if not watched.measured_by:
        return Tile(watched.key, watched.name, missing=watched.missing, needs=watched.needs)
    return _time_tile(watched, found[watched.measured_by])


def _time_tile(watched: Watched, figure: Figure) -> Tile:
    set_to = thresholds().protocol_time
    low, high = (seconds // 60 for seconds in set_to.benchmark_seconds)
    measured = [one for one in figure.by_day if one.count]
    band = charts.Band(low, high, "Benchmark")
    is_slow = bool(figure.sum.mean and figure.sum.mean > set_to.most_seconds)
    return Tile(
        key=watched.key,
        name=watched.name,
        value=minutes(figure.sum) or "None measured",
        unit="min" if figure.sum.count else "",
        note=f"over {_many(figure.sum.count, 'protocol')}; benchmark {low} to {high} min",
        tone="warn" if is_slow else "good" if figure.sum.count else "",
        tone_text="Above the benchmark" if is_slow else "Within it" if figure.sum.count else "",
        spark=charts.sparkline([Decimal(minutes(one)) for one in measured], band=band, title=watched.name),
        why_url=why_url(figure.why),
    )


def _shelf_tile(watched: Watched, shelf: CoverSummary) -> Tile:
    short = shelf.needed - shelf.covered
    horizon = thresholds().stock_cover.horizon_days
    return Tile(
        key=watched.key,
        name=watched.name,
        value=f"{count_text(shelf.covered)} of {count_text(shelf.needed)}",
        unit="products covered",
        note=f"of those that signed protocols need in the next {horizon} days",
        tone="warn" if short else "good" if shelf.needed else "",
        tone_text=f"{_many(short, 'product')} short" if short else "Covered" if shelf.needed else "",
        why_url=why_url(reference("cover", "all")),
    )


def _count_tile(figure: Figure) -> Tile:
    return Tile(
        key=figure.metric.key,
        name=figure.metric.name,
        value=count_text(figure.sum.total),
        spark=charts.sparkline([float(one.total) for one in figure.by_day], title=figure.metric.name),
        why_url=why_url(figure.why),
    )


def _bars(found: dict[str, Figure]) -> charts.BarChart:
    bars = [
        charts.Bar(
            one.name,
            Decimal(minutes(one.sum)),
            f"{minutes(one.sum)} min over {_many(one.sum.count, 'protocol')}",
        )
        for one in found[PROTOCOL_TIME].by_practitioner
        if one.sum.count
    ]
    return charts.bar_chart(bars, unit="min", title="Minutes a protocol takes, by practitioner")


def _overrides(figure: Figure) -> OverrideCard:
    low, high = figure.metric.healthy or (0, 100)
    tone, tone_text = _JUDGED[judged(figure.sum.count, figure.sum.total)]
    rows = [
        charts.SpanRow(
            one.name,
            f"{one.sum.per_cent} %",
            [charts.Span(0, one.sum.per_cent, "good" if low <= one.sum.per_cent <= high else "warn")],
            why_url(one.why),
        )
        for one in figure.by_practitioner
        if one.sum.count >= FEWEST_SIGNED
    ]
    return OverrideCard(
        tile=Tile(
            key=OVERRIDE_RATE,
            name=figure.metric.name,
            value=f"{figure.sum.per_cent} %" if figure.sum.count else "None signed",
            note=f"{count_text(figure.sum.total)} of {_many(figure.sum.count, 'protocol')} changed by hand",
            tone=tone,
            tone_text=tone_text,
            why_url=why_url(figure.why),
        ),
        picture=charts.span_chart(
            rows,
            title="Share changed by hand, by practitioner",
            unit="Per cent",
            limits=[charts.Limit(low, f"healthy from {low}"), charts.Limit(high, f"to {high}")],
        ),
        healthy=f"{low} to {high} %",
        few=FEWEST_SIGNED,
    )


def _rows(found: dict[str, Figure]) -> Iterator[PersonRow]:
    """Everybody who has a part in a figure, and first all together."""
    days = found[PROTOCOLS_SIGNED].days
    everybody = {one.practitioner_id: one.name for figure in found.values() for one in figure.by_practitioner}
    parts = {
        key: {one.practitioner_id: (one.sum, one.by_day, one.why) for one in figure.by_practitioner}
        for key, figure in found.items()
    }
    whole = {key: (figure.sum, figure.by_day, figure.why) for key, figure in found.items()}
    yield _row("All together", whole, days)
    for person in sorted(everybody, key=lambda one: (everybody[one], one)):
        of_person = {key: part.get(person, (Sum(0, 0), (), "")) for key, part in parts.items()}
        yield _row(everybody[person], of_person, days)


def _row(name: str, of: dict[str, tuple[Sum, tuple[Sum, ...], str]], days: Sequence[date]) -> PersonRow:
    signed, by_day, signed_why = of[PROTOCOLS_SIGNED]
    time, _, time_why = of[PROTOCOL_TIME]
    handed, _, handed_why = of[CONTAINERS_DISPENSED]
    amounts = [
        charts.Amount(day_text(day), one.total, _many(one.total, "protocol"))
        for day, one in zip(days, by_day, strict=False)
    ]
    return PersonRow(
        name=name,
        protocols=count_text(signed.total),
        protocols_url=why_url(signed_why) if signed_why else "",
        minutes=minutes(time),
        minutes_url=why_url(time_why) if time_why else "",
        containers=count_text(handed.total),
        containers_url=why_url(handed_why) if handed_why else "",
        by_day=charts.column_chart(amounts, title=f"Protocols signed by day, {name}"),
        is_slow=bool(time.mean and time.mean > thresholds().protocol_time.most_seconds),
    )


def _alert_row(shown: AlertShown, today: date) -> AlertRow:
    url = reverse("command_center:alert", args=[shown.site_id, shown.id])
    return AlertRow(shown, url, why_url(shown.why), shown.due_on < today)


def _said(tiles: Sequence[Tile], open_alerts: int) -> str:
    """What a screen reader says when the figures have moved."""
    told = [f"{one.name} {one.value} {one.unit}".strip() for one in tiles if one.value]
    return f"{'; '.join(told)}; {_many(open_alerts, 'open alert')}."


def _many(count: int, what: str) -> str:
    return f"{count_text(count)} {what}{'' if count == 1 else 's'}"
