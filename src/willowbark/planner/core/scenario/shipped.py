"""The defaults and the examples that come with the planner."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml

from willowbark.planner.core.scenario.fields import Fields, fields_of
from willowbark.planner.core.scenario.reading import read_scenario
from willowbark.planner.core.scenario.scenario import Scenario

_DATA = files("willowbark.planner").joinpath("data")


@cache
def fields() -> Fields:
    """Every figure that a scenario can give, from `data/defaults.yaml`."""
    return fields_of(yaml.safe_load(_DATA.joinpath("defaults.yaml").read_text(encoding="utf-8")))


@cache
def usual() -> Scenario:
    """The scenario in which every figure has its default: the 1,000-patient panel."""
    return read_scenario("name: The 1,000-patient panel", fields())


def examples() -> tuple[str, ...]:
    """The names of the scenarios that come along, in order."""
    return tuple(
        sorted(
            one.name.removesuffix(".yaml")
            for one in _DATA.joinpath("examples").iterdir()
            if one.name.endswith(".yaml")
        )
    )


def example(name: str) -> str:
    """
    The text of a scenario that comes along.

    Raises:
        KeyError: there is none of that name.
    """
    if name not in examples():
        raise KeyError(name)
    return _DATA.joinpath("examples", f"{name}.yaml").read_text(encoding="utf-8")
