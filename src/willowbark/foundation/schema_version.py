"""Whether the database has the schema of this version of the platform."""

from __future__ import annotations


def pending_migrations() -> list[str]:
    """The migrations that the default connection's database still lacks, as 'app.name', in order."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
