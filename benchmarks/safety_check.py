"""
The safety check of one patient who takes 15 drugs and 20 supplements, against one record read, in one run.

    python benchmarks/safety_check.py

Two checks, taking turns with the reads so that a busy machine hits them alike:

- the checker: `POST /api/knowledge/check` with the lists, over HTTP on a kept connection, as an integration asks;
- the record: `recheck` of a patient with all of it in the record and a signed protocol, as the worker does after
  each change: permission, access log, record, rules, ranks, concerns, commit; in this process.

Bound: each with a p95 of at most 3 times that of one record read.
"""

from __future__ import annotations

import json
import sys
from typing import Any
from uuid import UUID

from practice import Browser, digest, machine, p95, running_practice, seconds_of

RUNS = 300
BOUND = 3.0
DRUGS = (
    "Metformin hydrochloride 500 MG Oral Tablet",
    "Levothyroxine Sodium 0.075 MG Oral Tablet",
    "Simvastatin 10 MG Oral Tablet",
    "lisinopril 10 MG Oral Tablet",
    "Sertraline 50 MG Oral Tablet",
    "Warfarin Sodium 5 MG Oral Tablet",
    "Omeprazole 20 MG Delayed Release Oral Capsule",
    "Amlodipine 5 MG Oral Tablet",
    "Hydrochlorothiazide 25 MG Oral Tablet",
    "Furosemide 40 MG Oral Tablet",
    "Alendronic acid 70 MG Oral Tablet",
    "Gabapentin 300 MG Oral Capsule",
    "Digoxin 0.125 MG Oral Tablet",
    "Prednisone 5 MG Oral Tablet",
    "Ciprofloxacin 500 MG Oral Tablet",
)
SUPPLEMENTS = (
    "Magnesium bisglycinate 200 mg",
    "Vitamin D3 2000 IU",
    "Zinc picolinate 15 mg",
    "Iron bisglycinate 25 mg",
    "Calcium citrate 500 mg",
    "Vitamin K2 100 mcg",
    "Fish oil 1000 mg",
    "St. John's wort 300 mg",
    "Curcumin 500 mg",
    "Berberine 500 mg",
    "5-HTP 100 mg",
    "Ginkgo biloba 120 mg",
    "Melatonin 3 mg",
    "CoQ10 100 mg",
    "Vitamin C 500 mg",
    "Vitamin B12 1000 mcg",
    "Folate 400 mcg",
    "Ashwagandha 300 mg",
    "Green tea extract 400 mg",
    "N-acetylcysteine 600 mg",
)


def main() -> None:
    with running_practice() as practice:
        patient_id = fill(practice)
        browser = Browser()
        browser.sign_in(practice.practitioner_id)
        asked = json.dumps({"drugs": DRUGS, "supplements": SUPPLEMENTS, "age_years": 56})
        found: dict[str, int] = {}

        def read(_number: int) -> None:
            expect(*browser.get(f"/api/patients/{patient_id}"))

        def check(_number: int) -> None:
            content = expect(*browser.post_json("/api/knowledge/check", asked))
            found["findings"] = len(json.loads(content)["findings"])

        def look(_number: int) -> None:
            recheck(patient_id)

        acts = {"one record read": read, "the checker": check, "the record": look}
        seconds: dict[str, list[float]] = {name: [] for name in acts}
        for act in acts.values():
            seconds_of(act, 20)
        for _ in range(RUNS):
            for name, act in acts.items():
                seconds[name] += seconds_of(act, 1)
        at = {name: p95(taken) for name, taken in seconds.items()}
        ratios = {
            name: round(at[name] / at["one record read"], 2) for name in acts if name != "one record read"
        }
        result: dict[str, Any] = {
            "benchmark": "safety_check",
            "input": digest(asked),
            "p95_ms": {name: round(value * 1000, 1) for name, value in at.items()},
            "ratios": ratios,
            "bound": BOUND,
            **found,
            "concerns": concerns(patient_id),
            "machine": machine(),
        }
        print(json.dumps(result))
        sys.exit(0 if max(ratios.values()) <= BOUND else 1)


def expect(status: int, content: bytes) -> bytes:
    if status != 200:
        raise RuntimeError(f"answered {status}: {content[:200]!r}")
    return content


def fill(practice: Any) -> UUID:
    """A patient with a protocol that was signed before any of it was taken."""
    from willowbark.catalog.testing import load_demo_products
    from willowbark.foundation.acting import acting_as
    from willowbark.foundation.ids import uuid7
    from willowbark.kernel.partial_date import parse_partial_date
    from willowbark.patients.services.registration import NewPatient, register_patient
    from willowbark.practice.selectors import actor_for
    from willowbark.protocols.testing import make_protocol
    from willowbark.record.testing import make_entry

    (owner_id,) = practice.owner_connection.execute(
        "SELECT id FROM foundation_user WHERE email = 'owner@benchmark.example'"
    ).fetchone()
    load_demo_products(actor_for(owner_id, channel="benchmark"))
    actor = actor_for(practice.practitioner_id, channel="benchmark")
    with acting_as(actor):
        new = NewPatient(
            family="Bench",
            given="Ann",
            sex="female",
            birth_date=parse_partial_date("1970-05-05"),
            home_site_id=practice.site_id,
        )
        patient_id = register_patient(actor=actor, new=new, request_key=uuid7()).pk
    make_protocol(actor, patient_id, ("bone_health",))
    for kind, texts in (("drug", DRUGS), ("supplement", SUPPLEMENTS)):
        for text in texts:
            make_entry(actor, patient_id, "medication", text=text, kind=kind, dosage_text="1 daily")
    return patient_id


def recheck(patient_id: UUID) -> None:
    """As the worker does after each change."""
    from willowbark.foundation.acting import acting_as
    from willowbark.practice.selectors import system_actor
    from willowbark.protocols.services.rechecking import recheck as look_again

    with acting_as(system_actor("benchmark")) as actor:
        look_again(actor=actor, patient_id=patient_id)


def concerns(patient_id: UUID) -> int:
    """How many the record gave."""
    from willowbark.foundation.acting import acting_as
    from willowbark.practice.selectors import system_actor
    from willowbark.protocols.models import ProtocolConcern

    with acting_as(system_actor("benchmark")):
        return ProtocolConcern.objects.filter(patient=patient_id).count()


if __name__ == "__main__":
    main()
