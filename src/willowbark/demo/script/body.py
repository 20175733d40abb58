"""What one person's measures are on a day: where they began, where they go, and the noise of measuring."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from .catalogue.measures import MEASURES, Measure
from .dice import Dice
from .stories import Marker, Story

DAYS_A_MONTH = 30.4
NOISE = 0.035
CALM = (118.0, 76.0)


class Body:
    """
    Somebody's measures over time.

    `response` is how much of the way from start to goal treatment brings them: 1 all of it, 0 none.
    """

    def __init__(
        self, dice: Dice, *, sex: str, age: int, stories: Sequence[Story], begins: datetime, response: float
    ) -> None:
        self._dice = dice
        self._sex = sex
        self._begins = begins
        self.response = response
        self._markers: dict[str, Marker] = {}
        for story in stories:
            for marker in story.markers:
                self._markers.setdefault(marker.measure, marker)
        self._ends_of: dict[str, tuple[float, float]] = {}
        self._months = {name: marker.months for name, marker in self._markers.items()}
        self._set_pressure(stories)
        self._set_size(age, stories)

    def value(self, name: str, at: datetime) -> Decimal:
        """A measure at an instant, rounded as it is reported."""
        measure = MEASURES[name]
        if name == "ldl":
            return self._ldl(at)
        if name == "bmi":
            return self._rounded(measure, 703 * self._true("weight", at) / self._true("height", at) ** 2)
        noise = 0.0 if name == "height" else self._dice.spread(0, NOISE)
        return self._rounded(measure, self._true(name, at) * (1 + noise))

    def first_and_last(self, name: str) -> tuple[float, float]:
        """Where a measure began and where it goes."""
        return self._ends(name)

    def _true(self, name: str, at: datetime) -> float:
        start, goal = self._ends(name)
        months = max(0.0, (at - self._begins).days / DAYS_A_MONTH)
        done = months / (months + self._months.get(name, 6.0))
        return start + (goal - start) * done * self.response

    def _ends(self, name: str) -> tuple[float, float]:
        if name not in self._ends_of:
            measure, dice = MEASURES[name], self._dice
            if name in self._markers:
                marker = self._markers[name]
                start, goal = dice.spread(*marker.start), dice.spread(*marker.goal)
            else:
                start = goal = dice.spread(*measure.usual_for(self._sex))
            self._ends_of[name] = (_within(measure, start), _within(measure, goal))
        return self._ends_of[name]

    def _ldl(self, at: datetime) -> Decimal:
        """Friedewald's estimate, which laboratories print below 400 mg/dL of triglycerides."""
        total, hdl, fats = (self._true(name, at) for name in ("cholesterol", "hdl", "triglycerides"))
        return self._rounded(MEASURES["ldl"], total - hdl - fats / 5)

    def _set_pressure(self, stories: Sequence[Story]) -> None:
        usual = max((story.blood_pressure for story in stories), default=CALM)
        for name, start, calm in zip(("systolic", "diastolic"), usual, CALM, strict=True):
            begins = self._dice.spread(start, 5)
            self._ends_of[name] = (begins, min(begins, self._dice.spread(calm, 4)))

    def _set_size(self, age: int, stories: Sequence[Story]) -> None:
        dice = self._dice
        if age < 16:
            # Weech's rules of thumb for children, in pounds and inches; they grow on.
            pounds, inches = 7 * age + 6.0, 2.5 * age + 30
            self._ends_of["weight"] = (dice.spread(pounds, 3), pounds * 1.12)
            self._ends_of["height"] = (dice.spread(inches, 1), inches * 1.04)
            self._months |= {"weight": 18, "height": 18}
            return
        base = dice.spread(*MEASURES["weight"].usual_for(self._sex))
        first = max((story.weight_factor for story in stories), default=1.0)
        later = max((story.weight_goal for story in stories), default=1.0)
        self._ends_of["weight"] = (base * first, base * later)
        tall = dice.spread(*MEASURES["height"].usual_for(self._sex))
        self._ends_of["height"] = (tall, tall)

    def _rounded(self, measure: Measure, value: float) -> Decimal:
        return Decimal(f"{_within(measure, value):.{measure.places}f}")


def _within(measure: Measure, value: float) -> float:
    return min(max(value, measure.least), measure.most)
