"""Knowledge as a Django app."""

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """What the field knows: ingredients, limits, interactions, drugs. Facts in files, no tables."""

    name = "willowbark.knowledge"
    label = "knowledge"
