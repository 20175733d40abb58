"""Bars of how far targets are reached and how close limits are, in per cent of a bar's width."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from willowbark.protocols.core.plan import Plan, Reached
from willowbark.protocols.core.problem import Layer, Problem
from willowbark.protocols.core.wording import amount_text

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
    per_mille: int


def target_bars(problem: Problem, plan: Plan) -> tuple[TargetBar, ...]:
    """A bar for each target: foundation first, those reached least first."""
    targets = {each.key: each for each in problem.targets}
    names = {each.key: each for each in problem.ingredients}
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
        wanted = f"at least {amount_text(target.least, one.unit)}, aim {amount_text(target.aim, one.unit)}"
        if target.most is not None:
            wanted += f", at most {amount_text(target.most, one.unit)}"
        said = f"{one.name}: {amount_text(total, one.unit)} a day; {wanted}; {words[result.reached]}"
        found.append(
            TargetBar(
                key=result.key,
                name=one.name,
                protocol=target.protocol,
                layer=str(target.layer),
                total_text=amount_text(total, one.unit),
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
    """A bar for each limit that anything counts towards, the closest first. `texts` names limits in words."""
    limits = {each.key: each for each in problem.limits}
    names = {each.key: each for each in problem.ingredients}
    found = []
    for result in plan.limits:
        if not result.total:
            continue
        limit = limits[result.key]
        parts = [names[key] for key in limit.ingredients]
        unit = parts[0].unit
        taken = sum(each.taken_a_day for each in parts) if limit.counts_taken else 0
        per_mille = 1000 if not result.most else result.total * 1000 // result.most
        name = " and ".join(each.name for each in parts)
        total, most = amount_text(result.total, unit), amount_text(result.most, unit)
        used = f"{per_mille // 10} %"
        found.append(
            LimitBar(
                key=result.key,
                name=name,
                total_text=total,
                most_text=most,
                used_text=used,
                taken_width=_share(min(taken, result.total), max(result.most, result.total)),
                given_at=_share(min(taken, result.total), max(result.most, result.total)),
                given_width=_share(max(0, result.total - taken), max(result.most, result.total)),
                tone="bad" if per_mille >= 1000 else "warn" if per_mille >= CLOSE else "good",
                said=f"{name}: {total} of at most {most} a day ({used}). {texts.get(result.key, '')}".strip(),
                per_mille=per_mille,
            )
        )
    return tuple(sorted(found, key=lambda each: (-each.per_mille, each.name, each.key)))


def _share(part: int, whole: int) -> str:
    """A share as per cent with one digit: "62.5%"."""
    tenths = 0 if whole <= 0 else min(1000, part * 1000 // whole)
    return f"{tenths // 10}.{tenths % 10}%"
