"""Practice as a Django app."""

from django.apps import AppConfig


class PracticeConfig(AppConfig):
    """What the practice offers to the floors above."""

    name = "willowbark.practice"
    label = "practice"

    def ready(self) -> None:
        """Put the day sheet into the navigation."""
        from willowbark.foundation.navigation import Area, offer

        offer(Area("practice", "Day sheet", "practice:day", "day", 0, ("practice.read",)))
