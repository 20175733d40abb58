"""Whatever a scenario says within its bounds, each command answers or refuses it by name."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.planner.core.plain import as_plain
from willowbark.planner.core.plan_capacity import plan_capacity
from willowbark.planner.core.plan_economics import plan_economics
from willowbark.planner.core.plan_hire import plan_hire
from willowbark.planner.core.ranges import Range, TooManyRanges, point
from willowbark.planner.core.scenario import BadScenario, fields, usual
from willowbark.planner.core.words import capacity_lines, economics_lines, hire_lines

COMMANDS: dict[str, tuple[Any, Any]] = {
    "capacity": (plan_capacity, capacity_lines),
    "hire": (plan_hire, hire_lines),
    "economics": (plan_economics, economics_lines),
}


def values_of(field):
    if field.kind == "flag":
        return st.booleans()
    if field.kind == "whole":
        return st.integers(int(field.least), int(field.most)).map(point)
    ends = st.floats(field.least, field.most)
    return st.tuples(ends, ends).map(lambda both: Range(min(both), max(both))) | ends.map(point)


MOVABLE = {
    path: field
    for path, field in fields().by_path.items()
    if field.kind in ("number", "whole", "flag") and not path.startswith("simulation.")
}
SCENARIOS = st.lists(st.sampled_from(sorted(MOVABLE)), min_size=1, max_size=5, unique=True).flatmap(
    lambda paths: st.fixed_dictionaries({path: values_of(MOVABLE[path]) for path in paths})
)


@pytest.mark.parametrize("command", COMMANDS)
@given(values=SCENARIOS)
def test_every_possible_scenario_is_answered_or_refused(command, values):
    plan, lines = COMMANDS[command]
    with suppress(BadScenario, TooManyRanges):
        found = plan(usual().with_values(values))
        assert json.loads(json.dumps(as_plain(found), allow_nan=False))["scenario"]
        assert all(lines(found))
