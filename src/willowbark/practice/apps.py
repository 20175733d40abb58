"""Practice as a Django app."""

from django.apps import AppConfig


class PracticeConfig(AppConfig):
    """What practice offers to the floors above."""

    name = "willowbark.practice"
    label = "practice"
