"""Every component renders, escapes, and is on the component page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import include
from django.urls import path as route
from django_cotton.compiler_regex import CottonCompiler  # type: ignore[import-untyped] # ships no types

from willowbark import foundation
from willowbark.foundation.component_page import sample

COTTON = Path(foundation.__file__).parent / "templates/cotton"
NAMES = sorted(
    str(path.relative_to(COTTON)).removesuffix(".html").replace("/", ".").replace("_", "-")
    for path in COTTON.rglob("*.html")
)
HOSTILE = "\"><script>alert('x')</script>&amp;"


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    route(
        "",
        include(([route("search", nothing, name="search"), route("list", nothing, name="list")], "patients")),
    ),
    route(
        "", include(([route("day", nothing, name="day"), route("out", nothing, name="sign_out")], "practice"))
    ),
]
pytestmark = pytest.mark.urls(__name__)


def page():
    return render_to_string("foundation/components.html", sample(), RequestFactory().get("/design"))


def rendered(source, **context):
    return Template(source).render(Context(context))


def test_every_component_is_used_on_the_component_page():
    used: set[str] = set()
    seen = ["foundation/components.html", "foundation/base.html"]
    for path in (*(COTTON.parent / name for name in seen), *COTTON.rglob("*.html")):
        used |= set(re.findall(r"<c-([\w.-]+)", path.read_text()))

    assert set(NAMES) <= used


def test_the_component_page_leaves_no_component_unrendered():
    html = page()

    assert "<c-" not in html
    assert "{{" not in html
    assert "{%" not in html


class Outline(HTMLParser):
    """Collects ids, references between elements, and tags left open."""

    VOID = {"meta", "link", "input", "br", "hr", "img", "rect", "path", "line", "circle", "use"}

    def __init__(self):
        super().__init__()
        self.ids, self.references, self.open, self.unnamed = [], set(), [], []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if "id" in given:
            self.ids.append(given["id"])
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            self.references |= set((given.get(name) or "").split())
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag in self.VOID:
            return
        assert self.open.pop() == tag, f"</{tag}> closes something else"


def test_the_page_is_well_formed_with_ids_that_are_single_and_references_that_lead_somewhere():
    outline = Outline()
    outline.feed(page())

    assert outline.open == []
    doubled = {each for each in outline.ids if outline.ids.count(each) > 1}
    assert doubled == set()
    assert outline.references <= set(outline.ids)


ESCAPED = [
    '<c-badge tone="info">{{ x }}</c-badge>',
    '<c-input name="a" label="{{ x }}" :value="x" :error="x" hint="{{ x }}" />',
    '<c-textarea name="a" label="l" :value="x" />',
    '<c-select name="a" label="l" :options="options" blank="{{ x }}" />',
    '<c-alert title="{{ x }}">{{ x }}</c-alert>',
    '<c-empty title="{{ x }}" text="{{ x }}" />',
    '<c-card title="{{ x }}">{{ x }}</c-card>',
    '<c-tabs :tabs="links" label="{{ x }}" target="t" />',
    '<c-segment :items="links" label="{{ x }}" />',
    '<c-toast text="{{ x }}" undo="{{ x }}" />',
    '<c-stat label="{{ x }}" value="{{ x }}" unit="{{ x }}" note="{{ x }}" />',
    '<c-button href="{{ x }}" label="{{ x }}">{{ x }}</c-button>',
    '<c-button data-value="{{ x }}">{{ x }}</c-button>',
    '<c-void-link url="{{ x }}" kind="note" entry_id="{{ x }}" text="{{ x }}" />',
    '<c-panel key="a" title="{{ x }}" error="{{ x }}" />',
    '<c-search-box url="/s" value="{{ x }}" label="{{ x }}" />',
    '<c-progress label="{{ x }}" text="{{ x }}" />',
]


@pytest.mark.parametrize("source", ESCAPED, ids=lambda source: source.split()[0])
def test_markup_in_data_stays_text(source):
    class Link:
        label = url = value = HOSTILE
        count, is_current, is_selected = 3, True, False

    html = rendered(_compiled(source), x=HOSTILE, links=[Link()], options=[Link()])

    assert "<script" not in html
    assert "&amp;amp;" in html, "shown as it was written, escaped once"
    assert "&amp;amp;amp;" not in html


def _compiled(source):
    return CottonCompiler().process(source)


def test_a_field_says_its_error_before_its_hint_to_a_screen_reader():
    html = rendered(
        _compiled('<c-input name="born" label="Born" hint="A year will do" error="No such day" required />')
    )

    assert 'for="born"' in html
    assert 'aria-describedby="born-error born-hint"' in html
    assert 'aria-invalid="true"' in html
    assert " required" in html


def test_a_field_without_hint_or_error_describes_nothing():
    html = rendered(_compiled('<c-input name="born" label="Born" />'))

    assert "aria-describedby" not in html
    assert "aria-invalid" not in html


def test_a_flag_is_words_and_an_icon():
    html = rendered(_compiled('<c-flag code="critical_high" />'))

    assert "Critically high" in html
    assert "#double-up" in html


def test_a_normal_flag_can_be_quiet():
    assert rendered(_compiled('<c-flag code="normal" quiet />')).strip() == ""
    assert "In range" in rendered(_compiled('<c-flag code="normal" />'))


def test_a_voided_entry_cannot_be_voided_again_and_says_why():
    entries = sample()["entries"]
    voided = next(entry for entry in entries if entry.void)

    html = rendered(_compiled('<c-timeline-entry :entry="entry" void_url="/void" />'), entry=voided)

    assert "Entered on the wrong chart" in html
    assert "void-dialog" not in html


@pytest.mark.parametrize("name", ["404", "403", "403_csrf", "400", "500", "foundation/offline"])
def test_error_pages_need_no_context(name):
    html = render_to_string(f"{name}.html")

    assert "<h1" in html
    assert "<c-" not in html
