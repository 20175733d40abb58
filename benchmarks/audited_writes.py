"""
Durable audited writes: one result entered by one client after another, and by eight at once.

    python benchmarks/audited_writes.py [--processes 2] [--flush-ms 0 4]

Each write is `POST /api/patients/{id}/observations` through the whole stack: session, roles, row-level security, row
history, access log, outbox, one commit that is on disk before the answer. Bound: eight clients reach at least 2.5
times the rate of one, taken as the median of pairs measured one right after the other. Beside it, the processor
time of one write, by who takes it: with so many milliseconds of it on so many cores, no more writes can be had.

One client waits for the disk at every commit; eight share its waits. What there is to gain is that wait, so the ratio is
told for this machine's disk as it is (0) and for disks that take so many milliseconds longer to keep what they are given:
PostgreSQL then waits before each flush (`commit_delay`, `commit_siblings = 0`), with everything else as it is.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import threading
import time
import uuid
from pathlib import Path
from uuid import UUID

import practice
from practice import Browser, machine, running_practice

CLIENTS = 8
SECONDS = 8.0
PAIRS = 5
BOUND = 2.5


class Writer(Browser):
    """A signed-in client that enters results for one patient."""

    def __init__(self, user_id: UUID, patient_id: UUID) -> None:
        super().__init__()
        self.path = f"/api/patients/{patient_id}/observations"
        self.sign_in(user_id)

    def write(self) -> None:
        """One result, kept durably."""
        said = {
            "code": "2345-7",
            "text": "Glucose",
            "effective_at": "2026-03-01T08:00:00+00:00",
            "value": 95,
            "request_key": str(uuid.uuid4()),
        }
        status, content = self.post_json(self.path, json.dumps(said))
        if status != 201:
            raise RuntimeError(f"the write answered {status}: {content[:200]!r}")


def patients(user_id: UUID, site_id: UUID) -> list[UUID]:
    """A patient for each client."""
    from willowbark.foundation.acting import acting_as
    from willowbark.foundation.ids import uuid7
    from willowbark.patients.services.registration import NewPatient, register_patient
    from willowbark.practice.selectors import actor_for

    made = []
    for number in range(CLIENTS):
        actor = actor_for(user_id, channel="benchmark")
        with acting_as(actor):
            new = NewPatient(family=f"Bench{number}", given="Ann", sex="female", home_site_id=site_id)
            made.append(register_patient(actor=actor, new=new, request_key=uuid7()).pk)
    return made


def rate(writers: list[Writer]) -> tuple[float, float]:
    """Writes a second of all together, and the median milliseconds of one."""
    ends = time.perf_counter() + SECONDS
    taken: list[list[float]] = [[] for _ in writers]

    def work(writer: Writer, mine: list[float]) -> None:
        while (began := time.perf_counter()) < ends:
            writer.write()
            mine.append(time.perf_counter() - began)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(writers, taken, strict=True)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    every = [seconds for mine in taken for seconds in mine]
    return len(every) / SECONDS, statistics.median(every) * 1000


def sync_ms(owner: object) -> float:
    """What one durable commit by itself costs here: the median of 100 writes of one row over the socket."""
    owner.execute("CREATE TEMP TABLE IF NOT EXISTS nothing (n int)")  # type: ignore[attr-defined]
    owner.execute("CREATE TABLE IF NOT EXISTS bench_commit (n int)")  # type: ignore[attr-defined]
    taken = []
    for number in range(100):
        began = time.perf_counter()
        owner.execute("INSERT INTO bench_commit VALUES (%s)", [number])  # type: ignore[attr-defined]
        taken.append(time.perf_counter() - began)
    owner.execute("DROP TABLE bench_commit")  # type: ignore[attr-defined]
    return statistics.median(taken) * 1000


def processor_seconds() -> dict[str, float]:
    """What the processes of this benchmark have taken so far, on Linux: its client, the pages, the database."""
    home, ticks = os.path.realpath(os.environ["WILLOWBARK_DATA"]), os.sysconf("SC_CLK_TCK")
    found = {"client": time.process_time(), "pages": 0.0, "database": 0.0}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            said = process.joinpath("cmdline").read_bytes()
            where = os.readlink(process / "cwd")
            times = process.joinpath("stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        who = "database" if where.startswith(home) else "pages" if str(practice.PORT).encode() in said else ""
        if who and int(process.name) != os.getpid():
            found[who] += (int(times[11]) + int(times[12])) / ticks
    return found


def processor_ms(writers: list[Writer]) -> dict[str, float]:
    """Processor milliseconds of one write, by who takes them, while these write."""
    before = processor_seconds()
    rate_of_all, _ = rate(writers)
    after = processor_seconds()
    return {who: 1000 * (after[who] - before[who]) / (rate_of_all * SECONDS) for who in after}


def slow_flushes(superuser: dict[str, object], flush_ms: float) -> None:
    """Let every flush of the write-ahead log take so much longer, for the whole server."""
    import psycopg

    with psycopg.connect(**superuser, autocommit=True) as server:
        server.execute(f"ALTER SYSTEM SET commit_delay = {round(flush_ms * 1000)}")
        server.execute("ALTER SYSTEM SET commit_siblings = 0")
        server.execute("SELECT pg_reload_conf()")
    time.sleep(1)


def ratio_of_pairs(writers: list[Writer]) -> float:
    """The median of eight clients' rate to one's, told as it comes."""
    ratios = []
    for _ in range(PAIRS):
        one, one_ms = rate(writers[:1])
        many, many_ms = rate(writers)
        ratios.append(many / one)
        print(
            f"  1 client {one:6.1f}/s ({one_ms:.1f} ms)   {CLIENTS} clients {many:6.1f}/s ({many_ms:.1f} ms)"
            f"   ratio {ratios[-1]:.2f}   load {os.getloadavg()[0]:.1f}"
        )
    return statistics.median(ratios)


def measure(processes: int, flushes_ms: list[float]) -> list[float]:
    """The median ratio with so many web processes, for each kind of disk."""
    found = []
    with running_practice(workers=processes) as running:
        ids = patients(running.practitioner_id, running.site_id)
        writers = [Writer(running.practitioner_id, each) for each in ids]
        for writer in writers:
            for _ in range(20):
                writer.write()
        print(f"{processes} web process(es)")
        for those in (writers[:1], writers):
            split = processor_ms(those)
            told = ", ".join(f"{who} {ms:.1f}" for who, ms in split.items())
            print(
                f"  processor ms of a write, {len(those)} client(s): {told}; together {sum(split.values()):.1f}"
            )
        for flush_ms in flushes_ms:
            slow_flushes(running.superuser, flush_ms)
            print(
                f" a flush takes {flush_ms:g} ms longer; a commit alone {sync_ms(running.owner_connection):.2f} ms"
            )
            found.append(ratio_of_pairs(writers))
            print(f"  median ratio {found[-1]:.2f}")
    return found


def asked() -> argparse.Namespace:
    """The command's options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--processes", type=int, default=2, help="web processes")
    parser.add_argument(
        "--flush-ms", type=float, nargs="+", default=[0, 4], help="how much longer a flush takes"
    )
    return parser.parse_args()


if __name__ == "__main__":
    print(machine(), f"port {practice.PORT}")
    options = asked()
    sys.exit(0 if min(measure(options.processes, options.flush_ms)) >= BOUND else 1)
