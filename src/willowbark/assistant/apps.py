"""Assistant as a Django app."""

from django.apps import AppConfig


class AssistantConfig(AppConfig):
    """The chief of staff: what somebody should know before they begin."""

    name = "willowbark.assistant"
    label = "assistant"
