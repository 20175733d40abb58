"""What of a plan is taken hours apart from something, in words: the schedule keeps to it, people must too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from willowbark.knowledge.core.rules import WHOLE_DAY_MINUTES
from willowbark.knowledge.core.wording import duration, listed


@dataclass(frozen=True, slots=True)
class Separation:
    """Ingredients of a plan that are taken at least so many minutes from something; `text` says so."""

    key: str
    text: str
    entries: tuple[str, ...]
    sources: tuple[str, ...]


def separations_of(
    rules: Iterable[Mapping[str, Any]], situation: Mapping[str, Any], names: Mapping[str, str]
) -> Iterator[Separation]:
    """
    The separations among `rules`, those that apply to a plan; those from one thing together.

    `names` are ingredients by key. What must keep apart from a medicine whose time nobody knows is said
    elsewhere, and so is what must not be taken on one day at all.
    """
    drugs = {each["entry_id"]: each["text"] for each in situation["drugs"]}
    groups: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for rule in rules:
        other = _other(rule, drugs, names)
        if other:
            groups.setdefault((other, rule["minutes"]), []).append(rule)
    for (other, minutes), together in groups.items():
        subjects = sorted({names[each["ingredient"]] for each in together})
        yield Separation(
            key=together[0]["key"],
            text=f"{', '.join(subjects)}: at least {duration(minutes)} from {other}.",
            entries=_once(entry for each in together for entry in each["entries"]),
            sources=_once(source for each in together for source in each["sources"]),
        )


def _other(rule: Mapping[str, Any], drugs: Mapping[str, str], names: Mapping[str, str]) -> str:
    """What it is kept apart from, '' when the rule asks for no such thing."""
    if rule["kind"] == "apart_from_drug" and rule["drug_moments"]:
        return listed(_once(drugs[each] for each in rule["entries"] if each in drugs))
    if rule["kind"] == "apart" and rule["minutes"] != WHOLE_DAY_MINUTES:
        return names.get(rule["other_ingredient"], "")
    return ""


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
