"""Worklist as a Django app."""

from django.apps import AppConfig


class WorklistConfig(AppConfig):
    """The one queue of tasks that every business files into."""

    name = "willowbark.worklist"
    label = "worklist"
