"""Knowledge as a Django app."""

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """What the field knows: ingredients, limits, interactions, drugs. Facts in files, no tables."""

    name = "willowbark.knowledge"
    label = "knowledge"

    def ready(self) -> None:
        """Explain facts to whoever asks why, and put them into the navigation."""
        from willowbark.foundation import explaining
        from willowbark.foundation.navigation import Area, offer
        from willowbark.knowledge.selectors import why

        explaining.register("fact", why.of_fact)
        offer(Area("knowledge", "Knowledge", "knowledge:ingredients", "observation", 60, ("catalog.read",)))
