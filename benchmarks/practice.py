"""A practice to measure: its own data folder, durable settings, a real web server on loopback."""

from __future__ import annotations

import hashlib
import http.client
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

HERE = Path(__file__).resolve().parent
SOURCES = HERE.parent / "src"
PORT = 8731
sys.path.insert(0, str(SOURCES))


@dataclass(frozen=True, slots=True)
class Practice:
    """A running practice. `owner_connection` is psycopg's, as the owner of the tables; `superuser` is how to set the server."""

    site_id: UUID
    practitioner_id: UUID
    owner_connection: object
    superuser: dict[str, object]
    port: int


@contextmanager
def running_practice(*, workers: int = 1) -> Iterator[Practice]:
    """Make an empty practice with one senior practitioner, and serve it by so many processes, for the block."""
    with folder_for_server() as folder:
        os.environ["WILLOWBARK_DATA"] = f"{folder}/data"
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willowbark.config.settings")
        os.environ["WILLOWBARK_LOG_LEVEL"] = "ERROR"
        import psycopg

        from willowbark.foundation import database

        with database.open_database() as opened:
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
            subprocess.run(
                [sys.executable, "-m", "django", "migrate", "-v0"],
                env={**environment, "WILLOWBARK_DB_ROLE": "owner"},
                check=True,
            )
            site_id, practitioner_id = _open()
            with (
                psycopg.connect(**opened.owner.libpq(), autocommit=True) as owner,
                _served(environment, workers),
            ):
                superuser = opened.embedded.params("superuser").libpq()
                yield Practice(site_id, practitioner_id, owner, superuser, PORT)
            from django.db import connection

            connection.close()
            connection.close_pool()


@contextmanager
def practice_of_tests() -> Iterator[None]:
    """Django on a database of the tests' own server, for the block: nothing durable, no web server."""
    from willowbark.foundation import testing_database as databases

    databases.use_test_data()
    os.environ["DJANGO_SETTINGS_MODULE"] = "willowbark.config.settings"
    import logging

    import django

    django.setup()
    logging.disable(logging.INFO)
    from django.test.utils import setup_test_environment

    setup_test_environment()
    with databases.server_for_tests() as server:
        clone = server.clone(server.template(databases.migrate_with_django))
        try:
            with databases.default_connection_to(clone.app):
                yield
        finally:
            server.drop(clone.name)


@contextmanager
def folder_for_server() -> Iterator[str]:
    """A folder that the server's own account can reach; gone once the server has let go of it."""
    folder = tempfile.mkdtemp(prefix="willow-benchmark-", dir="/var/tmp")
    os.chmod(folder, 0o755)
    try:
        yield folder
    finally:
        for _ in range(50):
            shutil.rmtree(folder, ignore_errors=True)
            if not os.path.exists(folder):
                break
            time.sleep(0.2)


def _open() -> tuple[UUID, UUID]:
    import django

    django.setup()
    from willowbark.foundation.acting import acting_as
    from willowbark.foundation.authorisation import Reach
    from willowbark.practice import services

    opened = services.open_practice(
        name="Benchmark",
        jurisdiction="US",
        time_zone="UTC",
        site_name="Main",
        owner_name="Owner",
        owner_email="owner@benchmark.example",
        owner_password="a benchmark's long password",
        is_demo=True,
    )
    with acting_as(opened.owner) as owner:
        staff = services.add_staff(
            actor=owner, name="Dr. Bench", email="bench@benchmark.example", password=None
        )
        services.assign_role(
            actor=owner,
            staff_id=staff.pk,
            role="senior_practitioner",
            reach=Reach.SITE,
            site_id=opened.site_id,
        )
    return opened.site_id, staff.user_id


@contextmanager
def _served(environment: dict[str, str], workers: int) -> Iterator[None]:
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(PORT),
        "--workers", str(workers), "--blocking-threads", "16", "--no-access-log", "--log-level", "error",
        "willowbark.config.wsgi:application",
    ]  # fmt: skip
    server = subprocess.Popen(command, env=environment)
    try:
        _wait_for_answer()
        yield
    finally:
        server.terminate()
        server.wait(20)


def _wait_for_answer() -> None:
    ends = time.monotonic() + 120
    while time.monotonic() < ends:
        try:
            if Browser().get("/health/alive")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the web server did not answer")


class Browser:
    """One keep-alive connection with a session's cookies."""

    def __init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body."""
        return self._ask("GET", path, None)

    def post(self, path: str, **fields: str) -> tuple[int, bytes]:
        """Status and body; the form's token comes along."""
        return self._ask("POST", path, urlencode(fields))

    def post_json(self, path: str, body: str) -> tuple[int, bytes]:
        """Status and body of a call of the API."""
        return self._ask("POST", path, body, "application/json")

    def sign_in(self, user_id: UUID) -> None:
        """Through a demo's door."""
        self.get("/sign-in")
        status, _ = self.post("/sign-in/demo", person_id=str(user_id))
        if status != 302:
            raise RuntimeError(f"sign-in answered {status}")

    def _ask(
        self, method: str, path: str, body: str | None, kind: str = "application/x-www-form-urlencoded"
    ) -> tuple[int, bytes]:
        headers = {"Host": "localhost"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers["Content-Type"] = kind
            headers["X-CSRFToken"] = self.cookies.get("willowbark_csrf", "")
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return answer.status, content


def seconds_of(act: Callable[[int], None], times: int) -> list[float]:
    """How long each of `times` runs took, in seconds."""
    taken = []
    for number in range(times):
        started = time.perf_counter()
        act(number)
        taken.append(time.perf_counter() - started)
    return taken


def p95(seconds: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(seconds, n=20)[18]


def machine() -> str:
    """What this ran on."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def digest(text: str) -> str:
    """A short hash of an input, to know it again."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
