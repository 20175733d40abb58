"""Willowbark: the operating platform of a functional / integrative medicine practice."""

__version__ = "0.1.0"
