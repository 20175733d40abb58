"""Practice as a Django app."""

from django.apps import AppConfig


class PracticeConfig(AppConfig):
    """What the practice offers to the floors above."""

    name = "willowbark.practice"
    label = "practice"

    def ready(self) -> None:
        """Put the day sheet and the practice into the navigation, and who works today onto the day."""
        from willowbark.foundation import panels
        from willowbark.foundation.encryption import columns
        from willowbark.foundation.navigation import Area, offer
        from willowbark.practice import pages
        from willowbark.practice.services.factors.secrets import SEALED

        columns.register_elsewhere(SEALED)
        panels.register(
            panels.Panel("day", "working_hours", "Who works", 50, ("practice.read",), pages.working_hours)
        )
        panels.register(
            panels.Panel(
                "day", "notices", "Your sign-in was changed", 1, ("practice.read",), pages.own_notices
            )
        )
        offer(Area("day", "Day sheet", "practice:day", "day", 0, ("practice.read",)))
        offer(Area("practice", "Practice", "practice:people", "practice", 90, ("practice.manage",)))
