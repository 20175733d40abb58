"""The planner's page: controls, the answer in words and pictures, and the scenarios that were saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor, allows, require
from willowbark.foundation.charts import SpanChart
from willowbark.foundation.explaining import Cited, Explanation, why_url
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import NotFound
from willowbark.planner.core.answers import FIGURES, Answers, answers_of
from willowbark.planner.core.contradictions import Contradiction, of_article
from willowbark.planner.core.hiring.signals import Condition
from willowbark.planner.core.parts import BY_KEY
from willowbark.planner.core.ranges import point
from willowbark.planner.core.scenario import Scenario, fields, usual
from willowbark.planner.core.scenario.writing import plain
from willowbark.planner.core.words import value_text
from willowbark.planner.pages import pictures
from willowbark.planner.pages.sliders import Controls, controls, moved, places
from willowbark.planner.selectors import OwnFigure, Saved, own_figures, saved_scenario, saved_scenarios
from willowbark.planner.selectors.why import cited, explained, input_reference, origin_text

ARTICLE = "scaling"
VERDICTS = {
    "not_yet": ("info", "Not yet"),
    "due": ("warn", "Due"),
    "late": ("bad", "Late"),
}


@dataclass(frozen=True, slots=True)
class Start:
    """What the controls started from; `own` says of each of the practice's own figures how it was found."""

    scenario: Scenario
    own: Mapping[str, str]
    found: tuple[OwnFigure, ...]
    keep: Mapping[str, str]
    name: str


@dataclass(frozen=True, slots=True)
class Input:
    """A figure that an answer takes, with its value and where that is from."""

    what: str
    value: str
    origin: str
    why_url: str


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure of the answer, with the formula and the inputs behind it."""

    key: str
    title: str
    text: str
    rule: str
    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class Signal:
    """One of the three signals to hire, and where it is explained."""

    condition: Condition
    why_url: str


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence of the answer, and where it is explained."""

    text: str
    why_url: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The part of the page that follows the controls."""

    verdict: str
    tone: str
    verdict_text: str
    said: Note
    signals: tuple[Signal, ...]
    gauge: SpanChart
    tiles: tuple[Tile, ...]
    charts: Mapping[str, SpanChart]
    beside: tuple[Note, ...]
    notes: tuple[Note, ...]
    contradictions: tuple[Contradiction, ...]
    contradictions_why_url: str
    state: tuple[tuple[str, str], ...]
    save_key: str
    spoken: str


@dataclass(frozen=True, slots=True)
class SavedRow:
    """A saved scenario and where it opens."""

    saved: Saved
    url: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Part:
    """What follows a slider: the answer, and whether it may be kept; `name` is what was typed for it."""

    answer: Answer
    may_keep: bool
    error: str
    name: str


@dataclass(frozen=True, slots=True)
class Own:
    """One of the practice's own figures: its value, '' when it cannot be known, and how it was found."""

    what: str
    value: str
    found: str
    why_url: str


@dataclass(frozen=True, slots=True)
class Page(Part):
    """All of it."""

    start: Start
    own: tuple[Own, ...]
    controls: Controls
    saved: tuple[SavedRow, ...]
    article: tuple[Contradiction, ...]
    article_source: Cited
    own_url: str
    usual_url: str
    newest_url: str


def start_of(actor: Actor, said: Mapping[str, str], scenario_id: UUID | None) -> Start:
    """
    What to start from: a saved scenario, the practice's own figures, or all defaults.

    Raises:
        Forbidden: the actor sees no plans.
        NotFound: there is no such scenario.
    """
    if scenario_id is not None:
        saved, scenario = saved_scenario(actor, scenario_id)
        return Start(scenario, saved.own, (), {"scenario": str(scenario_id)}, saved.name)
    if said.get("own"):
        found = own_figures(actor)
        own = {one.path: one.found for one in found if one.value is not None}
        values = {one.path: point(one.value) for one in found if one.value is not None}
        # A week of nobody: without practitioners there is no capacity to measure.
        if values["practice.practitioners"].high <= 0:
            del values["practice.practitioners"], own["practice.practitioners"]
        named = usual().with_values(values)
        return Start(named, own, found, {"own": "1"}, "The practice's own figures")
    return Start(usual(), {}, (), {}, "The 1,000-patient panel")


def scenario_from(start: Start, said: Mapping[str, str]) -> tuple[Scenario, dict[str, str]]:
    """
    The scenario as the controls stand, and which of its figures are the practice's own, with how found.

    Raises:
        BadScenario: what was sent is no possible value.
    """
    scenario = moved(start.scenario, said)
    own = {
        path: found
        for path, found in start.own.items()
        if scenario.values[path] == start.scenario.values[path]
    }
    return scenario, own


def part_of(actor: Actor, start: Start, said: Mapping[str, str], *, error: str = "") -> Part:
    """
    The answer alone, for a start and for where the controls stand.

    Raises:
        BadScenario: what was sent is no possible scenario.
    """
    scenario, own = scenario_from(start, {} if error else said)
    return Part(
        answer=answer_of(scenario, own, start),
        may_keep=allows(actor, "planner.edit"),
        error=error,
        name="",
    )


def page_of(actor: Actor, start: Start, said: Mapping[str, str], *, error: str = "", name: str = "") -> Page:
    """
    The page for a start and for where the controls stand; with an `error`, as if nothing had been moved.

    Raises:
        BadScenario: what was sent is no possible scenario.
    """
    scenario, own = scenario_from(start, {} if error else said)
    home = reverse("planner:home")
    rows = saved_scenarios(actor)
    return Page(
        start=start,
        own=tuple(_own(one) for one in start.found),
        controls=controls(scenario, own),
        answer=answer_of(scenario, own, start),
        saved=tuple(
            SavedRow(one, f"{home}?scenario={one.id}", start.keep.get("scenario") == str(one.id))
            for one in rows
        ),
        article=of_article(),
        article_source=cited(fields().documents[ARTICLE]),
        own_url=f"{home}?own=1",
        usual_url=home,
        newest_url=_compared(rows[1::-1]) if len(rows) > 1 else "",
        may_keep=allows(actor, "planner.edit"),
        error=error,
        name=name,
    )


def _own(one: OwnFigure) -> Own:
    field = fields().by_path[one.path]
    value = "" if one.value is None else value_text(field, one.value)
    return Own(field.what, value, one.found, why_url(input_reference(one.path)))


def _compared(saved: Sequence[Saved]) -> str:
    """Where saved scenarios stand side by side."""
    return f"{reverse('planner:compare')}?{urlencode([('with', str(one.id)) for one in saved])}"


def today() -> date:
    """The day of the practice."""
    return clock.now().astimezone(timezone.get_current_timezone()).date()


def figure_of(actor: Actor, key: str, said: Mapping[str, str], scenario_id: UUID | None) -> Explanation:
    """
    One figure as the controls stand, with its formula and all that it takes.

    Raises:
        Forbidden: the actor sees no plans.
        NotFound: there is no such figure, or no such scenario.
        BadScenario: what was sent is no possible scenario.
    """
    require(actor, "planner.view")
    if key not in BY_KEY:
        raise NotFound("no such figure")
    start = start_of(actor, said, scenario_id)
    scenario, own = scenario_from(start, said)
    url = f"{reverse('planner:home')}?{urlencode(_state(start, scenario))}"
    return explained(BY_KEY[key], scenario, own, url)


def figure_urls(start: Start, scenario: Scenario) -> pictures.Why:
    """Where each figure of a scenario is explained, as the controls stand."""
    state = urlencode(_state(start, scenario))
    return lambda key: f"{reverse('planner:figure', args=[key])}{'?' if state else ''}{state}"


def _state(start: Start, scenario: Scenario) -> dict[str, str]:
    """What of the address says where the controls stand."""
    return {**start.keep, **places(start.scenario, scenario)}


def answer_of(scenario: Scenario, own: Mapping[str, str], start: Start) -> Answer:
    """What a scenario comes to, for the page."""
    found = answers_of(scenario, today=today())
    tone, verdict_text = VERDICTS[found.hire.verdict]
    why = figure_urls(start, scenario)
    return Answer(
        verdict=found.hire.verdict,
        tone=tone,
        verdict_text=verdict_text,
        said=Note(found.hire.said, why("verdict")),
        signals=tuple(Signal(one, why(f"signal_{one.key}")) for one in found.hire.conditions),
        gauge=pictures.gauge(found, why),
        tiles=tuple(_tile(one.key, found, own) for one in FIGURES),
        charts=dict(pictures.all_of(found, why)),
        beside=(
            Note(found.hire.senior.said, why("senior_hours")),
            Note(found.economics.patient.said, why("next_patient")),
        ),
        notes=tuple(_notes(found, why)),
        contradictions=found.hire.contradictions,
        contradictions_why_url=why("contradictions"),
        state=tuple(sorted(_state(start, scenario).items())),
        save_key=str(uuid7()),
        spoken=f"{found.hire.said} {found.hire.utilisation_now:.0%} of capacity is taken.",
    )


def _tile(key: str, found: Answers, own: Mapping[str, str]) -> Tile:
    figure = next(one for one in FIGURES if one.key == key)
    return Tile(
        key=key,
        title=figure.title,
        text=figure.text(found),
        rule=figure.rule,
        inputs=tuple(_input(path, found.scenario, own) for path in dict.fromkeys(figure.inputs)),
    )


def _input(path: str, scenario: Scenario, own: Mapping[str, str]) -> Input:
    field = fields().by_path[path]
    return Input(
        what=field.what,
        value=value_text(field, plain(scenario.values[path])),
        origin=origin_text(path, scenario, dict(own)),
        why_url=why_url(input_reference(path)),
    )


def _notes(found: Answers, why: pictures.Why) -> Iterator[Note]:
    """What must be known before the answer is believed."""
    if found.scale.is_extrapolated:
        yield Note(
            f"Extrapolated: there is evidence up to {found.scale.evidence_patients:,} patients at a site;"
            " beyond it the straight line goes on.",
            why("evidence"),
        )
    if found.scale.is_held and found.scale.plateau_patients:
        plateau = found.scale.plateau_patients
        yield Note(
            f"Growth plateaus between {plateau.low:,.0f} and {plateau.high:,.0f} patients while these stand:"
            f" {', '.join(found.scale.barriers).lower()}.",
            why("plateau"),
        )
