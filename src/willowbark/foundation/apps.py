"""The foundation as a Django app."""

from django.apps import AppConfig
from django.core import checks


class FoundationConfig(AppConfig):
    """Registers what every business stands on."""

    name = "willowbark.foundation"
    label = "foundation"

    def ready(self) -> None:
        """Make the placement rules part of Django's system check."""
        from willowbark.foundation.placement import check_placement

        checks.register(check_placement, checks.Tags.models)
