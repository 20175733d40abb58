"""Why a figure of a plan is what it is: its formula, the figures it takes, and who gave each."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.explaining import Cited, Explanation, Fact, reference
from willowbark.planner.core.answers import Figure, answers_of
from willowbark.planner.core.parts import BY_KEY
from willowbark.planner.core.scenario import Document, Scenario, Source, fields, usual
from willowbark.planner.core.scenario.writing import plain
from willowbark.planner.core.words import value_text
from willowbark.planner.selectors.saved import Saved, saved_scenario

USUAL = "usual"
# Where a default is from that no document can give.
CHOSEN = {
    "not_known": "nobody has said",
    "none": "none, until somebody says so",
    "even": "in even parts, until it is measured",
    "policy": "decided by whoever plans",
    "example": "an example to check by",
    "method": "how it is computed",
}


def input_reference(path: str) -> str:
    """What a figure of a scenario is asked about by."""
    return reference("plan_input", path)


def figure_reference(key: str, scenario_id: UUID | None) -> str:
    """What a figure of the answers is asked about by; None: of the scenario of all defaults."""
    return reference("plan_figure", scenario_id or USUAL, key)


def of_input(actor: Actor, key: str) -> Explanation | None:
    """A figure that a scenario can give: its default, its bounds, and the words it is from."""
    require(actor, "planner.view")
    field = fields().by_path.get(key)
    if field is None or field.source is None:
        return None
    facts = [Fact(f"Without another value it is {value_text(field, field.value)}")]
    if field.kind in ("number", "whole"):
        facts.append(Fact(f"From {field.least:,.10g} to {field.most:,.10g} {field.unit}".strip()))
    facts.append(Fact(f"In a scenario: {field.path}"))
    return Explanation(
        title=field.what,
        figure_text=value_text(field, field.value),
        facts=tuple(facts),
        rule_text=_words(field.source),
        sources=tuple(cited(one.document) for one in field.source.quotes),
    )


def of_figure(actor: Actor, key: str) -> Explanation | None:
    """A figure of a saved scenario, `scenario/figure`, or of all defaults, `usual/figure`."""
    require(actor, "planner.view")
    which, _, name = key.partition("/")
    figure = BY_KEY.get(name)
    if figure is None:
        return None
    saved: Saved | None = None
    scenario: Scenario = usual()
    url = reverse("planner:home")
    if which != USUAL:
        try:
            scenario_id = UUID(which)
        except ValueError:
            return None
        saved, scenario = saved_scenario(actor, scenario_id)
        url = f"{url}?scenario={scenario_id}"
    return explained(figure, scenario, dict(saved.own) if saved else {}, url)


def explained(figure: Figure, scenario: Scenario, own: Mapping[str, str], url: str) -> Explanation:
    """A figure of any scenario; `own` says of the practice's own figures how each was found."""
    today = clock.now().astimezone(timezone.get_current_timezone()).date()
    return Explanation(
        title=f"{figure.title}, {scenario.name}",
        figure_text=figure.text(answers_of(scenario, today=today)),
        facts=tuple(_fact(path, scenario, own) for path in dict.fromkeys(figure.inputs)),
        rule_text=figure.rule,
        sources=tuple(cited(fields().documents[key]) for key in figure.documents),
        url=url,
    )


def origin_text(path: str, scenario: Scenario, own: Mapping[str, str]) -> str:
    """Where a value of a scenario came from, in words."""
    if path in own:
        return own[path]
    if path in scenario.given:
        return "as the scenario says"
    source = fields().by_path[path].source
    if source is None:
        return ""
    return CHOSEN[source.choice] if source.choice else source.document.title


def _fact(path: str, scenario: Scenario, own: Mapping[str, str]) -> Fact:
    field = fields().by_path[path]
    value = value_text(field, plain(scenario.values[path]))
    return Fact(f"{field.what}: {value} ({origin_text(path, scenario, own)})", why=input_reference(path))


def _words(source: Source) -> str:
    if not source.document.is_verified:
        return source.quote
    if not source.also:
        return f'"{source.quote}" {source.how}'.rstrip()
    quotes = "; ".join(f'{one.document.title}: "{one.quote}"' for one in source.quotes)
    return f"{quotes}. {source.how}".rstrip()


def cited(document: Document) -> Cited:
    """A document as a source is cited."""
    return Cited(document.cited, document.locator, document.is_verified)
