"""The signals to hire, the hires to come, and senior practitioners' time."""

from __future__ import annotations

from willowbark.planner.core.answers import CEILING, Answers, Figure

GROWTH = ("growth.patients_per_month", "growth.to_patients", "growth.months")
_TARGET = ("practice.active_patients", "practice.practitioners", "hire.target_panel")


def _signal(name: str, title: str, rule: str, *inputs: str) -> Figure:
    def text(found: Answers) -> str:
        one = next(each for each in found.hire.conditions if each.key == name)
        return f"{one.evidence} ({one.trend})" if one.trend else one.evidence

    return Figure(f"signal_{name}", f"Signal to hire: {title}", rule, inputs, text)


def _hires(found: Answers) -> str:
    growth = found.hire.growth
    if growth is None:
        return "No growth chosen"
    return "any number" if growth.hires_in_all is None else f"{growth.hires_in_all:,} while growth lasts"


_SIGNALS = (
    _signal(
        "capacity",
        "capacity",
        "Active patients / (practitioners x the panel each is meant to have): yes from where a hire is due."
        " The trend is the patients of a month of growth / the same target; without growth, the account"
        " given.",
        *_TARGET,
        *GROWTH,
        "hire.due_at",
        "hire.due_until",
        "hire.history",
    ),
    _signal(
        "wait_list",
        "wait list",
        "Days for which people have been waiting without a gap, beside the days that make demand consistent."
        " What nobody has said is not a yes.",
        "hire.wait_list_days",
        "hire.wait_list_days_needed",
    ),
    _signal(
        "workload",
        "workload",
        "What practitioners report: overtime that is not chronic, and no signs of burnout. What nobody has"
        " said is not a yes.",
        "hire.overtime_hours_per_week",
        "hire.overtime_hours_sustainable",
        "hire.burnout_reported",
    ),
)
HIRING = (
    *_SIGNALS,
    Figure(
        "verdict",
        "Verdict on the next hire",
        "Due where all three signals are there. Late from the late part of the target on, unless demand is"
        " known to be missing, and always where everybody is full. Not yet otherwise, because of the signals"
        " named. A target above what the hours allow is said beside it.",
        tuple(dict.fromkeys((*(path for one in _SIGNALS for path in one.inputs), "hire.late_at", *CEILING))),
        lambda found: found.hire.said,
        ("scaling",),
    ),
    Figure(
        "contradictions",
        "These figures contradict themselves",
        "The account given is asked, entry by entry, what the article's case is asked; where it is that case,"
        " by its growth or by its account, what else the article says of it is added.",
        (
            *_TARGET,
            *GROWTH,
            "hire.history",
            "capacity.hours_per_week_fte",
            "hire.due_at",
            "hire.due_until",
            "hire.late_at",
        ),
        lambda found: " ".join(f"{one.says} But: {one.but}" for one in found.hire.contradictions) or "None",
        ("scaling",),
    ),
    Figure(
        "next_hires",
        "Next hires",
        "Along a straight line to the patients to grow to, practitioners are hired one at a time. Each is due"
        " when patients are the due part of practitioners x target panel, and late at the late part; nothing"
        " is late that growth ends before.",
        (*_TARGET, *GROWTH, "hire.due_at", "hire.late_at"),
        _hires,
    ),
    Figure(
        "senior_hours",
        "Senior hours for case review",
        "Needed: FTE per 1,000 x patients / 1,000 x hours of a full-time week. Spent: what the practice says;"
        " eaten where that is less than the least needed. Roles: patients / patients of one senior role,"
        " rounded up, now and when growth has ended.",
        (
            "practice.active_patients",
            "capacity.senior_fte_per_1000",
            "capacity.hours_per_week_fte",
            "capacity.patients_per_senior_role",
            "practice.senior_non_clinical_fte",
            "hire.senior_hours_per_week",
            *GROWTH,
        ),
        lambda found: found.hire.senior.said,
    ),
)
