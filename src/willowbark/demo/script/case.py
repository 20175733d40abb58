"""One patient as the script knows them while it writes their history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from .body import Body
from .chart import Chart
from .diary import Diary
from .dice import Dice
from .people import Invented
from .practice import COACHES, FRONT_DESKS, SITE_NAMES, Person
from .stories import Course, Story

BOOKED_MINUTES = {"initial": 75, "follow-up": 45, "video": 30, "phone": 15, "nutrition": 45}


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit that will take place; `number` counts those with the practitioner from 0."""

    number: int
    kind: str
    at: datetime

    @property
    def minutes(self) -> int:
        """How long it is booked for."""
        return BOOKED_MINUTES[self.kind]


@dataclass(slots=True)
class Case:
    """Who the patient is, what is the matter, who cares for them, and how it goes."""

    number: int
    invented: Invented
    site: str
    practitioner: Person
    joined: datetime
    stories: tuple[Story, ...]
    dice: Dice
    chart: Chart
    diary: Diary
    body: Body
    visits: list[Visit] = field(default_factory=list)
    visit_ids: dict[int, UUID] = field(default_factory=dict)
    base_panel_at: datetime | None = None
    allergies_known: bool = False
    reported: dict[str, list[Decimal]] = field(default_factory=dict)

    @property
    def story(self) -> Story:
        """The reason to come."""
        return self.stories[0]

    @property
    def sex(self) -> str:
        """The patient's sex."""
        return self.invented.details.sex

    @property
    def desk(self) -> str:
        """Who registers people at the patient's site."""
        return FRONT_DESKS[self.site].key

    @property
    def coach(self) -> str:
        """Who coaches people at the patient's site."""
        return COACHES[self.site].key

    @property
    def place(self) -> str:
        """The name of the patient's site."""
        return SITE_NAMES[self.site]

    @property
    def goes_well(self) -> bool:
        """Whether treatment helps."""
        return self.body.response > 0.4

    def measure(self, name: str, at: datetime) -> Decimal:
        """A measure at an instant, which is then known to whoever writes the next note."""
        value = self.body.value(name, at)
        self.reported.setdefault(name, []).append(value)
        return value

    def measures(self, names: Sequence[str]) -> list[str]:
        """The measures without repetition, in their order."""
        return list(dict.fromkeys(names))

    def panel(self) -> list[str]:
        """What the stories want drawn."""
        return self.measures([name for story in self.stories for name in story.panel])

    def scores(self) -> list[str]:
        """Which scores are taken at visits."""
        return self.measures([name for story in self.stories for name in story.scores])

    def courses(self) -> list[Course]:
        """What this patient takes in the end: each product once, the main story's first."""
        chosen: dict[str, Course] = {}
        for story in self.stories:
            for course in story.courses:
                chosen.setdefault(course.product, course)
        return list(chosen.values())
