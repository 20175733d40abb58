"""The planner as a Django app."""

from django.apps import AppConfig


class PlannerConfig(AppConfig):
    """How many people, when to hire, what growth does, and what it earns."""

    name = "willowbark.planner"
    label = "planner"
