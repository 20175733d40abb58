"""Two scenarios side by side, on the page and on paper."""

from __future__ import annotations

from collections.abc import Sequence
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
from willowbark.planner.selectors.why import figure_reference, origin_text


@dataclass(frozen=True, slots=True)
class Column:
    """One scenario."""

    saved: Saved
    said: str
    tone: str
    verdict_text: str
    charts: tuple[SpanChart, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One value, and where it is explained."""

    text: str
    why_url: str = ""


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
        columns=tuple(_column(saved, answers) for saved, answers in found),
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


def _column(saved: Saved, answers: Answers) -> Column:
    tone, text = VERDICTS[answers.hire.verdict]

    def why(key: str) -> str:
        return why_url(figure_reference(key, saved.id))

    drawn = (pictures.gauge(answers, why), pictures.people(answers, why), pictures.waterfall(answers, why))
    return Column(saved, answers.hire.said, tone, text, drawn)


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
            cells.append(Cell(f"{value} ({origin_text(path, answers.scenario, dict(saved.own))})"))
        rows.append(_row(field.what, cells))
    return rows
