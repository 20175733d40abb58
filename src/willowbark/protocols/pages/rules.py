"""Rules in words with the evidence behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from willowbark.protocols.core.lines import Rests
from willowbark.protocols.core.review import applying, given_by
from willowbark.protocols.core.wording import source_text
from willowbark.protocols.selectors.compositions import CompositionView


@dataclass(frozen=True, slots=True)
class Cited:
    """A source as a person reads it."""

    title: str
    locator: str
    url: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class RuleShown:
    """A rule in words, with the evidence behind it."""

    text: str
    fact_key: str
    grade: str
    is_verified: bool
    sources: tuple[Cited, ...]


def cited(keys: Sequence[str], situation: Mapping[str, Any]) -> tuple[Cited, ...]:
    """Sources of the situation as a person reads them."""
    found = []
    for key in keys:
        source = situation["sources"][key]
        locator = str(source["locator"])
        url = locator if locator.startswith("https://") and not source.get("own") else ""
        title = source_text(source)
        found.append(Cited(title, locator, url, source["is_verified"]))
    return tuple(found)


def rule_shown(rest: Rests, situation: Mapping[str, Any]) -> RuleShown:
    """A rule that a line keeps to."""
    return RuleShown(rest.text, rest.fact_key, rest.grade, rest.is_verified, cited(rest.sources, situation))


def rule_of_situation(rule: Mapping[str, Any], situation: Mapping[str, Any]) -> RuleShown:
    """A rule as the situation has it."""
    sources = cited(rule["sources"], situation)
    return RuleShown(rule["text"], rule["fact_key"], rule["grade"], rule["is_verified"], sources)


def rule_of(key: str, rules: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The rule that a key of the problem came from; keys of products and moments were added to the rule's."""
    while key:
        if key in rules:
            found: Mapping[str, Any] = rules[key]
            return found
        key = key.rpartition("/")[0]
    return None


def rule_text(key: str, rules: Mapping[str, Any], situation: Mapping[str, Any]) -> str:
    """What a key of the problem means, '' when nothing says so."""
    rule = rule_of(key, rules)
    return str(rule["text"]) if rule else str(situation["texts"].get(key, ""))


def unverified_of(view: CompositionView) -> tuple[str, ...]:
    """What of a composition rests on documents that nobody has seen: each rule and target, and which."""
    situation, problem = view.situation, view.problem
    rules = {
        each["fact_key"]: f"{each['text']} ({_unseen(each['sources'], situation)})"
        for each in applying(situation, given_by(view.plan))
        if not each["is_verified"]
    }
    names = {each.key: each.name for each in problem.ingredients}
    targets = []
    for target in problem.targets:
        unseen = _unseen(situation["evidence"][target.key]["sources"], situation)
        if unseen:
            targets.append(f"{names[target.ingredient]}, target of {target.protocol} ({unseen})")
    return (*rules.values(), *targets)


def _unseen(keys: Sequence[str], situation: Mapping[str, Any]) -> str:
    return "; ".join(each.title for each in cited(keys, situation) if not each.is_verified)
