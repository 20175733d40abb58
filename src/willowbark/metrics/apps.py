"""Metrics as a Django app."""

from django.apps import AppConfig


class MetricsConfig(AppConfig):
    """Figures with units, rolled up as facts happen."""

    name = "willowbark.metrics"
    label = "metrics"
