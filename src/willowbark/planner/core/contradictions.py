"""
Where the article contradicts itself: thirteen places, each with its own numbers, none of them smoothed over.

`of_article` counts those that anybody meets who plans by it; `of_case` those that are in the case it reports,
counted from the figures of a scenario, so that any practice's own account is looked at in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from willowbark.planner.core.growing import growth_end
from willowbark.planner.core.ranges import Range
from willowbark.planner.core.reference import published, reference
from willowbark.planner.core.scenario.scenario import Record, Scenario


@dataclass(frozen=True, slots=True)
class Contradiction:
    """`number` of the thirteen, 0 when it is none of them; what is said; what the numbers are."""

    number: int
    says: str
    but: str


def of_article() -> tuple[Contradiction, ...]:
    """All thirteen, in order, counted from the published figures."""
    return (
        *_of_staffing(),
        *_of_ceilings(),
        *_of_the_case(),
        *_of_signals(),
    )


def of_case(scenario: Scenario) -> tuple[Contradiction, ...]:
    """
    What does not agree in a practice's own account, and what of it the article's case is known for.

    Counted from `hire.history`, the growth chosen and the target panel; where these are the article's case
    (400 to 1,050 patients, by growth in 18 months or by the account given), what the article says about it
    besides is added, of three practitioners at the start only where there were three.
    """
    found = list(_of_history(scenario))
    if is_article_case(scenario):
        known = {5, 9, 10, 11, 12, 13} | ({3, 7, 8} if _practitioners_at_start(scenario) == 3 else set())
        counted = {one.number for one in found}
        found += [one for one in of_article() if one.number in known - counted]
    return tuple(sorted(found, key=lambda one: (one.number or 99, one.says)))


def is_article_case(scenario: Scenario) -> bool:
    """Whether a scenario grows, or its account says that it grew, as the article's case did."""
    return _grows_as_the_case(scenario) or _grew_as_the_case(scenario)


def _grows_as_the_case(scenario: Scenario) -> bool:
    case, end = reference()["case"], growth_end(scenario)
    return (
        end is not None
        and round(end) == int(case["end"])
        and scenario.whole("practice.active_patients") == int(case["start"])
        and scenario.number("growth.months") == int(case["months"])
    )


def _grew_as_the_case(scenario: Scenario) -> bool:
    case, history = reference()["case"], scenario.records("hire.history")
    ends = [_of(history[at], "patients") for at in (0, -1)] if history else []
    return ends == [case["start"], case["end"]]


def _practitioners_at_start(scenario: Scenario) -> float | None:
    """Of an account that is the case's, what it says; of growth from now, those there are now."""
    if _grew_as_the_case(scenario):
        return _of(scenario.records("hire.history")[0], "practitioners")
    return scenario.number("practice.practitioners")


def _of_staffing() -> Iterator[Contradiction]:
    cap, total = reference()["cap"], published("total_fte")
    baseline, saving = published("baseline_fte"), published("saving_fte")
    least = 1000 / cap
    yield Contradiction(
        1,
        f"3 practitioners at {cap} patients are the low end for 1,000 patients; {_fte(total)} in all.",
        f"3 x {cap} = {3 * cap} < 1,000. At a cap of {cap} it takes {least:.2f} practitioners, so the"
        " least is"
        f" {least + total.low - 3:.2f} FTE, not {total.low:g}.",
    )
    yield Contradiction(
        2,
        f"{saving.low:g} to {saving.high:g} FTE are saved.",
        f"Ends paired, {baseline.low:g} - {total.low:g} and {baseline.high:g} - {total.high:g} give"
        f" {baseline.low - total.low:g} to {baseline.high - total.high:g}; the ranges as they are give"
        f" {baseline.low - total.high:g} to {baseline.high - total.low:g}.",
    )
    first, second = reference()["case"]["front_desk"]
    yield Contradiction(
        3,
        f"A {reference()['case']['front_desk_called']} was added ({first:g} to {second:g}), at 3"
        " practitioners.",
        f"{first:g} to {second:g} is half of one FTE and not the third; and for 3 practitioners the"
        " stage table"
        f" says about {reference()['stages'][2]['front_desk_fte']:g}.",
    )


def _of_ceilings() -> Iterator[Contradiction]:
    each, with_all = published("panel_each"), published("ceiling_with")
    stages = reference()["stages"]
    per_head = ", ".join(_per_head(stage) for stage in stages[1:])
    yield Contradiction(
        4,
        f"One practitioner can manage {reference()['cap']}, {_range(each)} and {_range(with_all)} patients.",
        f"Three answers; and a head by stage it is {per_head}.",
    )
    yield Contradiction(
        5,
        f"Without the infrastructure a patient takes {_range(published('admin_without'))} hours a quarter.",
        f"Elsewhere the same baseline is about {_range(published('admin_without_elsewhere'))} hours.",
    )
    hours = reference()["week_hours"] * reference()["quarter_weeks"]
    most = published("admin_at_150").high
    yield Contradiction(
        6,
        f"At 150 patients a practitioner has {_range(published('admin_at_150'))} hours of"
        " administration a quarter.",
        f"{most:g} hours are more than the {hours} of a full-time quarter, before any visit.",
    )


def _of_the_case() -> Iterator[Contradiction]:
    yield Contradiction(
        7,
        "At 720 patients the existing three practitioners had around 250 each while a fourth ramped up.",
        "3 x 250 = 750 > 720: it can be at most 240 each, before the fourth has any.",
    )
    yield Contradiction(
        8,
        "A 3-practitioner clinic with established AI infrastructure started at 400 patients.",
        f"400 / 3 = 133 each, {400 / 3 / 275:.0%} of 275: overstaffed by its own rule, and inside the"
        f" {_range(published('ceiling_without'))} that one manages without that infrastructure.",
    )
    low, high = reference()["case"]["hire_band"]
    yield Contradiction(
        9,
        "1,050 patients with 4 practitioners are called stable.",
        f"1,050 / 1,100 = {1050 / 1100:.1%} at a target of 275 is late by the article's own rule;"
        " only targets of"
        f" {1050 / 4 / high:.0f} to {1050 / 4 / low:.0f} put it in the {low:.0%} to {high:.0%} band.",
    )
    case = reference()["case"]
    share = case["senior_hours"] / reference()["week_hours"]
    yield Contradiction(
        10,
        f"Senior practitioners' case review takes {case['senior_hours']} hours a week;"
        f" {case['senior_fte']:g} FTE are"
        " counted.",
        f"{case['senior_hours']} of {reference()['week_hours']} hours are {share:.2f} FTE; the other"
        f" {case['senior_fte'] - share:.2f} are not accounted for.",
    )
    yield Contradiction(
        11,
        f"Clinical consistency breaks at {_range(published('surfaces_at'))} patients.",
        "The case starts at 400 and reports no break.",
    )


def _of_signals() -> Iterator[Contradiction]:
    yield Contradiction(
        12,
        "Indicators lead by 60 to 90 days; a wait list must be consistent for 60+ days.",
        "Later the failures themselves precede outcomes by 60 to 90 days, and it becomes a 60-day wait list:"
        " how long people wait, and no longer for how long there have been people who wait.",
    )
    actual, target = reference()["case"]["adherence"]
    yield Contradiction(
        13,
        f"90-day adherence is {actual:.0%}, above the {target:.0%} target.",
        "A mean of all patients, or the share of patients above a threshold? It is not said, and"
        " they differ.",
    )


def _of_history(scenario: Scenario) -> Iterator[Contradiction]:
    """The same questions, asked of the account that a scenario gives."""
    history = scenario.records("hire.history")
    target = scenario.number("hire.target_panel")
    for before, now in zip((None, *history), history, strict=False):
        if before is not None:
            yield from _front_desk_step(before, now)
            yield from _panels_of_existing(before, now)
        yield from _senior_time(scenario, now)
    if history:
        yield from _overstaffed_start(scenario, history[0], target)
        yield from _late_end(scenario, history, target)


def _front_desk_step(before: Record, now: Record) -> Iterator[Contradiction]:
    first, second = _of(before, "front_desk_fte"), _of(now, "front_desk_fte")
    practitioners = _of(now, "practitioners")
    stages = {stage["practitioners"]: stage["front_desk_fte"] for stage in reference()["stages"]}
    usual = stages.get(practitioners)
    if first is not None and second is not None and usual is not None and second > first and second > usual:
        yield Contradiction(
            3,
            f"{_when(now)}: front desk {first:g} to {second:g} FTE at {practitioners:g} practitioners.",
            f"{second - first:g} FTE were added{', not a whole one' if second - first < 1 else ''}; for"
            f" {practitioners:g} practitioners the stage table says about {usual:g}.",
        )


def _panels_of_existing(before: Record, now: Record) -> Iterator[Contradiction]:
    existing, each, patients = _of(before, "practitioners"), _of(now, "panel_each"), _of(now, "patients")
    if existing and each is not None and patients is not None and existing * each > patients:
        yield Contradiction(
            7,
            f"{_when(now)}: {existing:g} existing practitioners with around {each:g} each, of"
            f" {patients:,g} patients.",
            f"{existing:g} x {each:g} = {existing * each:,g} > {patients:,g}: it can be at most"
            f" {patients / existing:,.0f} each.",
        )


def _senior_time(scenario: Scenario, now: Record) -> Iterator[Contradiction]:
    hours, week = _of(now, "senior_hours_per_week"), scenario.number("capacity.hours_per_week_fte")
    total, practitioners, desk = (_of(now, name) for name in ("total_fte", "practitioners", "front_desk_fte"))
    if hours is None:
        return
    later = [one for one in scenario.records("hire.history") if _of(one, "total_fte") is not None]
    if total is None and later:
        total, practitioners, desk = (
            _of(later[-1], name) for name in ("total_fte", "practitioners", "front_desk_fte")
        )
    if total is None or practitioners is None or desk is None:
        return
    counted = total - practitioners - desk
    if counted > hours / week + 0.05 and now is _last_with_hours(scenario):
        yield Contradiction(
            10,
            f"{_when(now)}: {hours:g} hours of case review a week, while {counted:.2g} FTE are"
            " counted for it.",
            f"{hours:g} of {week:g} hours are {hours / week:.2f} FTE; the other"
            f" {counted - hours / week:.2f} are not"
            " accounted for.",
        )


def _last_with_hours(scenario: Scenario) -> Record | None:
    told = [one for one in scenario.records("hire.history") if _of(one, "senior_hours_per_week") is not None]
    return told[-1] if told else None


def _overstaffed_start(scenario: Scenario, first: Record, target: float) -> Iterator[Contradiction]:
    patients, practitioners = _of(first, "patients"), _of(first, "practitioners")
    low, high = published("ceiling_without").low, published("ceiling_without").high
    if patients is None or practitioners is None or practitioners <= 1:
        return
    each = patients / practitioners
    if each <= high and each / target < scenario.number("hire.due_at"):
        yield Contradiction(
            8,
            f"{_when(first)}: {patients:,g} patients with {practitioners:g} practitioners.",
            f"{patients:,g} / {practitioners:g} = {each:.0f} each, {each / target:.0%} of the target"
            f" of {target:g}:"
            f" overstaffed by its own rule, and not above the {low:g} to {high:g} that one manages"
            " without the"
            " infrastructure.",
        )


def _late_end(scenario: Scenario, history: Sequence[Record], target: float) -> Iterator[Contradiction]:
    patients, practitioners = _of(history[-1], "patients"), _of(history[-1], "practitioners")
    if patients is None or not practitioners:
        return
    share = patients / practitioners / target
    if share >= scenario.number("hire.late_at"):
        low, high = scenario.number("hire.due_at"), scenario.number("hire.due_until")
        each = patients / practitioners
        yield Contradiction(
            9,
            f"{_when(history[-1])}: {patients:,g} patients with {practitioners:g} practitioners"
            f"{', and no hire' if _hired_nobody(history) else ''}.",
            f"{patients:,g} / {practitioners * target:,g} = {share:.1%} at a target of {target:g} is"
            " late; only"
            f" targets of {each / high:.0f} to {each / low:.0f} put it in the {low:.0%} to {high:.0%} band.",
        )


def _hired_nobody(history: Sequence[Record]) -> bool:
    """Whether an account tells of practitioners more than once, and never of more than at first."""
    told = [many for one in history if (many := _of(one, "practitioners")) is not None]
    return len(told) > 1 and max(told) == told[0]


def _of(record: Record, name: str) -> float | None:
    value = record[name]
    return value.middle if isinstance(value, Range) else None


def _when(record: Record) -> str:
    label = _of(record, "label")
    return f"Q{int(label) % 10} {int(label) // 10}" if label else "Then"


def _per_head(stage: dict[str, Any]) -> str:
    many, (low, high) = stage["practitioners"], stage["ceiling"]
    return f"{low / many:.0f}-{high / many:.0f}"


def _fte(found: Range) -> str:
    return f"{_range(found)} FTE"


def _range(found: Range) -> str:
    return f"{found.low:g} to {found.high:g}"
