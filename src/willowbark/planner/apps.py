"""The planner as a Django app."""

from django.apps import AppConfig


class PlannerConfig(AppConfig):
    """How many people, when to hire, what growth does, and what it earns."""

    name = "willowbark.planner"
    label = "planner"

    def ready(self) -> None:
        """Offer the page, and explain its figures."""
        from willowbark.foundation import explaining
        from willowbark.foundation.navigation import Area, offer
        from willowbark.planner.selectors import why

        offer(Area("planner", "Planner", "planner:home", "calendar", 7, ("planner.view",)))
        explaining.register("plan_input", why.of_input)
        explaining.register("plan_figure", why.of_figure)
