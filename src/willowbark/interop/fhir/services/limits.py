"""The bounds of this installation."""

from __future__ import annotations

import dataclasses

from django.conf import settings

from willowbark.interop.fhir.core.bounds import DEFAULT_BOUNDS, Bounds


def bounds_of_imports() -> Bounds:
    """What the command and the worker take in, at most."""
    return dataclasses.replace(DEFAULT_BOUNDS, file=settings.WILLOWBARK.import_limit_bytes)


def bounds_of_uploads() -> Bounds:
    """What a page takes in, at most."""
    limit = min(settings.WILLOWBARK.upload_limit_bytes, settings.WILLOWBARK.import_limit_bytes)
    return dataclasses.replace(DEFAULT_BOUNDS, file=limit)
