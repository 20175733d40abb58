"""Pictures of an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from textwrap import shorten

from willowbark.foundation import charts
from willowbark.foundation.charts import Limit, Span, SpanChart, SpanRow
from willowbark.planner.core.answers import Answers
from willowbark.planner.core.hiring.growth import Step
from willowbark.planner.core.parts.money import MOST_NAMED, money_name
from willowbark.planner.core.parts.people import by_hours
from willowbark.planner.core.ranges import Range
from willowbark.planner.core.reference import reference
from willowbark.planner.core.scenario import fields
from willowbark.planner.core.words import ROLE_NAMES, dollars_text, money_text, number_text, range_text

# From a figure's key to where it is explained.
Why = Callable[[str], str]

CENTS = 100
MOST_BARS = 8
# A label stands beside its amount on a phone too.
LONGEST_LABEL = 38


def gauge(found: Answers, why: Why, beside: Sequence[SpanChart] = ()) -> SpanChart:
    """Capacity taken, with where a hire is due and where it is late."""
    hire = found.hire
    tone = {"early": "good", "due": "warn", "late": "bad"}[hire.timing]
    taken = 100 * hire.utilisation_now
    rows = [SpanRow("Capacity taken", f"{taken:.1f} %", [Span(0, taken, tone)], why("utilisation"))]
    scenario = found.scenario
    limits = [
        Limit(100 * scenario.number("hire.due_at"), f"due at {scenario.number('hire.due_at'):.0%}"),
        Limit(100 * scenario.number("hire.late_at"), f"late at {scenario.number('hire.late_at'):.0%}"),
    ]
    return charts.span_chart(
        rows, title="Capacity", unit="Per cent of the target", limits=limits, beside=beside
    )


def ladder(found: Answers, why: Why) -> SpanChart:
    """Published stages beside what the scenario's hours allow for as many practitioners."""
    rows = []
    for stage in reference()["stages"]:
        many, (low, high) = stage["practitioners"], stage["ceiling"]
        model = by_hours(found, many)
        rows.append(
            SpanRow(
                f"{many} practitioner{'s' if many > 1 else ''}, published",
                f"{low:,} to {high:,}",
                [Span(low, high, "plain")],
                why(f"published_{many}"),
            )
        )
        rows.append(
            SpanRow(
                "by the hours here",
                range_text(model, 0),
                [Span(model.low, model.high, "accent")],
                why(f"by_hours_{many}"),
            )
        )
    patients = found.scenario.whole("practice.active_patients")
    limits = [Limit(patients, f"{patients:,} patients")] if patients <= 3000 else []
    return charts.span_chart(rows, title="Stages", unit="Patients", limits=limits)


def people(found: Answers, why: Why, beside: Sequence[SpanChart] = ()) -> SpanChart:
    """People needed and people there, by role."""
    rows = []
    for role, needed in found.staff.needed.by_role.items():
        there = found.staff.by_role.get(role)
        if not needed.high and (there is None or not there.high):
            continue
        rows.append(
            SpanRow(
                f"{ROLE_NAMES[role]}, needed",
                range_text(needed),
                [_span(needed, "accent")],
                why(f"needed_{role}"),
            )
        )
        if there is not None:
            rows.append(SpanRow("there", range_text(there), [_span(there, "info")], why(f"there_{role}")))
    return charts.span_chart(rows, title="People", unit="Full-time equivalents", beside=beside)


def steps(found: Answers, why: Why) -> SpanChart | None:
    """Each further hire while growth lasts: from when it is due to when it is late."""
    growth = found.hire.growth
    if growth is None or not growth.hires:
        return None
    rows = [
        SpanRow(
            f"Practitioner {number_text(step.practitioners, 1)}",
            _due_to_late(step),
            [Span(step.due_months, growth.months if step.late_months is None else step.late_months, "warn")],
            why("next_hires"),
        )
        for step in growth.hires[:MOST_BARS]
    ]
    limits = [Limit(growth.months, "growth ends")]
    return charts.span_chart(
        rows, title="Next hires, from due to late", unit="Months from now", limits=limits
    )


def _due_to_late(step: Step) -> str:
    due = number_text(step.due_months, 1)
    return (
        f"from month {due}"
        if step.late_months is None
        else f"month {due} to {number_text(step.late_months, 1)}"
    )


def waterfall(found: Answers, why: Why, beside: Sequence[SpanChart] = ()) -> SpanChart:
    """From revenue, model by model, over cost, kind by kind, to what is left; each in its middle."""
    rows, at = [], 0.0
    for name, cents in found.economics.revenue_by_model_cents.items():
        if cents.high:
            rows.append(_step(name, cents, at, at + cents.middle, "good", why(f"revenue_{name}")))
            at += cents.middle
    for name, cents in found.economics.cost_by_kind_cents.items():
        if cents.high:
            rows.append(_step(name, cents, at, at - cents.middle, "warn", why(f"cost_{name}")))
            at -= cents.middle
    left = found.economics.result_cents
    tone = "accent" if left.low >= 0 else "bad" if left.high < 0 else "plum"
    spans = [Span(left.low / CENTS, left.high / CENTS, tone)]
    rows.append(SpanRow("Left", money_text(left), spans, why("result")))
    return charts.span_chart(
        rows,
        title="A year's money",
        unit="Dollars; steps are at the middle of their ranges",
        beside=beside,
    )


def tornado(found: Answers, why: Why) -> SpanChart | None:
    """How far the result moves with each figure, the widest first."""
    widest = found.economics.tornado[:MOST_NAMED]
    if not widest:
        return None
    middle = found.economics.result_cents.middle / CENTS
    rows = []
    for one in widest:
        low, high = sorted((one.result_at_low_cents / CENTS, one.result_at_high_cents / CENTS))
        label = shorten(fields().by_path[one.path].what, LONGEST_LABEL, placeholder=" ...")
        said = f"{dollars_text(one.swing_cents)} apart"
        rows.append(SpanRow(label, said, [Span(low, high, "plum")], why("hangs_on")))
    return charts.span_chart(
        rows,
        title="What the result hangs on",
        unit="Dollars left of a year",
        limits=[Limit(middle, "middle")],
        zero=False,
    )


def all_of(found: Answers, why: Why) -> Iterator[tuple[str, SpanChart]]:
    """Every picture that there is something to draw for, with its key."""
    for key, chart in (
        ("people", people(found, why)),
        ("steps", steps(found, why)),
        ("ladder", ladder(found, why)),
        ("waterfall", waterfall(found, why)),
        ("tornado", tornado(found, why)),
    ):
        if chart is not None:
            yield key, chart


def _step(name: str, cents: Range, start: float, end: float, tone: str, why_url: str) -> SpanRow:
    low, high = sorted((start / CENTS, end / CENTS))
    return SpanRow(money_name(name), money_text(cents), [Span(low, high, tone)], why_url)


def _span(value: Range, tone: str) -> Span:
    return Span(value.low, value.high, tone) if value.low < value.high else Span(0, value.high, tone)
