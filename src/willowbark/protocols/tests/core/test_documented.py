"""What `docs/composition.md` shows is so."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from willowbark.foundation.testing import REPOSITORY
from willowbark.protocols.core.documents import validator
from willowbark.protocols.core.explaining import explain
from willowbark.protocols.core.problem import Level, from_document
from willowbark.protocols.core.solving import cp_sat, solve

PAGE = (REPOSITORY / "docs" / "composition.md").read_text(encoding="utf-8")
PROBLEM, PLAN = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))


def test_the_example_is_answered_as_printed() -> None:
    plan = solve(from_document(PROBLEM))
    expected = {**PLAN, "solver": {"name": cp_sat.NAME, "version": cp_sat.version()}}
    assert json.loads(plan.to_bytes()) == expected
    assert list(expected) == list(json.loads(plan.to_bytes()))


def test_the_example_shows_what_is_said_about_it() -> None:
    problem = from_document(PROBLEM)
    said = explain(problem, solve(problem))
    assert [str(each) for each in said.refused["d_5000"].codes] == ["worse"]
    assert said.refused["d_5000"].difference[0].key is Level.CAUTION
    assert [str(each) for each in said.refused["multi_iron"].codes] == ["banned"]
    assert "at_limit" in said.chosen["magnesium_100"].codes


@pytest.mark.parametrize(("name", "shown"), [("problem", PROBLEM), ("plan", PLAN)])
def test_every_field_is_described(name: str, shown: dict[str, object]) -> None:
    schema: Any = validator(name).schema
    assert list(shown) == schema["required"]
    for field, described in schema["properties"].items():
        assert f"| `{field}` |" in PAGE
        items = described.get("items", described)
        for inner in items.get("properties", {}):
            assert f"`{inner}`" in PAGE, f"{field}.{inner}"


def test_every_level_is_described() -> None:
    for level in Level:
        assert f"| `{level}` |" in PAGE
