"""Knowledge as a Django app."""

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """What the field knows: ingredients, limits, interactions, drugs. Facts in files, no tables."""

    name = "willowbark.knowledge"
    label = "knowledge"

    def ready(self) -> None:
        """Explain facts to whoever asks why."""
        from willowbark.foundation import explaining
        from willowbark.knowledge.selectors import why

        explaining.register("fact", why.of_fact)
