"""One change of the catalog at a time: changes are rare, and each looks at what is there first."""

from __future__ import annotations

from django.db import connection


def take_turns() -> None:
    """Wait for whoever changes the catalog, until this transaction ends; readers wait for nobody."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('catalog', 0))")
