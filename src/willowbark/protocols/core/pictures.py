"""Bars of how far targets are reached and how close limits are, in per cent of a bar's width."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from willowbark.protocols.core.plan import Plan, Reached
from willowbark.protocols.core.problem import Layer, Problem
from willowbark.protocols.core.yardsticks import Amounts

# A limit that is used up to here is close, in per mille.
CLOSE = 850


@dataclass(frozen=True, slots=True)
class TargetBar:
    """
    One target. Places along the bar are per cent of its width as text: `taken` beside the plan, then `given`.

    `least_at`, `aim_at` and `most_at` are where those lie, '' when there is no most. `tone` is 'good',
    'info', 'warn' or 'bad'; `said` is the bar in words.
    """

    key: str
    name: str
    protocol: str
    layer: str
    total_text: str
    wanted_text: str
    reached_text: str
    taken_width: str
    given_at: str
    given_width: str
    least_at: str
    aim_at: str
    most_at: str
    tone: str
    said: str


@dataclass(frozen=True, slots=True)
class LimitBar:
    """One upper limit: how much of it is used, by what is taken beside the plan and by what is given."""

    key: str
    name: str
    total_text: str
    most_text: str
    used_text: str
    taken_width: str
    given_at: str
    given_width: str
    tone: str
    said: str
    rules: tuple[str, ...]
    per_mille: int


def target_bars(problem: Problem, plan: Plan) -> tuple[TargetBar, ...]:
    """A bar for each target: foundation first, those reached least first."""
    targets = {each.key: each for each in problem.targets}
    names = {each.key: each for each in problem.ingredients}
    amounts = Amounts(problem)
    found = []
    for result in plan.targets:
        target = targets[result.key]
        one = names[target.ingredient]
        total = result.given + result.taken
        whole = max(total, target.aim, target.most or 0)
        words = {Reached.AIM: "aim reached", Reached.LEAST: "least reached", Reached.SHORT: "below the least"}
        tone = {Reached.AIM: "good", Reached.LEAST: "info", Reached.SHORT: "warn"}[result.reached]
        if result.reached is Reached.SHORT and target.layer is Layer.FOUNDATION:
            tone = "bad"
        wanted = f"at least {amounts.text(one.key, target.least)}, aim {amounts.text(one.key, target.aim)}"
        if target.most is not None:
            wanted += f", at most {amounts.text(one.key, target.most)}"
        said = f"{one.name}: {amounts.text(one.key, total)} a day; {wanted}; {words[result.reached]}"
        found.append(
            TargetBar(
                key=result.key,
                name=one.name,
                protocol=target.protocol,
                layer=str(target.layer),
                total_text=amounts.text(one.key, total),
                wanted_text=wanted,
                reached_text=words[result.reached],
                taken_width=_share(result.taken, whole),
                given_at=_share(result.taken, whole),
                given_width=_share(result.given, whole),
                least_at=_share(target.least, whole),
                aim_at=_share(target.aim, whole),
                most_at=_share(target.most, whole) if target.most is not None else "",
                tone=tone,
                said=said,
            )
        )
    order = (str(Layer.FOUNDATION), str(Layer.TARGETED))
    return tuple(
        sorted(found, key=lambda each: (order.index(each.layer), each.protocol, each.name, each.key))
    )


def limit_bars(problem: Problem, plan: Plan, texts: Mapping[str, str]) -> tuple[LimitBar, ...]:
    """
    A bar for each limit that anything counts towards, the closest first. `texts` names limits in words.

    Limits of the same ingredients with the same bound share one bar, which says all their rules.
    """
    limits = {each.key: each for each in problem.limits}
    names = {each.key: each for each in problem.ingredients}
    amounts = Amounts(problem)
    rules: dict[tuple[str, int, int], list[str]] = {}
    first: dict[tuple[str, int, int], str] = {}
    for result in plan.limits:
        if result.total:
            name = " and ".join(names[key].name for key in limits[result.key].ingredients)
            same = (name, result.total, result.most)
            first.setdefault(same, result.key)
            said = texts.get(result.key, "")
            rules.setdefault(same, []).extend([said] if said else [])
    found = []
    for (name, count, bound), key in first.items():
        limit = limits[key]
        parts = [names[each] for each in limit.ingredients]
        taken = sum(each.taken_a_day for each in parts) if limit.counts_taken else 0
        per_mille = count * 1000 // bound if bound else 1000
        total, most = amounts.text(parts[0].key, count), amounts.text(parts[0].key, bound)
        used = f"{per_mille // 10} %"
        found.append(
            LimitBar(
                key=key,
                name=name,
                total_text=total,
                most_text=most,
                used_text=used,
                taken_width=_share(min(taken, count), max(bound, count)),
                given_at=_share(min(taken, count), max(bound, count)),
                given_width=_share(max(0, count - taken), max(bound, count)),
                tone="bad" if per_mille >= 1000 else "warn" if per_mille >= CLOSE else "good",
                said=f"{name}: {total} of at most {most} a day ({used})",
                rules=tuple(dict.fromkeys(rules[name, count, bound])),
                per_mille=per_mille,
            )
        )
    return tuple(sorted(found, key=lambda each: (-each.per_mille, each.name, each.key)))


def _share(part: int, whole: int) -> str:
    """A share as per cent with one digit: "62.5%"."""
    tenths = 0 if whole <= 0 else min(1000, part * 1000 // whole)
    return f"{tenths // 10}.{tenths % 10}%"
