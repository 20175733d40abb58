"""
The demo as its visitor waits for it: from the command to a page that answers, first in a new data folder, then again.

    python benchmarks/demo.py [PATIENTS]

It runs `./willow demo` itself, with the environment in place, and asks for the first page until it is there. Bounds: 60 s
for the first start, 8 s for the next.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from practice import folder_for_server, machine

PATIENTS = 1000
BOUNDS_S = {"first": 60, "again": 8}
REPOSITORY = Path(__file__).resolve().parents[1]


def main() -> None:
    """Start it twice, and print both times."""
    patients = int(sys.argv[1]) if len(sys.argv) > 1 else PATIENTS
    with folder_for_server() as folder:
        seconds = {name: _seconds_to_a_page(Path(folder) / "data", patients) for name in BOUNDS_S}
    for name, taken in seconds.items():
        print(f"{name:>6} {taken:6.1f} s  (bound {BOUNDS_S[name]})", file=sys.stderr)
    print(
        json.dumps(
            {"patients": patients, "seconds": seconds, "bounds": BOUNDS_S, "machine": machine()}, indent=1
        )
    )


def _seconds_to_a_page(data: Path, patients: int) -> float:
    started = time.monotonic()
    running = subprocess.Popen(
        [REPOSITORY / "willow", "demo", "--patients", str(patients), "--no-browser"],
        env={**os.environ, "WILLOWBARK_DATA": str(data)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _wait_for_page(_address_said_by(running))
        return round(time.monotonic() - started, 2)
    finally:
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=60)


def _address_said_by(running: subprocess.Popen[str]) -> str:
    assert running.stderr is not None
    for line in running.stderr:
        _, is_said, address = line.partition("The demo is open: ")
        if is_said:
            return address.strip()
    raise SystemExit("the demo ended before it was open")


def _wait_for_page(address: str) -> None:
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as page:
                if page.status == 200:
                    return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.05)


if __name__ == "__main__":
    main()
