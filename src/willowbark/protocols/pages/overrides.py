"""How often signers decide otherwise than composed, as the page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from willowbark.foundation import charts, clock
from willowbark.foundation.authorisation import Actor
from willowbark.protocols.core.overrides import FEWEST_SIGNED, HEALTHY
from willowbark.protocols.selectors.overrides import Rate, Rates, last_days, override_rates

SPANS = (30, 90, 365)
_JUDGED = {
    "few": ("", "Too few to tell"),
    "low": ("warn", "Low: signed as composed, perhaps unread"),
    "healthy": ("good", "Healthy"),
    "high": ("warn", "High: the template drifts from what is done"),
}


@dataclass(frozen=True, slots=True)
class Span:
    """A span of days to choose."""

    url: str
    label: str
    is_current: bool
    count: None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A rate with what it says; `tone` '' is neither good nor bad."""

    rate: Rate
    tone: str
    said: str


@dataclass(frozen=True, slots=True)
class OverridesPage:
    """The rates of a span; `groups` are the tables with their titles, `picture` is of who signed enough."""

    rates: Rates
    spans: tuple[Span, ...]
    everybody: Row
    groups: tuple[tuple[str, tuple[Row, ...]], ...]
    picture: charts.SpanChart


def overrides_page(actor: Actor, asked_days: str) -> OverridesPage:
    """The rates of the last so many days: 30, 365, or else 90."""
    days = next((each for each in SPANS if str(each) == asked_days), 90)
    rates = override_rates(actor, *last_days(clock.now().date(), days))
    address = reverse("protocols:overrides")
    return OverridesPage(
        rates=rates,
        spans=tuple(Span(f"{address}?days={each}", f"{each} days", each == days) for each in SPANS),
        everybody=_row(rates.everybody),
        groups=(
            ("By practitioner", tuple(map(_row, rates.practitioners))),
            ("By Master Protocol", tuple(map(_row, rates.masters))),
            ("By layer", tuple(map(_row, rates.layers))),
        ),
        picture=_picture((rates.everybody, *rates.practitioners, *rates.masters)),
    )


def _picture(rates: tuple[Rate, ...]) -> charts.SpanChart:
    """Each rate beside the healthy band; those of too few protocols say nothing and are left out."""
    low, high = HEALTHY
    rows = [
        charts.SpanRow(
            one.name,
            f"{one.per_cent} %",
            [charts.Span(0, one.per_cent, "good" if low <= one.per_cent <= high else "warn")],
            one.why_url,
        )
        for one in rates
        if one.signed >= FEWEST_SIGNED
    ]
    limits = [charts.Limit(low, f"healthy from {low}"), charts.Limit(high, f"to {high}")]
    return charts.span_chart(rows, title="Share changed by hand", unit="Per cent", limits=limits)


def _row(rate: Rate) -> Row:
    return Row(rate, *_JUDGED[rate.judgement])
