"""Import small files in a test, and look at what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection

from willowbark.foundation.acting import acting_as
from willowbark.interop.fhir.core.bounds import DEFAULT_BOUNDS, Bounds
from willowbark.interop.fhir.selectors import Report, get_report
from willowbark.interop.fhir.services.running import run_import
from willowbark.interop.fhir.tests.shapes import encoded
from willowbark.practice.testing import PracticeForTests
from willowbark.record.kinds import TABLES


def table(label: str) -> Any:
    """Another business's table, to see in a test what reached it."""
    return apps.get_model(label)


@dataclass
class Desk:
    """Where files are handed in, one import after another."""

    practice: PracticeForTests
    folder: Path
    numbers: Any = field(default_factory=count)

    def file(self, content: Any, name: str = "") -> Path:
        """Write a file: bytes as they are, anything else as JSON."""
        path = self.folder / (name or f"file{next(self.numbers)}.json")
        path.write_bytes(content if isinstance(content, bytes) else encoded(content))
        return path

    def run(self, *contents: Any, source: str = "fhir", bounds: Bounds = DEFAULT_BOUNDS) -> Report:
        """Import each content as a file of its own, in one run."""
        return self.run_paths([self.file(content) for content in contents], source=source, bounds=bounds)

    def run_paths(
        self, paths: Sequence[Path], *, source: str = "fhir", bounds: Bounds = DEFAULT_BOUNDS
    ) -> Report:
        """Import paths and check that the counts add up; returns the report."""
        run_id = run_import(
            actor=self.practice.system, paths=paths, source=source, bounds=bounds, read_ahead=False
        )
        with acting_as(self.practice.owner):
            report = get_report(self.practice.owner, run_id)
        for line in (*report.lines, report.run.total):
            if not line.adds_up:
                raise AssertionError(f"{line} does not add up")
            if line.deferred:
                raise AssertionError(f"{line} is left deferred")
        return report

    def rows(self, kind: str, **named: Any) -> list[Any]:
        """The record's rows of a kind, in the order in which they were made."""
        with acting_as(self.practice.everywhere):
            return list(TABLES[kind]._default_manager.filter(**named).order_by("id"))

    def patients(self) -> list[Any]:
        """All patients, in the order in which they were made."""
        with acting_as(self.practice.everywhere):
            return list(table("patients.Patient").objects.order_by("id"))

    def count(self, table: str, where: str = "true") -> int:
        """How many rows a table shows to the system."""
        with acting_as(self.practice.system), connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table} WHERE {where}")
            row = cursor.fetchone()
        return int(row[0]) if row else 0

    def everything(self) -> dict[str, int]:
        """How many rows each table of patients, records and imports has."""
        tables = [model._meta.db_table for model in TABLES.values()]
        tables += ["patients_patient", "interop_fhir_keptresource", "interop_fhir_sharedresource"]
        return {table: self.count(table) for table in tables}


def together(report: Report, *names: str) -> tuple[int, ...]:
    """Some of a report's totals."""
    return tuple(getattr(report.run.total, name) for name in names)


def reasons(report: Report) -> list[str]:
    """Why things were set aside, in order."""
    return [one.reason for one in report.quarantined]


def line_of(report: Report, resource_type: str) -> dict[str, int]:
    """One type's counts that are not zero."""
    found = [line for line in report.lines if line.resource_type == resource_type]
    counts = found[0]._asdict() if found else {}
    return {name: number for name, number in counts.items() if isinstance(number, int) and number}


def ndjson(resources: Iterable[Any]) -> bytes:
    """Resources, one a line."""
    return b"\n".join(encoded(one) for one in resources)
