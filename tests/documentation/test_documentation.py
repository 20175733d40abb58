"""What the documentation names is there, and what a person must find in it is in it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from willowbark.config.typed import Settings
from willowbark.foundation.testing import REPOSITORY

DOCS = REPOSITORY / "docs"
SOURCES = REPOSITORY / "src" / "willowbark"
PAGES = sorted([*REPOSITORY.glob("*.md"), *DOCS.rglob("*.md")])
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
# A code span is a path when it begins with a folder of the checkout or of the package.
_PATH = re.compile(
    r"(src|docs|tests|tools|benchmarks|\.ci|foundation|practice|patients|record|interop|config|demo|kernel)"
    r"/[\w./-]*"
)
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


def name_of(page: Path) -> str:
    return str(page.relative_to(REPOSITORY))


def anchors_of(page: Path) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    headings = _HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def is_there(named: str) -> bool:
    """Whether a path is one of the checkout, of the package, or of some business's templates."""
    business = named.partition("/")[0]
    places = (REPOSITORY, SOURCES, SOURCES / business / "templates")
    return any((place / named).exists() for place in places)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path):
    lost = []
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        if not found.exists() or (anchor and anchor not in anchors_of(found)):
            lost.append(target)
    assert lost == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_path_that_is_named_exists(page: Path):
    named = {each for each in _CODE.findall(page.read_text(encoding="utf-8")) if _PATH.fullmatch(each)}
    assert sorted(each for each in named if not is_there(each)) == []


def test_every_setting_is_explained_to_whoever_runs_it():
    text = (DOCS / "operating.md").read_text(encoding="utf-8")
    names = [f"WILLOWBARK_{name.upper()}" for name in Settings.model_fields]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_every_role_has_a_page_that_names_each_of_its_permissions():
    roles = json.loads((REPOSITORY / "src/willowbark/practice/data/roles.json").read_text())["roles"]
    pages = {"senior_practitioner": "practitioner"}
    for code, role in roles.items():
        if code == "system":
            continue
        page = DOCS / "users" / f"{pages.get(code, code).replace('_', '-')}.md"
        text = page.read_text(encoding="utf-8")
        assert [each for each in role["permissions"] if f"`{each}`" not in text] == [], page


def test_every_decision_is_in_the_index():
    text = (DOCS / "adr" / "README.md").read_text(encoding="utf-8")
    decisions = [path.name for path in sorted((DOCS / "adr").glob("0*.md"))]
    assert decisions
    assert [name for name in decisions if f"]({name})" not in text] == []


def test_the_house_is_drawn_as_the_contracts_have_it():
    script = REPOSITORY / "tools" / "draw_house.py"
    done = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_keyboard_is_documented_as_its_own_list_says():
    template = SOURCES / "foundation" / "templates" / "cotton" / "keyboard_map.html"
    keys = set(re.findall(r"<kbd[^>]*>([^<]+)</kbd>", template.read_text(encoding="utf-8")))
    table = (DOCS / "users" / "README.md").read_text(encoding="utf-8").partition("**The keyboard.**")[2]
    assert keys - set(_CODE.findall(table)) == set()
