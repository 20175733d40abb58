"""What is kept as it came stands in one of two columns."""

from __future__ import annotations

from django.db.models import CheckConstraint, Q


def clear_or_sealed(name: str) -> CheckConstraint:
    """Either `content`, from before it was sealed, or `sealed_content`: one of them, and never both."""
    return CheckConstraint(
        condition=Q(content__isnull=True, sealed_content__isnull=False)
        | Q(content__isnull=False, sealed_content__isnull=True),
        name=name,
    )
