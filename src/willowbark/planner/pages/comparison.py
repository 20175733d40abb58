"""Two scenarios side by side, on the page and on paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from willowbark.foundation.authorisation import Actor
from willowbark.foundation.charts import SpanChart
from willowbark.foundation.explaining import why_url
from willowbark.planner.core.answers import FIGURES, Answers, answers_of
from willowbark.planner.core.scenario import fields
from willowbark.planner.core.scenario.writing import plain
from willowbark.planner.core.words import value_text
from willowbark.planner.pages import pictures
from willowbark.planner.pages.page import VERDICTS, today
from willowbark.planner.selectors import Saved, saved_scenario
from willowbark.planner.selectors.why import figure_reference, input_reference, origin_text

Picture = Callable[[Answers, pictures.Why, Sequence[SpanChart]], SpanChart]
DRAWN: tuple[Picture, ...] = (pictures.gauge, pictures.people, pictures.waterfall)


@dataclass(frozen=True, slots=True)
class Column:
    """One scenario."""

    saved: Saved
    said: str
    said_why_url: str
    tone: str
    verdict_text: str
    charts: tuple[SpanChart, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One value, and where it is explained."""

    text: str
    why_url: str


@dataclass(frozen=True, slots=True)
class Row:
    """One figure in each scenario."""

    title: str
    cells: tuple[Cell, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Scenarios, their figures, and what was put into them otherwise."""

    columns: tuple[Column, ...]
    figures: tuple[Row, ...]
    inputs: tuple[Row, ...]


def comparison_of(actor: Actor, scenario_ids: Sequence[UUID]) -> Comparison:
    """
    Saved scenarios side by side.

    Raises:
        Forbidden: the actor sees no plans.
        NotFound: there is no such scenario.
    """
    kept = [saved_scenario(actor, one) for one in scenario_ids]
    found = [(saved, answers_of(scenario, today=today())) for saved, scenario in kept]
    return Comparison(
        columns=_columns(found),
        figures=tuple(
            _row(
                figure.title,
                [
                    Cell(figure.text(answers), why_url(figure_reference(figure.key, saved.id)))
                    for saved, answers in found
                ],
            )
            for figure in FIGURES
        ),
        inputs=tuple(_inputs(found)),
    )


def _columns(found: Sequence[tuple[Saved, Answers]]) -> tuple[Column, ...]:
    drawn = [_side_by_side(picture, found) for picture in DRAWN]
    columns = []
    for (saved, answers), *charts in zip(found, *drawn, strict=True):
        tone, text = VERDICTS[answers.hire.verdict]
        columns.append(Column(saved, answers.hire.said, _why(saved)("verdict"), tone, text, tuple(charts)))
    return tuple(columns)


def _side_by_side(picture: Picture, found: Sequence[tuple[Saved, Answers]]) -> list[SpanChart]:
    """The same picture of each scenario, over one scale."""

    first = [picture(answers, _why(saved), ()) for saved, answers in found]
    return [picture(answers, _why(saved), first) for saved, answers in found]


def _why(saved: Saved) -> pictures.Why:
    return lambda key: why_url(figure_reference(key, saved.id))


def _row(title: str, cells: list[Cell]) -> Row:
    return Row(title, tuple(cells), len({one.text for one in cells}) > 1)


def _inputs(found: Sequence[tuple[Saved, Answers]]) -> list[Row]:
    """Every figure that any of them was given, with where each has it from."""
    given = set().union(*(answers.scenario.given for _, answers in found))
    rows = []
    for path, field in fields().by_path.items():
        if path not in given or field.kind == "records":
            continue
        cells = []
        for saved, answers in found:
            value = value_text(field, plain(answers.scenario.values[path]))
            said = f"{value} ({origin_text(path, answers.scenario, dict(saved.own))})"
            cells.append(Cell(said, why_url(input_reference(path))))
        rows.append(_row(field.what, cells))
    return rows
