"""The shape of a story: what is wrong, what is measured, what is taken, and what people write of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Marker:
    """
    How one measure goes in this story.

    `start` and `goal` are mean and deviation before treatment and after it; half of the way is gone after
    `months`.
    """

    measure: str
    start: tuple[float, float]
    goal: tuple[float, float]
    months: float = 4


@dataclass(frozen=True, slots=True)
class Course:
    """
    Something taken in this story.

    It begins at the visit `begins`, counted from 0, or is taken before the first one when `begins` is -1,
    and ends at the visit `ends` or after `days`; without either it goes on. `likely` is how many take it.
    """

    product: str
    begins: int
    ends: int | None = None
    days: int | None = None
    reason: str = ""
    likely: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """
    One reason to come, with all that usually goes with it.

    `ages` are those at the first visit; `sexes` weigh women and men, and `weight` the story among others.
    `problems` are (name, how many years before the first visit it began at most). Texts are sentences of
    notes: what people say at first, when it goes better and when it does not, and what is planned next.
    `least_response` is how well treatment does at least, for what is easily put right.
    """

    key: str
    title: str
    weight: float
    ages: tuple[int, int]
    sexes: tuple[float, float] = (1.0, 1.0)
    problems: tuple[tuple[str, int], ...] = ()
    markers: tuple[Marker, ...] = ()
    panel: tuple[str, ...] = ()
    scores: tuple[str, ...] = ()
    courses: tuple[Course, ...] = ()
    says: tuple[str, ...] = ()
    better: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    assessment: str = ""
    plans: tuple[str, ...] = ()
    coaching: tuple[str, ...] = ()
    reports: tuple[tuple[str, str], ...] = ()
    blood_pressure: tuple[float, float] = (117, 74)
    least_response: float = 0.0
    weight_factor: float = 1.0
    weight_goal: float = 1.0
    visits_a_year: float = 4.0
    labs_every: int = 2
