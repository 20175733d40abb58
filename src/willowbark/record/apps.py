"""Record as a Django app."""

from django.apps import AppConfig


class RecordConfig(AppConfig):
    """What record offers to the floors above."""

    name = "willowbark.record"
    label = "record"
