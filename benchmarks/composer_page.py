"""
How long the composer's page takes to a patient's first plan, to a decision by hand, and to a what-if as a control is
moved: p50, p95, longest.

    PYTHONPATH=src .venv/bin/python benchmarks/composer_page.py [--moves 60] [--patients 20]

A practice of the tests with the demo's catalog, on the tests' own PostgreSQL: somebody who takes five medicines, and four
Master Protocols at once. Each answer goes through the whole stack of the application but the network and the browser: the
record is read and logged, the problem written, a first plan found, checked against every rule, kept and shown. What is not
proven by then is asked for again, and timed as the proof. The process has read ahead what a web server's has.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time

from practice import machine, p95, practice_of_tests

MEDICINES = (
    "Levothyroxine Sodium 0.075 MG Oral Tablet",
    "Warfarin Sodium 5 MG Oral Tablet",
    "Metformin hydrochloride 500 MG Oral Tablet",
    "Simvastatin 10 MG Oral Tablet",
    "Lisinopril 10 MG Oral Tablet",
)
MASTERS = ["thyroid_support", "bone_health", "metabolic_health", "restorative_sleep"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--moves", type=int, default=60)
    parser.add_argument("--patients", type=int, default=20)
    asked = parser.parse_args()
    with practice_of_tests():
        import willowbark.config.wsgi  # noqa: F401 - as a web server begins

        measured(asked.moves, asked.patients)
    print(f"{machine()}, load {os.getloadavg()[0]:.1f}")


def measured(moves: int, patients: int) -> None:
    """Print what first plans, decisions, what-ifs and proofs took."""
    from django.urls import reverse

    from willowbark.catalog.testing import load_demo_products
    from willowbark.foundation.acting import acting_as
    from willowbark.kernel.partial_date import parse_partial_date
    from willowbark.patients.testing import make_patient, put_into_care
    from willowbark.practice.testing import make_practice, signed_in
    from willowbark.protocols.selectors.drafts import open_draft_of
    from willowbark.protocols.selectors.freshness import last_composition
    from willowbark.protocols.services.drafts import open_draft
    from willowbark.record.testing import make_entry

    practice = make_practice()
    load_demo_products(practice.owner)
    me = practice.practitioner
    client, headers = signed_in(me), {"HX-Request": "true", "HX-Target": "composer"}
    firsts: list[tuple[float, float]] = []
    first_proofs: list[tuple[float, float]] = []
    for _ in range(patients + 1):
        patient = make_patient(practice, birth_date=parse_partial_date("1970-05-05")).pk
        put_into_care(practice, patient, me)
        for text in MEDICINES:
            make_entry(me, patient, "medication", text=text)
        with acting_as(me) as actor:
            draft = open_draft(actor=actor, patient_id=patient).id
        choose, prove = (reverse(f"protocols:{name}", args=[patient]) for name in ("choose", "prove"))
        page = timed(firsts, client.post, choose, {"draft": str(draft), "master": MASTERS}, headers=headers)
        if prove in page:
            timed(first_proofs, client.post, prove, {"draft": str(draft)}, headers=headers)
    # The first of all also compiled the templates.
    firsts, first_proofs = firsts[1:], first_proofs[1:]
    with acting_as(me) as actor:
        found = open_draft_of(actor, patient)
        assert found is not None
        view, _ = last_composition(actor, found)
        assert view is not None
    print(f"{len(view.problem.products)} products, {len(view.problem.targets)} targets")
    adjust, decide = (reverse(f"protocols:{name}", args=[patient]) for name in ("adjust", "decide"))
    what_if = reverse("protocols:what_if", args=[patient, view.id])
    keys = [line.product for line in view.plan.lines]
    decisions: list[tuple[float, float]] = []
    proofs: list[tuple[float, float]] = []
    tried: list[tuple[float, float]] = []
    tried_proofs: list[tuple[float, float]] = []

    for move in range(moves):
        said = {"draft": str(draft)}
        if move % 3 == 0:
            to = {"do": "exclude" if move % 2 else "free", "product": keys[move // 6 % len(keys)]}
            page = timed(decisions, client.post, decide, said | to, headers=headers)
        else:
            to = {"part": "bounds", "most_units": str(8 + move % 11), "most_cost": str(120 + 7 * (move % 40))}
            page = timed(decisions, client.post, adjust, said | to, headers=headers)
        if prove in page:
            timed(proofs, client.post, prove, said, headers=headers)
        asked = {"most_units": str(5 + move % 14), "most_cost": str(60 + 5 * (move % 50))}
        first = timed(tried, client.get, what_if, asked)
        if "until=proven" in first:
            timed(tried_proofs, client.get, what_if, asked | {"until": "proven"})
    for name, taken in (
        ("the first plan of a patient, on the page", firsts),
        ("its proof, when it came later", first_proofs),
        ("a decision by hand, on the page", decisions),
        ("its proof, when it came later", proofs),
        ("a what-if as a control moves", tried),
        ("its proof, when it came later", tried_proofs),
    ):
        if len(taken) < 2:
            print(f"{name}: {len(taken)}")
            continue
        said_ms = [
            f"p50 {1000 * statistics.median(one):.0f}, p95 {1000 * p95(one):.0f}, longest {1000 * max(one):.0f}"
            for one in ([each[0] for each in taken], [each[1] for each in taken])
        ]
        print(f"{name} ({len(taken)}): ms of processor {said_ms[0]}; by the clock {said_ms[1]}")


def timed(into: list[tuple[float, float]], act, *given, **more) -> str:  # type: ignore[no-untyped-def]
    """Add the seconds of processor and clock that a request took; return the page."""
    began, computed = time.perf_counter(), time.process_time()
    answer = act(*given, **more)
    into.append((time.process_time() - computed, time.perf_counter() - began))
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


if __name__ == "__main__":
    main()
