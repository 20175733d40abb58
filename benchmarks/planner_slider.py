"""
How long the server takes to answer a slider of the planner: p50, p95 and the longest.

    PYTHONPATH=src .venv/bin/python benchmarks/planner_slider.py [--moves 300]

A practice of the tests, on the tests' own PostgreSQL; each move asks for the answer as a browser does, through the
whole stack of the application but the network, from the practice's own figures, which are counted anew each time.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time

from practice import practice_of_tests

TARGET_MS = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--moves", type=int, default=300)
    moves = parser.parse_args().moves
    with practice_of_tests():
        moved = measured(moves)
    taken, computed = (sorted(one[at] for one in moved) for at in (0, 1))
    p95, p95_computed = (statistics.quantiles(one, n=20)[-1] for one in (taken, computed))
    print(
        f"{moves} moves: p50 {statistics.median(taken):.1f} ms, p95 {p95:.1f} ms, longest {taken[-1]:.1f} ms"
    )
    print(f"of it computing: p50 {statistics.median(computed):.1f} ms, p95 {p95_computed:.1f} ms")
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"target p95 {TARGET_MS} ms: {'met' if p95 < TARGET_MS else 'MISSED'}")


def measured(moves: int) -> list[tuple[float, float]]:
    """Milliseconds of each move, on the clock and of this process's own computing."""
    from willowbark.patients.testing import make_patient, put_into_care
    from willowbark.practice.testing import make_practice, signed_in

    practice = make_practice()
    for _ in range(50):
        put_into_care(practice, make_patient(practice).pk, practice.practitioner)
    client = signed_in(practice.owner)
    asked = {"HX-Request": "true", "HX-Target": "planner-answer"}
    taken = []
    for move in range(moves + 20):
        said = {"own": "1", "practice.active_patients": str(200 + 5 * (move % 200)), "switches": "1"}
        began, computed = time.perf_counter(), time.process_time()
        answer = client.get("/planner", said, headers=asked)
        taken.append((1000 * (time.perf_counter() - began), 1000 * (time.process_time() - computed)))
        assert answer.status_code == 200, answer.status_code
    return taken[20:]


if __name__ == "__main__":
    main()
