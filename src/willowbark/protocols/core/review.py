"""What must be looked at before a plan is signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from willowbark.kernel.errors import Conflict, Invalid
from willowbark.protocols.core.notices import Weight
from willowbark.protocols.core.plan import Plan, Status
from willowbark.protocols.core.problem import Layer, Problem
from willowbark.protocols.core.proposed import MASTER, Proposed
from willowbark.protocols.core.separations import separations_of
from willowbark.protocols.core.yardsticks import Amounts

# What a patient is told of a plan beside when to take it.
FOR_PATIENTS = frozenset({"apart", "caution", "own_supplement", "drug_moment"})
LEAST_WORDS = 3
MOST_WORDS = 500


class CannotBeSigned(Conflict):
    """Something forbids the signature; no words can take it away."""

    code = "cannot_be_signed"


class NotAcknowledged(Invalid):
    """Something that must be considered was not answered in words; `field` is the key of the first."""

    code = "not_acknowledged"


@dataclass(frozen=True, slots=True)
class Item:
    """
    One thing to look at. `key` is what an acknowledgement names; `weight` says what it asks for.

    `sources` are keys into the situation's sources, `entries` ids of the record.
    """

    key: str
    kind: str
    weight: Weight
    text: str
    entries: tuple[str, ...] = ()
    fact_key: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Monitor:
    """What a rule asks to be watched, first after so many days (None: nobody said)."""

    key: str
    text: str
    after_days: int | None
    fact_key: str


def review_of(problem: Problem, plan: Plan, situation: Mapping[str, Any]) -> tuple[Item, ...]:
    """Everything to look at before this plan is signed: what forbids it first, then what asks for words."""
    given = given_by(plan)
    items = [
        *_of_status(plan),
        *_of_shortfalls(problem, plan),
        *_of_notices(situation, given),
        *_of_unverified(situation, given, plan),
        *_of_cautions(situation, given),
        *_of_separations(problem, situation, given),
        *_of_proposed(problem, situation),
    ]
    order = list(Weight)
    return tuple(sorted(items, key=lambda each: order.index(each.weight)))


def given_by(plan: Plan) -> frozenset[str]:
    """The ingredients that the plan gives."""
    return frozenset(key.partition(":")[0] for line in plan.lines for key in line.amounts)


def check_acknowledged(items: tuple[Item, ...], words: Mapping[str, str]) -> dict[str, str]:
    """
    The words for everything that asks for some, by its key.

    Raises:
        CannotBeSigned: something forbids the signature.
        NotAcknowledged: something was not answered, or in fewer than 3 or more than 500 characters.
    """
    for item in items:
        if item.weight is Weight.STOP:
            raise CannotBeSigned(item.text)
    said = {}
    for item in items:
        if item.weight is not Weight.ASK:
            continue
        answer = words.get(item.key, "").strip()
        if len(answer) < LEAST_WORDS:
            raise NotAcknowledged(f"Say what you considered: {item.text}", field=item.key)
        if len(answer) > MOST_WORDS:
            raise NotAcknowledged(f"At most {MOST_WORDS} characters: {item.text}", field=item.key)
        said[item.key] = answer
    return said


def _of_status(plan: Plan) -> Iterator[Item]:
    if plan.status is Status.INFEASIBLE:
        yield Item("infeasible", "infeasible", Weight.STOP, "These demands cannot all be met.")
    elif plan.status is Status.UNPROVEN:
        yield Item(
            "unproven", "unproven", Weight.STOP, "It is not proven that no better plan exists. Compose again."
        )
    elif not plan.lines:
        yield Item("empty", "empty", Weight.STOP, "The plan gives nothing, so there is nothing to sign.")


def _of_shortfalls(problem: Problem, plan: Plan) -> Iterator[Item]:
    targets = {each.key: each for each in problem.targets}
    names = {each.key: each for each in problem.ingredients}
    amounts = Amounts(problem)
    for result in plan.targets:
        target = targets[result.key]
        if not result.shortfall_to_least:
            continue
        one = names[target.ingredient]
        reached = amounts.text(one.key, result.given + result.taken)
        least = amounts.text(one.key, target.least)
        text = f"{one.name}: {reached} a day of at least {least} ({target.protocol})."
        weight = Weight.ASK if target.layer is Layer.FOUNDATION else Weight.TELL
        yield Item(f"short/{result.key}", "short", weight, text, sources=target.because)


def _of_notices(situation: Mapping[str, Any], given: frozenset[str]) -> Iterator[Item]:
    for notice in situation["notices"]:
        if not notice["given"] or notice["given"] in given:
            yield Item(
                notice["key"],
                notice["kind"],
                Weight(notice["weight"]),
                notice["text"],
                tuple(notice["entries"]),
                notice["fact_key"],
            )


def applying(situation: Mapping[str, Any], given: frozenset[str]) -> Iterator[dict[str, Any]]:
    """The rules about what the plan gives, by themselves or together with what else is given or taken."""
    taken = {
        content["ingredient"]
        for item in (*situation["supplements"], *situation["drugs"])
        if not item.get("is_replaced")
        for content in item["contents"]
    }
    for rule in situation["rules"]:
        other = rule["other_ingredient"]
        if rule["ingredient"] in given and (not other or other in given or other in taken):
            yield rule


def _of_unverified(situation: Mapping[str, Any], given: frozenset[str], plan: Plan) -> Iterator[Item]:
    facts = {each["fact_key"] for each in applying(situation, given) if not each["is_verified"]}
    sources = situation["sources"]
    lines = [
        key
        for key in (each.key for each in plan.targets)
        if any(not sources[source]["is_verified"] for source in situation["evidence"][key]["sources"])
    ]
    if facts or lines:
        counted = ((len(facts), "rule"), (len(lines), "target"))
        named = [f"{count} {what}{'' if count == 1 else 's'}" for count, what in counted if count]
        rest = "rests" if len(facts) + len(lines) == 1 else "rest"
        text = (
            f"{' and '.join(named)} {rest} on documents that nobody has checked for this release,"
            " and say so (not verified)."
        )
        yield Item("unverified", "unverified", Weight.ASK, text)


def _of_cautions(situation: Mapping[str, Any], given: frozenset[str]) -> Iterator[Item]:
    for rule in applying(situation, given):
        if rule["kind"] == "caution":
            yield Item(
                f"caution/{rule['key']}",
                "caution",
                Weight.TELL,
                rule["text"],
                tuple(rule["entries"]),
                rule["fact_key"],
                tuple(rule["sources"]),
            )


def _of_separations(problem: Problem, situation: Mapping[str, Any], given: frozenset[str]) -> Iterator[Item]:
    names = {each.key: each.name for each in problem.ingredients}
    for each in separations_of(applying(situation, given), situation, names):
        yield Item(
            f"apart/{each.key}", "apart", Weight.TELL, each.text, entries=each.entries, sources=each.sources
        )


def _of_proposed(problem: Problem, situation: Mapping[str, Any]) -> Iterator[Item]:
    for text in proposed_texts(problem, situation):
        yield Item(f"proposed/{text[0]}", "proposed", Weight.TELL, text[1])


def proposed_texts(problem: Problem, situation: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a language model proposed and who took it: a key and a sentence of each part."""
    titles = {each["key"]: each["title"] for each in situation["masters"]}
    names = {each.key: f"{each.name} by hand" for each in problem.ingredients}
    # What was composed before models could propose says nothing of them.
    for document in situation.get("proposed", ()):
        one = Proposed(**document)
        about = (titles if one.what == MASTER else names).get(one.key, one.key)
        yield f"{one.what}/{one.key}", f"{about}: {one.said}."


def monitors_of(situation: Mapping[str, Any], plan: Plan) -> tuple[Monitor, ...]:
    """What the rules about this plan ask to be watched, each once, the soonest first."""
    found: dict[str, Monitor] = {}
    for rule in applying(situation, given_by(plan)):
        text = rule["monitor_text"].strip()
        if not text:
            continue
        days: int | None = rule["monitor_after_days"]
        before = found.get(text.lower())
        if before is None:
            found[text.lower()] = Monitor(rule["key"], text, days, rule["fact_key"])
        elif days is not None and (before.after_days is None or days < before.after_days):
            found[text.lower()] = replace(before, after_days=days)
    return tuple(
        sorted(found.values(), key=lambda each: (each.after_days is None, each.after_days or 0, each.key))
    )
