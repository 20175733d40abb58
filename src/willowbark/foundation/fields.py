"""Columns that Django does not have."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    _Decimal = models.Field[Decimal | str | int | None, Decimal | None]
else:
    _Decimal = models.Field


class NumericField(_Decimal):
    """PostgreSQL's unbounded `numeric`: keeps every digit as given, trailing zeros included."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """The column's type."""
        return "numeric"

    def to_python(self, value: object) -> Decimal | None:
        """Read a Decimal, an integer or its text; a float is refused, for it has lost digits already."""
        if value is None or isinstance(value, Decimal):
            return value
        if isinstance(value, str | int) and not isinstance(value, bool):
            return Decimal(value)
        raise TypeError(f"a {type(value).__name__} is not an exact number")

    def get_prep_value(self, value: object) -> Decimal | None:
        """What is sent to the database."""
        return self.to_python(value)
