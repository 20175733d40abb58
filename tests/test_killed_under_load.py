"""
A running practice whose database, worker and pages are killed in turn while results are being written.

What a user loses when this fails: a result that the practice said it had.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID, uuid4

import psutil
import psycopg
import pytest

from willowbark.foundation import database

PASSWORD = "a long password for a test"
EMAIL = "owner@killed.example"
SOURCES = Path(__file__).resolve().parents[1] / "src"
RECOVERS_WITHIN_SECONDS = 60

# Opens the practice with someone who writes results, and prints the ids that the test needs.
OPEN = """
import django
django.setup()
from uuid import uuid4
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Reach
from willowbark.patients.services.registration import NewPatient, register_patient
from willowbark.practice import services
from willowbark.practice.selectors import actor_for
opened = services.open_practice(name="Killed", jurisdiction="US", time_zone="UTC", site_name="Main",
    owner_name="Owner", owner_email="owner@killed.example", owner_password={password!r})
with acting_as(opened.owner) as owner:
    staff = services.add_staff(actor=owner, name="Dr. Writes", email="dr@killed.example",
        password={password!r})
    services.assign_role(actor=owner, staff_id=staff.pk, role="senior_practitioner", reach=Reach.SITE,
        site_id=opened.site_id)
with acting_as(actor_for(staff.user_id, channel="test")) as actor:
    new = NewPatient(family="Loaded", given="Lou", sex="other", home_site_id=opened.site_id)
    print(register_patient(actor=actor, new=new, request_key=uuid4()).pk)
"""


class Client:
    """One signed-in person's connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    def ask(
        self, method: str, path: str, body: str = "", kind: str = "application/json"
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("localhost", self.port, timeout=20)
        headers = {
            "Content-Type": kind,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-CSRFToken": self.cookies.get("willowbark_csrf", ""),
        }
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return answer.status, content

    def sign_in(self) -> None:
        self.ask("GET", "/sign-in")
        form = urlencode({"email": "dr@killed.example", "password": PASSWORD})
        status, _ = self.ask("POST", "/sign-in", form, "application/x-www-form-urlencoded")
        assert status == 302


class Load:
    """Threads that write one result after another; each remembers what was acknowledged."""

    def __init__(self, port: int, patient_id: UUID) -> None:
        self.acknowledged: set[str] = set()
        self.failed = 0
        self._stop = threading.Event()
        self._lock = threading.Lock()
        # Signed in before anything is killed: what is measured is writing.
        clients = [Client(port) for _ in range(4)]
        for client in clients:
            client.sign_in()
        self._threads = [threading.Thread(target=self._write, args=(each, patient_id)) for each in clients]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _write(self, client: Client, patient_id: UUID) -> None:
        key = uuid4()
        while not self._stop.is_set():
            status, content = self._once(client, patient_id, key)
            if status == 201:
                with self._lock:
                    self.acknowledged.add(json.loads(content)["id"])
                key = uuid4()
            else:
                # Not acknowledged: the same request comes again, as a careful client's would.
                with self._lock:
                    self.failed += 1
                time.sleep(0.1)

    def _once(self, client: Client, patient_id: UUID, key: UUID) -> tuple[int, bytes]:
        body = {
            "code": "2345-7",
            "text": "Glucose",
            "effective_at": "2026-01-05T08:00:00Z",
            "value": "5.10",
            "unit": "mmol/L",
            "request_key": str(key),
        }
        try:
            return client.ask("POST", f"/api/patients/{patient_id}/observations", json.dumps(body))
        except (OSError, http.client.HTTPException):
            return 0, b""

    def goes_on(self) -> None:
        """Wait until something more is acknowledged."""
        known = len(self.acknowledged)
        until(lambda: len(self.acknowledged) > known + 5)


def until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + RECOVERS_WITHIN_SECONDS
    while not holds():
        assert time.monotonic() < ends, "it did not recover by itself"
        time.sleep(0.1)


@pytest.fixture
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, UUID, psutil.Process, Path]]:
    data = Path("/var/tmp") / f"willow-killed-{os.getpid()}-{uuid4().hex[:8]}"
    data.mkdir(mode=0o755)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("WILLOWBARK_")},
        "WILLOWBARK_DATA": str(data / "data"),
        "PYTHONPATH": str(SOURCES),
        "DJANGO_SETTINGS_MODULE": "willowbark.config.settings",
        "WILLOWBARK_LOG_LEVEL": "ERROR",
    }
    log = (data / "log").open("w")
    served = subprocess.Popen(
        [sys.executable, "-m", "willowbark", "up", "--port", str(port)],
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        until(lambda: served.poll() is not None or answers(port))
        assert served.poll() is None, (data / "log").read_text()
        opened = subprocess.run(
            [sys.executable, "-c", OPEN.format(password=PASSWORD)],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        yield port, UUID(opened.stdout.strip()), psutil.Process(served.pid), data / "data"
    finally:
        served.send_signal(signal.SIGTERM)
        served.wait(60)
        log.close()
        subprocess.run(["rm", "-rf", str(data)], check=False)


def answers(port: int) -> bool:
    try:
        return Client(port).ask("GET", "/health/ready")[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def kill(served: psutil.Process, is_wanted: Callable[[str], bool]) -> int:
    """Kill -9 every descendant whose command line is wanted; how many there were."""
    killed = 0
    for process in served.children(recursive=True):
        try:
            line = " ".join(process.cmdline())
            if is_wanted(line):
                process.kill()
                killed += 1
        except psutil.NoSuchProcess:
            continue
    return killed


def kill_database(data: Path) -> None:
    (pid_file,) = data.rglob("postmaster.pid")
    os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)


@pytest.mark.slow
def test_what_was_acknowledged_survives_the_death_of_database_worker_and_pages(practice, monkeypatch):
    port, patient_id, served, data = practice
    with Load(port, patient_id) as load:
        load.goes_on()
        kill_database(data)
        load.goes_on()
        assert kill(served, lambda line: line.endswith("willowbark worker"))
        load.goes_on()
        assert kill(served, lambda line: "willowbark web" in line)
        load.goes_on()
        kill_database(data)
        load.goes_on()

    monkeypatch.setenv("WILLOWBARK_DATA", str(data))
    monkeypatch.delenv("WILLOWBARK_DATABASE", raising=False)
    settings = database.DatabaseSettings.from_environment({"WILLOWBARK_DATA": str(data)})
    owner = database.current("owner", settings=settings)
    with psycopg.connect(**owner.libpq(), autocommit=True) as connection:
        rows = connection.execute("SELECT id::text FROM record_observation").fetchall()
        kept = {row[0] for row in rows}
        assert load.acknowledged <= kept
        # Whatever was written without its answer arriving was one of the four threads' last tries.
        assert len(kept - load.acknowledged) <= 4
        assert load.failed > 0, "nothing was ever interrupted: this test tested nothing"
        until(lambda: waiting(connection) == 0)
        assert connection.execute("SELECT count(*) FROM foundation_undelivered").fetchone() == (0,)
        histories = connection.execute(
            "SELECT count(*) FROM foundation_patienthistory WHERE table_name = 'record_observation'"
        ).fetchone()
        assert histories == (len(kept),)


def waiting(connection: psycopg.Connection[tuple[int]]) -> int:
    row = connection.execute(
        "SELECT count(*) FROM foundation_subscription s JOIN foundation_outboxmessage m"
        " ON m.name = split_part(s.handler, ':', 2)"
        " AND (m.transaction, m.id) > (s.transaction, coalesce(s.message_id, %s))",
        [UUID(int=0)],
    ).fetchone()
    assert row is not None
    return row[0]
