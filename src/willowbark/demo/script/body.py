"""What one person's measures are on a day: where they began, where they go, and the noise of measuring."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from .catalogue.measures import MEASURES, Measure
from .dice import Dice
from .stories import Marker, Story

DAYS_A_MONTH = 30.4
# How far one measurement lies from the next when nothing has changed, as a part of it.
USUAL_NOISE = 0.035
NOISE = {
    "height": 0.0, "weight": 0.006, "sodium": 0.006, "mcv": 0.01, "hba1c": 0.012, "albumin": 0.015,
    "calcium": 0.015, "hemoglobin": 0.015, "hdl": 0.03, "triglycerides": 0.09, "insulin": 0.08, "tsh": 0.07,
    "hscrp": 0.12, "esr": 0.12, "tpo": 0.08, "ferritin": 0.06, "iron": 0.1, "cortisol": 0.08, "msq": 0.07,
}  # fmt: skip
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
        self._measured: dict[tuple[str, datetime], Decimal] = {}
        self._set_pressure(stories)
        self._set_size(age, stories)

    def value(self, name: str, at: datetime) -> Decimal:
        """A measure at an instant, rounded as it is reported; what is calculated agrees with its parts."""
        if (name, at) not in self._measured:
            self._measured[name, at] = self._measure(name, at)
        return self._measured[name, at]

    def _measure(self, name: str, at: datetime) -> Decimal:
        measure = MEASURES[name]
        if name == "ldl":
            # Friedewald's estimate, which laboratories print below 400 mg/dL of triglycerides.
            total, hdl, fats = (self.value(part, at) for part in ("cholesterol", "hdl", "triglycerides"))
            return self._rounded(measure, float(total - hdl) - float(fats) / 5)
        if name == "bmi":
            pounds, inches = float(self.value("weight", at)), float(self.value("height", at))
            return self._rounded(measure, 703 * pounds / (inches * inches))
        noise = self._dice.spread(0, NOISE.get(name, USUAL_NOISE))
        return self._rounded(measure, self._true(name, at) * (1 + noise))

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
