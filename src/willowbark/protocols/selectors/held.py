"""How many protocols in force hold a product."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from willowbark.foundation.authorisation import Actor, require
from willowbark.inventory.selectors import RECALLING


def count_in_force(actor: Actor, product_ids: Collection[UUID]) -> int:
    """
    How many protocols in force hold any of these products, over the whole practice. One statement.

    Raises:
        Forbidden: the actor neither recalls nor tells patients of recalls.
    """
    require(actor, *RECALLING)
    with connection.cursor() as cursor:
        cursor.execute("SELECT willow_count_in_force(%s)", [list(product_ids)])
        row = cursor.fetchone()
    return int(row[0]) if row else 0
