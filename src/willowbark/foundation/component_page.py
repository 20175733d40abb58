"""What the component page shows: invented values, one of everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.contrib.staticfiles import finders

from willowbark.foundation import charts
from willowbark.foundation.presentation.contrast import Themed, colours, contrast

_GROUNDS = ("ground", "surface", "sunken", "raised", "hover")
_TEXTS = ("ink", "ink-soft", "ink-faint", "link", "good", "info", "warn", "bad", "plum")
_TONES = ("good", "info", "warn", "bad", "plum")
_STEPS_PX = (4, 8, 12, 16, 24, 32, 48)


@dataclass(frozen=True, slots=True)
class Link:
    """A tab, a filter or an area."""

    label: str
    url: str
    count: int | None = None
    is_current: bool = False
    icon: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a select."""

    value: str
    label: str
    is_selected: bool = False


def sample() -> dict[str, Any]:
    """Return the context of `foundation/components.html`: the same values on every call."""
    start = datetime(2019, 2, 4, 9, 30, tzinfo=UTC)
    values = [Decimal(text) for text in ("88", "92.5", "97", "104", "99", "93.4", "91")]
    glucose = [
        charts.Point(
            start + timedelta(days=190 * at), value, f"{value} mg/dL", "high" if value > 99 else "normal"
        )
        for at, value in enumerate(values)
    ]
    pressure = [
        charts.Series(
            label,
            [charts.Point(start + timedelta(days=90 * at), base + at % 4 * 3, "", "") for at in range(9)],
        )
        for label, base in (("Systolic", 118), ("Diastolic", 76))
    ]
    source = SimpleNamespace(
        kind="import",
        system_label="FHIR import",
        author_name="Dr. Johnson Schmitt",
        recorded_by_name="Noor Haddad",
        recorded_at=start,
        code_system="http://loinc.org",
        code="2339-0",
    )
    return {
        "shell": _shell(),
        "tones": ("", "good", "info", "warn", "bad", "plum"),
        "flags": ("normal", "low", "high", "critical_low", "critical_high", "abnormal"),
        "statuses": ("active", "completed", "on-hold", "entered-in-error"),
        "tabs": (Link("Timeline", "#", 1204, True), Link("Problems", "#", 7), Link("Notes", "#", 0)),
        "segments": (Link("Everything", "#", 412, True), Link("Visits", "#", 38), Link("Allergies", "#", 0)),
        "options": (Option("de", "Downtown"), Option("ri", "Riverside", True)),
        "entries": _entries(start, source),
        "source": source,
        "bars": charts.bar_chart(
            [
                charts.Bar("Observation", 31204, "31,204"),
                charts.Bar("Encounter", 5210, "5,210"),
                charts.Bar("Note", 12),
            ],
            unit="rows",
            title="Resources read",
        ),
        "columns": charts.column_chart(
            [charts.Amount(f"{at} Feb", at * at % 7, f"{at * at % 7} protocols") for at in range(1, 29)],
            title="Protocols signed",
        ),
        "fan": charts.fan_chart(
            charts.Fan(*([400 + at * slope for at in range(79)] for slope in (6, 7, 8, 8.5, 9))),
            unit="patients",
            title="Active patients",
            goals=[charts.Goal(78, 1050)],
            events=[charts.Event(26, "A fourth practitioner is recruited")],
        ),
        "spans": charts.span_chart(
            [charts.SpanRow("Needed", "4.75 to 6.5 FTE", [charts.Span(4.75, 6.5)])],
            title="People",
            unit="FTE",
            limits=[charts.Limit(6.4, "There are 6.4")],
        ),
        "stacked": charts.stacked_bar(
            [
                charts.Part("Added", 812, "good"),
                charts.Part("Changed", 44, "info"),
                charts.Part("Quarantined", 9, "bad"),
            ],
            title="What became of what was read",
        ),
        "trend": charts.line_chart(
            [charts.Series("Glucose", glucose)],
            unit="mg/dL",
            title="Glucose",
            band=charts.Band(70, 99, "Reference range 70 to 99 mg/dL"),
        ),
        "pressure": charts.line_chart(pressure, unit="mm[Hg]", title="Blood pressure"),
        "spark": charts.sparkline(values, band=charts.Band(70, 99), title="Glucose"),
        "strip": charts.timeline_strip(
            [charts.YearCount(1984 + at, at * at % 23, f"#{1984 + at}", at == 30) for at in range(36)]
        ),
        "points": list(reversed(glucose)),
        "explanation": _explanation(),
        "sections": [
            Link(label, f"#{label.split()[-1].lower()}", is_current=label == "Parts")
            for label in ("Parts", "States", "Tokens", "Both themes", "Keyboard")
        ],
        "themes": ("light", "dark"),
        "palette": _palette(),
        "nothing": SimpleNamespace(
            line=charts.line_chart([], unit="mg/dL", title="Glucose"),
            bars=charts.bar_chart([], unit="rows", title="Resources read"),
            stacked=charts.stacked_bar([], title="What became of what was read"),
        ),
        "wide": [
            f"{month} 2026" for month in ("January", "February", "March", "April", "May", "June", "July")
        ]
        + [f"{month} 2026" for month in ("August", "September", "October", "November", "December")],
        "refusals": _REFUSALS,
    }


_REFUSALS = (
    SimpleNamespace(
        status="404",
        icon="search",
        title="Not found",
        text="There is no such page, or it is not yours to see.",
        act="To the start",
    ),
    SimpleNamespace(
        status="409",
        icon="warn",
        title="That has changed meanwhile",
        text="Somebody else signed since you opened the page. Nothing was changed.",
        act="See what there is now",
    ),
    SimpleNamespace(
        status="422",
        icon="warn",
        title="That cannot be accepted",
        text="A dose of 0 is no dose. Nothing was changed.",
        act="Mend it",
    ),
    SimpleNamespace(
        status="503",
        icon="clock",
        title="The database is not answering",
        text="It may be starting, which can take a minute. Nothing that was saved is lost.",
        act="Try again",
    ),
)


def _palette() -> SimpleNamespace:
    found = finders.find("willowbark/css/tokens.css")
    tokens = colours(Path(found).read_text(encoding="utf-8")) if found else {}
    return SimpleNamespace(
        grounds=_GROUNDS,
        rows=[
            SimpleNamespace(
                text=text,
                cells=[
                    SimpleNamespace(ground=ground, **_read(tokens[text], tokens[ground]))
                    for ground in _GROUNDS
                ],
            )
            for text in _TEXTS
        ],
        tones=[SimpleNamespace(tone=tone, **_read(tokens[tone], tokens[f"{tone}-soft"])) for tone in _TONES],
        steps=[
            SimpleNamespace(x=sum(_STEPS_PX[:at]) + 8 * at, width=width) for at, width in enumerate(_STEPS_PX)
        ],
    )


def _read(text: Themed, ground: Themed) -> dict[str, str]:
    """The contrast in both themes, rounded down: a failure must not look like a pass."""
    pairs = zip(("light", "dark"), text, ground, strict=True)
    return {theme: f"{int(contrast(one, other) * 10) / 10}" for theme, one, other in pairs}


def _explanation() -> SimpleNamespace:
    part = SimpleNamespace(
        title="Upper limit for an adult",
        url="",
        figure_text="350 mg a day from supplements",
        facts=(),
        rule_text="",
        sources=(SimpleNamespace(title="Intakes, reference table", locator="", url="", is_verified=False),),
        children=(),
    )
    return SimpleNamespace(
        facts=(
            SimpleNamespace(text="2 capsules hold 200 mg", url="#", why="x", why_url="#"),
            SimpleNamespace(text="No other product of the plan holds magnesium", url="", why="", why_url=""),
        ),
        rule_text="What all products of a plan give together stays within the upper limit.",
        sources=(
            SimpleNamespace(
                title="Handbook of minerals", locator="https://example.org", url="#", is_verified=True
            ),
        ),
        children=(part,),
    )


def _shell() -> SimpleNamespace:
    areas = (
        Link("Day", "#", icon="day", key="day"),
        Link("Patients", "#", None, True, "patients", "patients"),
        Link("Imports", "#", 2, icon="import", key="import"),
        Link("Practice", "#", icon="practice", key="practice"),
    )
    return SimpleNamespace(
        practice_name="Alder Lane Integrative Medicine",
        is_demo=True,
        site_name="Riverside",
        person=SimpleNamespace(name="Mara Lindqvist", initials="ML", role_name="Practitioner"),
        areas=areas,
        can=frozenset({"record.void"}),
        words=SimpleNamespace(patient="patient", patients="patients", prescription="prescription"),
        live_url="",
        live_topics="",
        live_since_ms=0,
        effort_url="",
        task_kind="",
        patient_id="",
    )


def _entries(start: datetime, source: SimpleNamespace) -> list[SimpleNamespace]:
    rows = (
        ("encounter", "Follow-up visit, 60 minutes", "Fatigue; review of results", "finished", None, ""),
        ("condition", "Prediabetes", "Confirmed", "active", None, ""),
        ("medication", "Metformin 500 mg tablet", "1 tablet twice daily with food", "active", None, ""),
        ("supplement", "Magnesium glycinate 200 mg", "1 capsule at bedtime", "active", None, ""),
        ("observation", "Glucose", "Fasting", "final", Decimal("104.2400381"), "high"),
        ("allergy", "Penicillin", "Hives", "active", None, ""),
        ("procedure", "Colonoscopy", "", "completed", None, ""),
        ("immunization", "Zoster", "Lot 77A", "completed", None, ""),
        ("document", "Basic metabolic panel", "Report, 8 results", "final", None, ""),
        ("note", "Progress note", "Sleep is better; energy still low after lunch.", "", None, ""),
    )
    voided = SimpleNamespace(
        at=start + timedelta(days=3), by_name="Mara Lindqvist", reason="Entered on the wrong chart"
    )
    return [
        SimpleNamespace(
            id=f"sample-{at}",
            kind=kind,
            text=text,
            detail=detail,
            status=status,
            value=value,
            value_comparator="",
            value_text="",
            unit_text="mg/dL",
            flag=flag,
            ends_at=None,
            lab_trend_url="#" if value else "",
            effective_at=start,
            effective_precision="day" if at % 2 else "instant",
            source=source,
            void=voided if kind == "procedure" else None,
        )
        for at, (kind, text, detail, status, value, flag) in enumerate(rows)
    ]
