"""What brings people to a practice like this, and how it goes: one story a problem, as data."""

from .gut_and_immune import GUT_AND_IMMUNE
from .metabolic_and_heart import METABOLIC_AND_HEART
from .mind_and_energy import MIND_AND_ENERGY
from .story import Course, Marker, Story
from .thyroid_and_hormones import THYROID_AND_HORMONES
from .well_and_young import WELL_AND_YOUNG

STORIES: tuple[Story, ...] = (
    *THYROID_AND_HORMONES,
    *GUT_AND_IMMUNE,
    *METABOLIC_AND_HEART,
    *MIND_AND_ENERGY,
    *WELL_AND_YOUNG,
)

__all__ = ["STORIES", "Course", "Marker", "Story"]
