"""Every figure on every page of the planner leads to its formula, its inputs and its source."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest

from willowbark.foundation.acting import acting_as
from willowbark.foundation.explaining import explain
from willowbark.foundation.ids import uuid7
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.planner import services
from willowbark.planner.core.parts import BY_KEY
from willowbark.planner.core.scenario import example, fields, read_scenario, usual
from willowbark.planner.core.scenario.fields import CHOICES
from willowbark.planner.selectors.why import CHOSEN, origin_text
from willowbark.practice.testing import signed_in

HOME = "/planner"
# Figures that the pages above meet, one at least of each picture, list and sentence.
MET = {
    *("signal_capacity", "signal_wait_list", "signal_workload", "verdict", "contradictions", "senior_hours"),
    *("evidence", "plateau", "next_patient", "utilisation", "needed_clinical", "there_clinical"),
    *("published_4", "by_hours_4", "next_hires", "hangs_on", "cost_fixed", "revenue_dispensary"),
    *("weeks_patients", "weeks_chances"),
}
# Those whose explanation is made as another's is: opening one of them is enough.
ALIKE = {
    key
    for key in BY_KEY
    if re.match("published_[123]|by_hours_[123]|weeks_(?!p)|(there|needed|cost|revenue)_(?!c)", key)
}
VOID = {"meta", "link", "input", "br", "hr", "img", "rect", "path", "line", "circle", "use"}
# Text that is no figure: a heading's name, a name that somebody gave, a day, what can be chosen.
NO_FIGURE = {"h1", "time", "option", "script", "style", "title", "desc", "legend"}
NAMED = {"sr-only", "head__lead", "table__link", "field__hint"}
# What holds a figure, with the way to its explanation beside it.
HOLDERS = {"li", "td", "p", "section", "div", "label", "details", "h3", "header"}


@dataclass(eq=False)
class Element:
    tag: str
    attributes: dict[str, str]
    parent: Element | None
    children: list[Element | str] = field(default_factory=list)

    @property
    def classes(self):
        return set(self.attributes.get("class", "").split())

    def elements(self):
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.elements()

    def above(self):
        yield self
        if self.parent is not None:
            yield from self.parent.above()

    def text(self):
        parts = (child if isinstance(child, str) else child.text() for child in self.children)
        return re.sub(r"\s+", " ", "".join(parts)).strip()


class Tree(HTMLParser):
    """A page as elements."""

    def __init__(self, html):
        super().__init__()
        self.root = self.at = Element("root", {}, None)
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        one = Element(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.children.append(one)
        if tag not in VOID:
            self.at = one

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.at.tag == tag
            assert self.at.parent is not None
            self.at = self.at.parent

    def handle_data(self, data):
        self.at.children.append(data)


def main_of(html):
    tree = Tree(html)
    return next((one for one in tree.root.elements() if one.tag == "main"), tree.root)


def leads(one):
    """Whether a link goes to an explanation, or to a document."""
    address = one.attributes.get("href", "")
    return one.tag == "a" and address.startswith(("/why", f"{HOME}/figures/", "https://"))


def figures_of(main):
    """Every element whose own text has a figure in it; pictures are looked at as a whole."""
    for one in (main, *main.elements()):
        said = "".join(child for child in one.children if isinstance(child, str))
        above = list(one.above())
        if not re.search(r"\d", said) or any(each.tag in NO_FIGURE | {"svg"} for each in above):
            continue
        if not any(each.classes & NAMED for each in above):
            yield one


def opens(one):
    """Whether what holds a figure holds the way to its explanation, up to the card that it stands on."""
    for holder in one.above():
        if holder.tag in HOLDERS and any(leads(each) for each in holder.elements()):
            return True
        if "card" in holder.classes or holder.tag == "main":
            return False
    return False


def unopened(main):
    return [f"{one.tag}: {one.text()[:80]}" for one in figures_of(main) if not opens(one)]


def unexplained_pictures(main):
    """Rows of a picture that the list after it does not explain, one by one; fans without a way to theirs."""
    for picture in (one for one in main.elements() if one.tag == "figure"):
        around = [one for one in picture.parent.children if isinstance(one, Element) and one is not picture]
        if "data-chart" in picture.attributes:
            if not any(leads(link) for one in around for link in (one, *one.elements())):
                yield picture.text()[:80]
            continue
        listed = [
            one.text()
            for each in around
            for one in each.elements()
            if one.tag == "li" and any(leads(link) for link in one.elements())
        ]
        for row in (one for one in picture.elements() if "chart__strong" in one.classes and one.text()):
            if not any(row.text() in said for said in listed):
                yield row.text()


def links_of(main):
    return {
        one.attributes["href"]
        for one in main.elements()
        if leads(one) and not one.attributes["href"].startswith("https://")
    }


@pytest.fixture
def pages(practice):
    """Every page of the planner in the states in which its figures differ, for who leads the practice."""
    put_into_care(practice, make_patient(practice).pk, practice.practitioner)
    client = signed_in(practice.owner)
    case = read_scenario(example("case_study"), fields())
    with acting_as(practice.owner) as actor:
        kept = [
            services.save_scenario(actor=actor, name=one.name, scenario=one, own={}, request_key=uuid7())
            for one in (case, usual())
        ]
    large = {"practice.active_patients": "1400", "switches": "1", "growth.to_patients": "1900"}
    asked: list[tuple[str, Any]] = [
        (HOME, {}),
        (HOME, {"own": "1"}),
        (HOME, {"scenario": str(kept[0])}),
        (HOME, large),
        (f"{HOME}/growth", large),
        (f"{HOME}/growth", {"scenario": str(kept[0])}),
        (f"{HOME}/compare", {"with": [str(one) for one in kept]}),
    ]
    found = {}
    for address, said in asked:
        page = client.get(address, said)
        assert page.status_code == 200, address
        found[f"{address} {said}"] = main_of(page.content.decode())
    return client, found


def test_every_figure_on_every_page_opens_to_its_formula_its_inputs_and_its_source(pages):
    client, found = pages
    for name, main in found.items():
        assert len(list(figures_of(main))) > 3, name
        assert unopened(main) == [], name
        assert list(unexplained_pictures(main)) == [], name
    links = set().union(*(links_of(main) for main in found.values()))
    by_key = {
        one.removeprefix(f"{HOME}/figures/").partition("?")[0]: one for one in links if "/figures/" in one
    }
    assert set(by_key) <= set(BY_KEY)
    assert set(by_key) >= MET
    for key in by_key:
        if key not in ALIKE:
            inputs_of(opened(client, by_key[key], "The rule"))
    inputs = sorted(one for one in links if "plan_input" in one)
    for address in inputs[::10]:
        opened(client, address, "The rule", "Who says so")


def test_every_figure_has_a_formula_and_inputs_or_a_document(practice):
    for figure in BY_KEY.values():
        assert figure.rule
        assert figure.inputs or figure.documents, figure.key
    with acting_as(practice.owner) as actor:
        for path in {path for figure in BY_KEY.values() for path in figure.inputs}:
            told = explain(actor, f"plan_input:{path}")
            assert (bool(told.rule_text), bool(told.sources)) == (True, True), path


def opened(client, address, *titles):
    """An explanation that has these parts."""
    page = client.get(address)
    assert page.status_code == 200, address
    main = main_of(page.content.decode())
    assert set(titles) <= {one.text() for one in main.elements() if one.tag == "h2"}, address
    return main


def inputs_of(main):
    """Where each figure that an explanation stands on leads; what stands on none has a document."""
    cards = {one.text(): one.parent.parent for one in main.elements() if one.tag == "h2"}
    if "What it stands on" not in cards:
        assert "Who says so" in cards
        return set()
    facts = [one for one in cards["What it stands on"].elements() if one.tag == "li"]
    assert all(links_of(one) for one in facts)
    return set().union(*(links_of(one) for one in facts))


def test_every_input_names_what_it_is_from(practice):
    client = signed_in(practice.owner)
    cited = {"arrivals.per_week", "economics.practitioner_usd_per_year", "economics.cash_usd", "hire.due_at"}
    for path in sorted(cited):
        main = main_of(client.get(f"/why/plan_input:{path}").content.decode())
        [card] = [one for one in main.elements() if one.tag == "section" and "Who says so" in one.text()]
        source = fields().by_path[path].source
        assert source is not None
        for said in source.quotes:
            assert said.document.title in card.text()
            assert said.document.locator in card.text()


def test_every_kind_of_choice_says_in_words_where_a_value_is_from():
    assert set(CHOSEN) == set(CHOICES)
    assert origin_text("economics.cash_usd", usual(), {}) == "nobody has said"
    assert origin_text("hire.due_at", usual(), {}) == fields().documents["scaling"].title
