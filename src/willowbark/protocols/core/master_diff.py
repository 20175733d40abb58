"""What is otherwise between two versions of a Master Protocol, as people read it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from willowbark.protocols.core.master_sections import HEAD, KEYS, LONG, SECTIONS, Field, Section, text_of

# Two lines without a key are the same line, changed, when so much of their words is the same.
_ALIKE = 0.6


@dataclass(frozen=True, slots=True)
class Part:
    """Some words: in both ('same'), only before ('gone') or only after ('new')."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that says something else, and the words that differ."""

    label: str
    before: str
    after: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class LineChange:
    """
    A line that was 'added', 'removed', 'changed' or 'moved', by its name. A change has its fields; a move
    has its place in the section, from 1.
    """

    kind: str
    name: str
    says: tuple[str, ...]
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class SectionChange:
    """The lines of a section that are otherwise."""

    title: str
    lines: tuple[LineChange, ...]


Names = Callable[[str], str]


def changes_between(
    before: Mapping[str, Any], after: Mapping[str, Any], names: Names
) -> tuple[SectionChange, ...]:
    """
    What is otherwise in `after`, section by section in their order; () when nothing is.

    Lines are the same by their keys, those without one by their words. As few as can be are said to
    have moved: those that stand otherwise among the lines of both. `names` gives an ingredient's name by
    its key.
    """
    found = []
    head = _fields_changed(HEAD, before, after, names)
    if head:
        found.append(SectionChange("The protocol", (LineChange("changed", "Head", (), head),)))
    for section in SECTIONS.values():
        lines = _lines(section, before.get(section.key, ()), after.get(section.key, ()), names)
        if lines:
            found.append(SectionChange(section.title, lines))
    return tuple(found)


def name_of(section: Section, line: Mapping[str, Any], names: Names) -> str:
    """What a line is called: its ingredient, its title or its words."""
    if "ingredient_key" in line:
        return names(line["ingredient_key"])
    return str(line.get("title") or line.get("to") or line.get("text") or line.get("key", section.one))


def _lines(
    section: Section, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], names: Names
) -> tuple[LineChange, ...]:
    pairs, gone, new = _paired(section, list(before), list(after))
    changed, moved = [], _moved(pairs, before, after)
    for old, line in pairs:
        fields = _fields_changed(section.fields, old, line, names)
        if fields:
            changed.append(LineChange("changed", name_of(section, line, names), (), fields))
        if place := moved.get(id(line)):
            changed.append(LineChange("moved", name_of(section, line, names), (), (place,)))
    return (
        *changed,
        *(
            LineChange("added", name_of(section, each, names), _says(section, each, names), ())
            for each in new
        ),
        *(
            LineChange("removed", name_of(section, each, names), _says(section, each, names), ())
            for each in gone
        ),
    )


def _moved(
    pairs: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
) -> dict[int, FieldChange]:
    """The places, then and now, of the lines that moved, by the identity of the line now."""
    then, now = ({id(line): at for at, line in enumerate(lines)} for lines in (before, after))
    places = sorted((now[id(line)], then[id(old)], id(line)) for old, line in pairs)
    stayed = _longest_rising([old for _, old, _ in places])
    return {
        line: FieldChange("Place", str(old + 1), str(new + 1), ())
        for at, (new, old, line) in enumerate(places)
        if at not in stayed
    }


def _longest_rising(numbers: Sequence[int]) -> frozenset[int]:
    """The places of a longest rising run among different numbers, of several the one that ends last."""
    best: list[tuple[int, ...]] = [()]
    for at, number in enumerate(numbers):
        led: tuple[int, ...] = max(
            (run for run in best if not run or numbers[run[-1]] < number), key=_longest_and_last
        )
        best.append((*led, at))
    longest: tuple[int, ...] = max(best, key=_longest_and_last)
    return frozenset(longest)


def _longest_and_last(run: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    return len(run), run


def _paired(
    section: Section, before: list[Mapping[str, Any]], after: list[Mapping[str, Any]]
) -> tuple[
    list[tuple[Mapping[str, Any], Mapping[str, Any]]], list[Mapping[str, Any]], list[Mapping[str, Any]]
]:
    """Lines that are the same one before and after, those that are gone, and those that are new."""
    pairs, new = [], []
    for line in after:
        named = _identity(section, line)
        same = next((each for each in before if _identity(section, each) == named), None)
        if same is None:
            new.append(line)
        else:
            before.remove(same)
            pairs.append((same, line))
    if section.named_by == ("text",):
        for line in list(new):
            alike = max(before, key=lambda each, line=line: _likeness(each, line), default=None)  # type: ignore[misc]
            if alike is not None and _likeness(alike, line) >= _ALIKE:
                before.remove(alike)
                new.remove(line)
                pairs.append((alike, line))
    return pairs, before, new


def _identity(section: Section, line: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(line.get(name) for name in section.named_by)


def _likeness(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    return difflib.SequenceMatcher(None, str(one["text"]), str(other["text"]), autojunk=False).ratio()


def _fields_changed(
    fields: Sequence[Field], before: Mapping[str, Any], after: Mapping[str, Any], names: Names
) -> tuple[FieldChange, ...]:
    found = []
    for each in fields:
        old, new = _said(each, before, names), _said(each, after, names)
        if old != new:
            parts = _parts(old, new) if each.kind in (LONG, KEYS) or each.name in ("title", "text") else ()
            found.append(FieldChange(each.label, old or "nothing", new or "nothing", parts))
    return tuple(found)


def _says(section: Section, line: Mapping[str, Any], names: Names) -> tuple[str, ...]:
    """What a line says, field by field."""
    return tuple(f"{each.label}: {said}" for each in section.fields if (said := _said(each, line, names)))


def _said(field: Field, line: Mapping[str, Any], names: Names) -> str:
    value = line.get(field.name)
    if field.name == "ingredient_key" and value:
        return names(str(value))
    text = text_of(value)
    unit = line.get("unit")
    if text and unit and field.name in ("least", "aim", "most", "at_least", "at_most"):
        return f"{text} {'mcg' if unit == 'ug' else str(unit).replace('_', ' ')}"
    return text


def _parts(before: str, after: str) -> tuple[Part, ...]:
    """The words of both, in the order of the text after."""
    old, new = before.split(), after.split()
    found: list[Part] = []
    for kind, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Part("same", " ".join(new[k:m])))
            continue
        if i < j:
            found.append(Part("gone", " ".join(old[i:j])))
        if k < m:
            found.append(Part("new", " ".join(new[k:m])))
    return tuple(found)
