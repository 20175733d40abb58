"""The command and the worker as processes of their own: how they end, and what a kill leaves behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.testing_database import Clone
from willowbark.interop.fhir.selectors import get_report
from willowbark.interop.fhir.services.running import carry_out, run_import
from willowbark.interop.fhir.services.uploading import HandedIn, hand_in
from willowbark.interop.fhir.tests.importing import ndjson
from willowbark.interop.fhir.tests.shapes import bundle, encoded, patient, resource
from willowbark.practice.testing import make_practice

KILLED = -signal.SIGKILL


@pytest.fixture
def practice(fresh_database: Clone):
    return make_practice()


def willow(clone: Clone, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "willowbark", *arguments],
        env=clone.environment() | {"PYTHONPATH": str(Path(__file__).parents[4])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def people(number: int, entries: int) -> list[dict[str, object]]:
    """Patients, and for each some observations in a visit."""
    made: list[dict[str, object]] = []
    for one in range(number):
        subject = {"reference": f"Patient/p{one}"}
        made.append(patient(id=f"p{one}", name=[{"family": f"Family{one}", "given": ["X"]}]))
        made.append(resource("Encounter", id=f"e{one}", subject=subject))
        made += [
            resource(
                "Observation",
                id=f"o{one}-{entry}",
                subject=subject,
                encounter={"reference": f"Encounter/e{one}"},
                valueQuantity={"value": entry},
            )
            for entry in range(entries)
        ]
    return made


def counted(clone: Clone, table: str) -> int:
    with psycopg.connect(**clone.owner.libpq()) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


def test_the_command_imports_and_says_what_became_of_everything(practice, fresh_database, tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "a.json").write_bytes(encoded(bundle(patient(), resource("Observation", status="nonsense"))))

    told = willow(fresh_database, "import", "fhir", str(folder))
    again = willow(fresh_database, "import", "fhir", str(folder), "--json")

    assert told.returncode == 0, told.stderr
    assert "status 'nonsense' is none of" in told.stdout
    assert again.returncode == 0, again.stderr
    report = json.loads(again.stdout)
    assert (report["changes"], report["files_known"], report["adds_up"]) == (0, 1, True)
    assert report["total"]["read"] == 2


def test_how_the_command_ends(practice, fresh_database, tmp_path):
    (tmp_path / "cut.json").write_bytes(encoded(patient())[:-5])

    unread = willow(fresh_database, "import", "fhir", str(tmp_path / "cut.json"))
    absent = willow(fresh_database, "import", "fhir", str(tmp_path / "absent"))
    usage = willow(fresh_database, "import", "fhir")

    assert (unread.returncode, absent.returncode, usage.returncode) == (3, 1, 2)
    assert "ends too early" in unread.stdout
    assert "does not exist" in absent.stderr


def test_reading_ahead_in_a_thread_gives_the_same_as_without(practice, fresh_database, tmp_path):
    for number in range(30):
        (tmp_path / f"{number}.json").write_bytes(
            encoded(bundle(*people(1, 20))).replace(b"p0", f"p{number}".encode())
        )
    (tmp_path / "cut.json").write_bytes(b"{")

    run_id = run_import(actor=practice.system, paths=[tmp_path], read_ahead=True)

    with acting_as(practice.owner):
        report = get_report(practice.owner, run_id)
    assert report.run.total.adds_up
    assert len(report.refused) == 1
    assert counted(fresh_database, "patients_patient") == 30


CARRY_OUT = """
import sys
import django
django.setup()
from uuid import UUID
from willowbark.interop.fhir.core import taking_in
from willowbark.interop.fhir.services import batches, running
taking_in.PORTION_RESOURCES = 100
batches.MOST_RESOURCES = 200
def report(progress):
    print(progress.resources, flush=True)
running.carry_out(UUID(sys.argv[1]), channel="worker", report=report)
"""


@pytest.mark.slow
@pytest.mark.parametrize("packaging", ["one large file", "many files"])
def test_an_import_that_is_killed_goes_on_where_it_was(practice, fresh_database, packaging):
    everything = people(40, 60)
    contents = (
        [ndjson(everything)]
        if packaging == "one large file"
        else [encoded(bundle(*everything[start : start + 62])) for start in range(0, len(everything), 62)]
    )
    with acting_as(practice.owner):
        run_id = hand_in(
            actor=practice.owner,
            files=[HandedIn(f"{number}.json", [content]) for number, content in enumerate(contents)],
            request_key=uuid7(),
        )
    environment = fresh_database.environment() | {
        "PYTHONPATH": str(Path(__file__).parents[4]),
        "DJANGO_SETTINGS_MODULE": "willowbark.config.settings",
    }
    stored_when_killed = []
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", CARRY_OUT, str(run_id)], env=environment, stdout=subprocess.PIPE, text=True
        ) as worker:
            assert worker.stdout is not None
            deadline = time.monotonic() + 60
            for line in worker.stdout:
                if int(line) >= 700 or time.monotonic() > deadline:
                    os.kill(worker.pid, signal.SIGKILL)
                    break
            assert worker.wait(30) == KILLED
        stored_when_killed.append(counted(fresh_database, "record_observation"))

    carry_out(run_id, channel="worker", read_ahead=False)

    with acting_as(practice.owner):
        report = get_report(practice.owner, run_id)
    assert 0 < stored_when_killed[0] < stored_when_killed[-1] < 2400
    assert report.run.status == "finished"
    assert (report.run.total.read, report.run.total.adds_up) == (len(everything), True)
    assert report.run.total.quarantined == 0
    assert [
        counted(fresh_database, table)
        for table in ("patients_patient", "record_encounter", "record_observation", "interop_fhir_original")
    ] == [40, 40, 2400, len(contents)]
    with psycopg.connect(**fresh_database.owner.libpq()) as connection:
        lost = connection.execute(
            "SELECT count(*) FROM record_observation WHERE encounter_id IS NULL"
        ).fetchone()
    assert lost == (0,)


IMPORT = """
import sys
import django
django.setup()
import resource
from pathlib import Path
from willowbark.interop.fhir.services.running import run_import
from willowbark.practice.selectors import system_actor
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
run_import(actor=system_actor("cli"), paths=[Path(path) for path in sys.argv[1:]])
print(before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def grown_megabytes(clone: Clone, *paths: Path) -> float:
    """By how much an import of these paths makes its process grow at its peak."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORT, *map(str, paths)],
        env=clone.environment()
        | {
            "PYTHONPATH": str(Path(__file__).parents[4]),
            "DJANGO_SETTINGS_MODULE": "willowbark.config.settings",
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    before, after = map(int, done.stdout.split())
    unit = 1_000_000 if sys.platform == "darwin" else 1_000
    return (after - before) / unit


@pytest.mark.slow
def test_a_bundle_of_200_megabytes_needs_a_small_multiple_of_memory(practice, fresh_database, tmp_path):
    remark = [{"text": "x" * 11_000}]
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.write(b'{"resourceType":"Bundle","type":"collection","entry":[')
        file.write(b'{"resource":' + encoded(patient()) + b"}")
        for number in range(18_000):
            made = resource("Observation", id=f"o{number}", valueQuantity={"value": number}, note=remark)
            file.write(b',{"resource":' + encoded(made) + b"}")
        file.write(b"]}")
    assert path.stat().st_size > 200_000_000

    grown = grown_megabytes(fresh_database, path)

    assert counted(fresh_database, "record_observation") == 18_000
    # The file itself is mapped and counts here while it is read; the system may take those pages back.
    assert grown < 2 * 200 + 150, grown
    print(f"grown by {grown:.0f} MB")


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_files(practice, fresh_database, tmp_path):
    history = encoded(bundle(*people(1, 40)))

    def folder(files: int) -> Path:
        made = Path(tmp_path, str(files))
        made.mkdir()
        for number in range(files):
            name = sha256(f"{files}-{number}".encode()).hexdigest()[:12]
            text = history.replace(b"p0", name.encode()).replace(b"Family0", f"Name{name}".encode())
            (made / f"{number}.json").write_bytes(
                text.replace(b"1987-02-20", f"19{number % 90 + 10}-02-20".encode())
            )
        return made

    few = grown_megabytes(fresh_database, folder(50))
    many = grown_megabytes(fresh_database, folder(300))

    assert many < few + 40, (few, many)
