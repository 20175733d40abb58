"""Scenarios from YAML or JSON: every word of them known, every number possible, or refused by name."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Hashable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NoReturn

import yaml

from willowbark.kernel.errors import Invalid
from willowbark.planner.core.ranges import Range
from willowbark.planner.core.scenario.fields import Field, Fields
from willowbark.planner.core.scenario.scenario import Record, Scenario, Value

LARGEST_BYTES = 1_000_000
MOST_RECORDS = 1_000
LONGEST_NAME = 120
NUMBER_TAGS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


class BadScenario(Invalid):
    """What was given is no scenario, or no possible one; `field` is the figure at fault."""


def read_scenario(text: str, known: Fields, *, changes: Mapping[str, str] | None = None) -> Scenario:
    """
    A scenario from YAML or JSON; `{}` is the defaults alone. `changes` are set over it.

    Raises:
        BadScenario: what cannot be read, is not known, or is not possible.
    """
    said = _parsed(text)
    name = said.pop("name", "Unnamed scenario")
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_NAME:
        raise BadScenario(f"The name must be a text of at most {LONGEST_NAME} characters.", field="name")
    given = dict(_flat(said, known))
    values = {path: _checked(one, one.value) for path, one in known.by_path.items()}
    values |= {path: _checked(known.by_path[path], value) for path, value in given.items()}
    values |= {path: read_value(path, value, known) for path, value in (changes or {}).items()}
    return Scenario(name.strip(), values, frozenset(given) | frozenset(changes or {}))


def read_value(path: str, text: str, known: Fields) -> Value:
    """
    One figure from its text: `1.2`, `[1, 1.5]`, `true`, `null`.

    Raises:
        BadScenario: no such figure, or no possible value of it.
    """
    if path not in known.by_path:
        raise _unknown(path, known.by_path)
    try:
        return _checked(known.by_path[path], _yaml(text))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise BadScenario(f"{path}: {text[:60]!r} cannot be read.", field=path) from error


class _Loader(yaml.SafeLoader):
    """YAML's own safe loader, that takes no key twice, no alias and no tag, and numbers only in decimal."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag not in NUMBER_TAGS]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.events.AliasEvent):
            raise BadScenario("A scenario takes no aliases (*name).")
        if tag := getattr(event, "tag", None):
            raise BadScenario(f"A scenario takes no tags ({tag[:60]}).")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        _refuse_twice(keys)
        return super().construct_mapping(node, deep=deep)


# YAML 1.1 takes 1e6 for a word, 0100 for 64 and 1:30 for 90. People, and JSON, mean a million, and nothing
# by the others: those stay words, and are refused where a number belongs.
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"[-+]?(0|[1-9][0-9]*(_[0-9]+)*)$"), list("-+0123456789")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"([-+]?(0|[1-9][0-9]*(_[0-9]+)*)?\.[0-9]+([eE][-+]?[0-9]+)?"
        r"|[-+]?(0|[1-9][0-9]*(_[0-9]+)*)\.?([eE][-+]?[0-9]+)?"
        r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$"
    ),
    list("-+0123456789."),
)


def _yaml(text: str) -> Any:
    loader = _Loader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _refuse_twice(keys: list[Any]) -> None:
    """What cannot be a key at all is left to YAML's own error."""
    seen = set()
    for key in keys:
        if not isinstance(key, Hashable):
            continue
        if key in seen:
            raise BadScenario(f"{key} is given twice.", field=str(key))
        seen.add(key)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    _refuse_twice([key for key, _ in pairs])
    return dict(pairs)


def _no_number(name: str) -> NoReturn:
    raise BadScenario(f"{name} is not a number.")


def _parsed(text: str) -> dict[str, Any]:
    if len(text) > LARGEST_BYTES:
        raise BadScenario(f"A scenario has at most {LARGEST_BYTES:,} characters.")
    try:
        if text.lstrip().startswith("{"):
            said = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
        else:
            said = _yaml(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise BadScenario(f"This is neither YAML nor JSON: {_unread(error)}.") from error
    if said is None:
        raise BadScenario("No figure is in it; leave it out to plan with all defaults.")
    if not isinstance(said, dict):
        raise BadScenario("A scenario is a list of names with values, such as 'practice:'.")
    _refuse_half_characters(said)
    return said


def _unread(error: Exception) -> str:
    """Where reading ended, and why, in plain words."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}: {error.msg[:1].lower()}{error.msg[1:]}"
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    if isinstance(error, yaml.YAMLError):
        return " ".join(str(error).split())[:200]
    return "a number in it has too many digits"


def _refuse_half_characters(said: Any) -> None:
    """Half of a surrogate pair can be escaped, and can be neither printed nor kept."""
    left = [said]
    while left:
        one = left.pop()
        if isinstance(one, Mapping):
            left += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            left += one
        elif isinstance(one, str) and (half := re.search(r"[\ud800-\udfff]", one)):
            raise BadScenario(f"{half[0]!r} is half of a character.")


def _flat(said: Mapping[Any, Any], known: Fields) -> Iterator[tuple[str, Any]]:
    """Each figure given, by its path; those of a section may stand below its name or be written in full."""
    sections, seen = known.sections(), set()

    def once(path: str, value: Any) -> tuple[str, Any]:
        if path in seen:
            raise BadScenario(f"{path} is given twice.", field=path)
        seen.add(path)
        return path, value

    for key, value in said.items():
        if key in known.by_path:
            yield once(str(key), value)
            continue
        if key not in sections:
            raise _unknown(str(key), (*sections, *known.by_path))
        if not isinstance(value, Mapping):
            raise BadScenario(f"{key}: figures with their names belong below it.", field=str(key))
        for name, one in value.items():
            path = f"{key}.{name}"
            if path not in known.by_path:
                raise _unknown(path, known.by_path)
            yield once(path, one)


def _unknown(path: str, among: Any) -> BadScenario:
    near = get_close_matches(path, list(among), n=1, cutoff=0.5)
    return BadScenario(f"{path} is not known{f'; the nearest is {near[0]}' if near else ''}.", field=path)


def _checked(field: Field, said: Any) -> Value:
    if said is None:
        if field.value is not None:
            raise BadScenario(f"{field.path} needs a value.", field=field.path)
        return None
    if field.kind == "flag":
        if not isinstance(said, bool):
            raise BadScenario(f"{field.path} is true or false, not {_shown(said)}.", field=field.path)
        return said
    if field.kind == "choice":
        if said not in field.choices:
            raise BadScenario(
                f"{field.path} is one of {', '.join(field.choices)}, not {_shown(said)}.", field=field.path
            )
        return str(said)
    if field.kind == "records":
        return _records(field, said)
    return _range(field, said)


def _records(field: Field, said: Any) -> tuple[Record, ...]:
    if not isinstance(said, list) or len(said) > MOST_RECORDS:
        raise BadScenario(f"{field.path} is a list of at most {MOST_RECORDS:,}.", field=field.path)
    members = {one.path: one for one in field.of_record}
    found = []
    for at, one in enumerate(said, 1):
        where = f"{field.path}, number {at}"
        if not isinstance(one, Mapping):
            raise BadScenario(f"{where}: figures with their names belong there.", field=field.path)
        for key in one:
            if key not in members:
                raise BadScenario(f"{where}: {_unknown(str(key), members)}", field=field.path)
        try:
            found.append(
                {key: _checked(member, one.get(key, member.value)) for key, member in members.items()}
            )
            _refuse_other_quarters(one.get("label"))
        except BadScenario as error:
            raise BadScenario(f"{where}: {error}", field=field.path) from error
    return tuple(found)  # type: ignore[arg-type]


def _refuse_other_quarters(label: Any) -> None:
    """A label is a year and its quarter, 20241 for the first of 2024."""
    if label is not None and label % 10 not in (1, 2, 3, 4):
        raise BadScenario(f"label ends with its quarter, 1 to 4, not as {_shown(label)}.")


def _range(field: Field, said: Any) -> Range:
    if isinstance(said, list):
        if field.kind == "whole":
            raise BadScenario(f"{field.path} is one whole number, not a range.", field=field.path)
        if len(said) != 2:
            raise BadScenario(f"{field.path}: a range is [low, high], not {_shown(said)}.", field=field.path)
        low, high = (_number(field, one) for one in said)
        if low > high:
            raise BadScenario(f"{field.path}: no number is from {low:g} to {high:g}.", field=field.path)
        return Range(low, high)
    number = _number(field, said)
    return Range(number, number)


def _number(field: Field, said: Any) -> float:
    if isinstance(said, bool) or not isinstance(said, (int, float)):
        raise BadScenario(f"{field.path} is a number, not {_shown(said)}.", field=field.path)
    try:
        number = float(said)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise BadScenario(f"{field.path} is a number that has an end, not {_shown(said)}.", field=field.path)
    if field.kind == "whole" and number != int(number):
        raise BadScenario(f"{field.path} is a whole number, not {_shown(said)}.", field=field.path)
    if not field.least <= number <= field.most:
        unit = f" {field.unit}" if field.unit not in ("", "share", "part") else ""
        raise BadScenario(
            f"{field.path} is from {_bound(field.least)} to {_bound(field.most)}{unit}, not {_shown(said)}.",
            field=field.path,
        )
    return number


def _bound(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) else f"{number:g}"


def _shown(said: Any) -> str:
    return str(said)[:40] if not isinstance(said, str) else repr(said[:40])
