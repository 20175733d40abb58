"""CommandCenter as a Django app."""

from django.apps import AppConfig


class CommandCenterConfig(AppConfig):
    """The figures of the practice, as they move."""

    name = "willowbark.command_center"
    label = "command_center"
