"""Rules that every template of the product keeps, read off the files themselves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

import willowbark

ROOT = Path(willowbark.__file__).parent
TEMPLATES = sorted(ROOT.rglob("templates/**/*.html"))
COMPONENTS = sorted((ROOT / "foundation/templates/cotton").rglob("*.html"))
STATIC = ROOT / "foundation/static/willowbark"


def name_of(path):
    return str(path).split("/templates/", 1)[1]


def tag_of(component):
    inside = str(component.relative_to(ROOT / "foundation/templates/cotton"))
    return inside.removesuffix(".html").replace("/", ".").replace("_", "-")


def source_of(name):
    return next(path.read_text() for path in TEMPLATES if name_of(path) == name)


def without_comments(text):
    return re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", text, flags=re.DOTALL)


# Read from a disk, without the platform and its policy: it brings its own style.
TAKEN_OUT = {"interop_export/index.html"}


@pytest.mark.parametrize("path", [each for each in TEMPLATES if name_of(each) not in TAKEN_OUT], ids=name_of)
def test_nothing_that_the_content_security_policy_forbids(path):
    text = without_comments(path.read_text())

    assert not re.search(r"\sstyle\s*=", text), "an inline style"
    assert not re.search(r"\son[a-z]+\s*=", text), "an inline event handler"
    assert not re.search(r"<style\b", text), "an inline stylesheet"
    assert not re.search(r"<script\b(?![^>]*\ssrc=)", text), "an inline script"
    assert not re.search(r"(?:href|action|src)\s*=\s*[\"']?\s*javascript:", text, re.IGNORECASE)
    assert not re.search(r"\shx-(?:on|vals\s*=\s*[\"']js:|vars)", text), "htmx would have to evaluate a text"
    assert not re.search(r"hx-trigger=\"[^\"]*\[", text), "htmx would have to evaluate a filter"
    assert not re.search(r"(?:src|href|action)\s*=\s*[\"']?(?:https?:)?//", text), (
        "an address of somebody else"
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_every_template_can_be_read(path):
    get_template(name_of(path))


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_nothing_is_marked_safe_but_what_a_panel_rendered(path):
    assert not re.search(r"\|\s*safe\b|autoescape\s+off", path.read_text())


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_form_that_posts_carries_its_token(path):
    for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", path.read_text(), re.DOTALL):
        parts = re.findall(r"{% include \"([^\"]+)\"", form)
        assert any("{% csrf_token %}" in text for text in (form, *map(source_of, parts)))


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_values_reach_a_component_only_by_declared_names(path):
    """
    `{{ attrs }}` writes a value bound with `:name` as it is, unescaped.

    So a bound value must be declared in the component's <c-vars>, which takes it out of `attrs`.
    """
    declared = {tag_of(component): _declared(component) for component in COMPONENTS}
    text = re.sub(r"{{.*?}}|{%.*?%}", "x", without_comments(path.read_text()))
    for tag, attributes in re.findall(
        r"<c-([\w.-]+)((?:\s+[^\s/>=\"']+(?:=(?:\"[^\"]*\"|'[^']*'|[^\s>]+))?)*)", text
    ):
        if tag in ("vars", "slot"):
            continue
        assert tag in declared, f"<c-{tag}> is no component"
        for bound in re.findall(r"\s:([\w-]+)=", attributes):
            assert bound in declared[tag], f"<c-{tag} :{bound}> is not declared"


def _declared(component):
    found = re.search(r"<c-vars([^>]*)/>", component.read_text())
    return set(re.findall(r"\s:?([\w-]+)=", found.group(1))) if found else set()


def test_every_icon_that_is_named_is_drawn():
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    named = {
        name
        for path in TEMPLATES
        for pair in re.findall(r"{% icon \"([\w-]+)\"|\sicon=\"([\w-]+)\"", path.read_text())
        for name in pair
        if name
    }

    assert named <= drawn
    assert {"theme-light", "theme-dark", "theme-auto"} <= drawn


def test_every_static_file_that_is_named_is_there():
    for path in TEMPLATES:
        for name in re.findall(r"{% static '(willowbark/[^']+)'", path.read_text()):
            assert (STATIC.parent / name).is_file(), f"{name_of(path)} names {name}"


def test_no_script_builds_code_or_styles_from_texts():
    for path in sorted((STATIC / "js").glob("*.js")):
        text = path.read_text()
        assert not re.search(
            r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write", text
        ), path
