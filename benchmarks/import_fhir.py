"""
An import of real-looking histories: end to end, and its database phase against plain COPY, in one run.

    python benchmarks/import_fhir.py [FOLDER]     default: fhir/synthea_r4 of the shared data

Three rounds, the median counts. In a round, each on a new database and in a process of its own:

- end to end: everything is imported as the command does it (one thread reads ahead, another stores), then
  once more;
- database phase: everything is read beforehand, and only the transactions that store are timed; Python's
  collector does not walk over all that was read, which no import ever holds at once. Then the same
  rows are copied, by COPY as the tables' owner, into tables with the same columns, primary, unique and foreign
  keys, checks and indexes, but without triggers and policies; and once more without the foreign keys.

Beside the seconds on the clock, the processor seconds of the database's own process tell the same story on a
machine where others work too (Linux only).

Bounds: database phase at least a third of the rate of COPY; end to end at least 5,000 resources a second.
"""

from __future__ import annotations

import gc
import hashlib
import io
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from practice import SOURCES, machine

ROUNDS = 3
LEAST_RATIO = 1 / 3
LEAST_RESOURCES_A_SECOND = 5_000
TABLES = (
    "patients_patient",
    "patients_patientidentifier",
    "patients_contactpoint",
    "patients_address",
    "record_encounter",
    "record_condition",
    "record_observation",
    "record_medication",
    "record_allergy",
    "record_procedure",
    "record_immunization",
    "record_document",
    "record_note",
    "interop_fhir_keptresource",
    "interop_fhir_sharedresource",
)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else shared() / "fhir" / "synthea_r4"
    rounds = [one_round(folder) for _ in range(ROUNDS)]
    middle = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    result = {
        "benchmark": "import_fhir",
        "resources": round(middle["resources"]),
        "rows": round(middle["rows"]),
        "end_to_end": {
            "seconds": round(middle["end_to_end_seconds"], 2),
            "resources_per_second": round(middle["resources"] / middle["end_to_end_seconds"]),
        },
        "again_seconds": round(middle["again_seconds"], 2),
        "database_phase": {
            "seconds": round(middle["database_seconds"], 2),
            "rows_per_second": round(middle["rows"] / middle["database_seconds"]),
        },
        "copy": {
            "seconds": round(middle["copy_seconds"], 2),
            "rows_per_second": round(middle["rows"] / middle["copy_seconds"]),
        },
        "copy_without_foreign_keys": {
            "seconds": round(middle["copy_loose_seconds"], 2),
            "rows_per_second": round(middle["rows"] / middle["copy_loose_seconds"]),
        },
        "ratio_to_copy": ratio(rounds, "copy_seconds", "database_seconds"),
        "ratio_to_copy_without_foreign_keys": ratio(rounds, "copy_loose_seconds", "database_seconds"),
        "database_processor_seconds": {
            name: round(middle[f"{name}_processor_seconds"], 2) for name in ("database", "copy", "copy_loose")
        },
        "processor_ratio_to_copy": ratio(rounds, "copy_processor_seconds", "database_processor_seconds"),
        "peak_megabytes": round(middle["peak_megabytes"]),
        "input": input_hash(folder),
        "machine": machine(),
    }
    print(json.dumps(result))
    good = (
        result["ratio_to_copy"] >= LEAST_RATIO
        and result["end_to_end"]["resources_per_second"] >= LEAST_RESOURCES_A_SECOND
    )
    sys.exit(0 if good else 1)


def ratio(rounds: list[dict[str, float]], part: str, whole: str) -> float:
    """The median of a figure's share in another, of the same round each."""
    return round(statistics.median(each[part] / each[whole] for each in rounds), 3)


def shared() -> Path:
    """The folder of real files made by others."""
    named = os.environ.get("WILLOWBARK_SHARED_DATA")
    return Path(named) if named else SOURCES.parents[1] / "shared" / "data"


def input_hash(folder: Path) -> str:
    """A short hash of every file's bytes, in the order of their names."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def one_round(folder: Path) -> dict[str, float]:
    return apart("end_to_end", folder) | apart("database_phase", folder)


def apart(part: str, folder: Path) -> dict[str, float]:
    """Half a round in a process and on a database of its own, so that it finds nothing warm."""
    script = (
        f"import sys; sys.path[:0] = {sys.path!r}; import import_fhir; import_fhir.{part}({str(folder)!r})"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def end_to_end(folder: str) -> None:
    with database_alone():
        from willowbark.interop.fhir.services.running import run_import
        from willowbark.practice.selectors import system_actor

        open_practice()
        actor = system_actor("cli")
        figures = {"end_to_end_seconds": timed(lambda: run_import(actor=actor, paths=[Path(folder)]))}
        figures["peak_megabytes"] = peak_megabytes()
        figures["again_seconds"] = timed(lambda: run_import(actor=actor, paths=[Path(folder)]))
        print(json.dumps(figures))


def database_phase(folder: str) -> None:
    with database_alone() as owner:
        open_practice()
        resources, seconds, processor = stored(folder)
        rows = {table: dumped(owner, table) for table in TABLES}
        copy, copy_processor = copy_seconds(owner, rows, with_foreign_keys=True)
        loose, loose_processor = copy_seconds(owner, rows, with_foreign_keys=False)
        figures = {
            "resources": resources,
            "rows": sum(count(owner, table) for table in TABLES),
            "database_seconds": seconds,
            "copy_seconds": copy,
            "copy_loose_seconds": loose,
            "database_processor_seconds": processor,
            "copy_processor_seconds": copy_processor,
            "copy_loose_processor_seconds": loose_processor,
        }
        print(json.dumps(figures))


@contextmanager
def database_alone() -> Iterator[Any]:
    """A migrated database with the settings of a real one, and the connection of the tables' owner."""
    with tempfile.TemporaryDirectory(
        prefix="willow-benchmark-", dir="/var/tmp", ignore_cleanup_errors=True
    ) as data:
        os.chmod(data, 0o755)
        os.environ["WILLOWBARK_DATA"] = f"{data}/data"
        os.environ["DJANGO_SETTINGS_MODULE"] = "willowbark.config.settings"
        os.environ["WILLOWBARK_LOG_LEVEL"] = "ERROR"
        import psycopg

        from willowbark.foundation import database

        with database.open_database() as opened:
            subprocess.run(
                [sys.executable, "-m", "django", "migrate", "-v0"],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "WILLOWBARK_DB_ROLE": "owner"},
                check=True,
            )
            import django

            django.setup()
            with psycopg.connect(**opened.owner.libpq(), autocommit=True) as owner:
                yield owner
            from django.db import connection

            connection.close()
            connection.close_pool()


def open_practice() -> None:
    from willowbark.practice import services

    services.open_practice(
        name="Benchmark",
        jurisdiction="US",
        time_zone="UTC",
        site_name="Main",
        owner_name="Owner",
        owner_email="owner@benchmark.example",
        owner_password="a benchmark's long password",
    )


def timed(act: Any) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def peak_megabytes() -> float:
    import resource

    unit = 1_000_000 if sys.platform == "darwin" else 1_000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def count(owner: Any, table: str) -> int:
    (found,) = owner.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(found)


def dumped(owner: Any, table: str) -> bytes:
    buffer = io.BytesIO()
    with owner.cursor().copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy:
        for piece in copy:
            buffer.write(piece)
    return buffer.getvalue()


def processor_seconds(backend: int) -> float:
    """The processor time that a database process has used so far; NaN where the system does not tell."""
    told = Path(f"/proc/{backend}/stat")
    if not told.exists():
        return math.nan
    user, system = told.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def copy_seconds(owner: Any, rows: dict[str, bytes], *, with_foreign_keys: bool) -> tuple[float, float]:
    """Seconds, on the clock and of the processor, to COPY all rows into new tables with the same keys."""
    owner.execute("DROP SCHEMA IF EXISTS plain CASCADE; CREATE SCHEMA plain")
    for table in rows:
        owner.execute(f"CREATE TABLE plain.{table} (LIKE public.{table} INCLUDING ALL)")
    if with_foreign_keys:
        add_foreign_keys(owner, list(rows))
    total, processor = 0.0, processor_seconds(owner.info.backend_pid)
    for table, content in rows.items():
        started = time.perf_counter()
        with owner.cursor().copy(f"COPY plain.{table} FROM STDIN (FORMAT binary)") as copy:
            copy.write(content)
        total += time.perf_counter() - started
    return total, processor_seconds(owner.info.backend_pid) - processor


def add_foreign_keys(owner: Any, tables: list[str]) -> None:
    """The foreign keys of the real tables; those between the copied ones point at the copies."""
    found = owner.execute(
        "SELECT r.relname, pg_get_constraintdef(c.oid)"
        " FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid"
        " WHERE c.contype = 'f' AND r.relnamespace = 'public'::regnamespace AND r.relname = ANY (%s)",
        [tables],
    ).fetchall()
    for table, definition in found:
        for other in tables:
            definition = definition.replace(f"REFERENCES {other}(", f"REFERENCES plain.{other}(")
        owner.execute(f"ALTER TABLE plain.{table} ADD {definition}")


def stored(folder: str) -> tuple[int, float, float]:
    """Store everything, read beforehand: the resources, and the seconds in the transactions and the database."""
    from django.db import connection

    from willowbark.foundation.acting import acting_as
    from willowbark.interop.fhir.core.bounds import DEFAULT_BOUNDS
    from willowbark.interop.fhir.core.reading.files import find_files
    from willowbark.interop.fhir.services import running
    from willowbark.interop.fhir.services.batches import Batch
    from willowbark.interop.fhir.services.state import RunState
    from willowbark.interop.fhir.services.storing_batches import store_batch
    from willowbark.practice.selectors import system_actor

    actor = system_actor("cli")
    names = [str(path) for path in find_files([Path(folder)]).paths]
    with acting_as(actor):
        run_id = running.begin_run(
            actor=actor, names=names, source="fhir", home_site_id=None, path_text="benchmark"
        )
    run = running.open_run(actor, run_id)
    state = RunState(run_id, run.source, run.home_site_id)
    batches, resources = [Batch()], 0
    for read in running.read_all(actor, state, run.started_at, DEFAULT_BOUNDS):
        batches[-1].add(read)
        resources += read.portion.resources if read.portion else 0
        if batches[-1].is_full:
            batches.append(Batch())
    gc.collect()
    gc.freeze()
    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    processor = processor_seconds(backend)
    seconds = sum(timed(partial(store_batch, actor, state, batch)) for batch in batches)
    if connection.connection.info.backend_pid != backend:
        raise RuntimeError("the connection was opened anew: its processor time tells nothing")
    return resources, seconds, processor_seconds(backend) - processor


if __name__ == "__main__":
    main()
