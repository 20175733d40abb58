"""
A new interaction against protocols in force: 1,000 in the database, 1,000,000 as columns in memory.

    python benchmarks/recheck.py

A demo catalog, 1,000 patients with drugs and problems of a seeded draw, and 1,000 protocols that are composed, signed
and stored as the demo's are. Everybody was checked against the release before. Then a release with one interaction
more comes, between an ingredient that all these protocols hold and a drug, and the worker's
own task runs: find whom it touches, read their records, look, file the tasks, all committed. It is measured for a drug
that some take, for one that everybody takes, and for a caution, for which what the signer was told is read too.

The columns of those 1,000 protocols, drawn from at random until there are 1,000,000 rows, are then asked for the same
interactions. The bound is on reading every column once (its sum), in the same run.

Bounds: under 2 s to the last task filed; at most 10 times the time to read the columns once.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import numpy as np
from practice import digest, machine, running_practice

SEED = 20261122
PROTOCOLS = 1_000
ROWS = 1_000_000
ROUNDS = 5
BOUND_S = 2.0
BOUND_READS = 10.0
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
)
EVERYBODY = "Acetaminophen 325 MG Oral Tablet"
PROBLEMS = ("Hypertension", "Hypothyroidism", "Migraine", "Asthma", "Type 2 diabetes", "Anxiety", "Insomnia")
MASTERS = ("restorative_sleep", "thyroid_support", "metabolic_health", "bone_health")
# What the new interaction is with, and what it asks for.
CASES = {
    "some, to avoid": ("warfarin", "avoid"),
    "everybody, to avoid": ("acetaminophen", "avoid"),
    "everybody, to watch": ("acetaminophen", "monitor"),
}


def main() -> None:
    with running_practice() as practice:
        fill(practice)
        columns = in_memory()
        filed = in_the_database()
    result = {
        "benchmark": "recheck",
        "input": digest(f"{SEED}{PROTOCOLS}{ROWS}{DRUGS}{PROBLEMS}{MASTERS}"),
        "protocols": PROTOCOLS,
        "in_the_database": filed,
        "bound_s": BOUND_S,
        "in_memory": columns,
        "bound_reads": BOUND_READS,
        "machine": machine(),
    }
    print(json.dumps(result))
    met = all(each["seconds"] < BOUND_S for each in filed.values())
    met = met and all(each["reads"] <= BOUND_READS for each in columns["asked"].values())
    sys.exit(0 if met else 1)


def fill(practice: Any) -> None:
    """A catalog, patients, records and signed protocols, by services in bulk; all of it checked once."""
    from willowbark.catalog.testing import load_demo_products
    from willowbark.practice.selectors import actor_for
    from willowbark.protocols.tasks import recheck_release

    owner = actor_for(owner_id(practice), channel="benchmark")
    load_demo_products(owner)
    people = insert_patients(practice)
    insert_records(practice, people)
    actor = actor_for(practice.practitioner_id, channel="benchmark")
    sign_all(actor, people)
    practice.owner_connection.execute("VACUUM ANALYZE")
    recheck_release(0)


def owner_id(practice: Any) -> UUID:
    return practice.owner_connection.execute(
        "SELECT id FROM foundation_user WHERE email = 'owner@benchmark.example'"
    ).fetchone()[0]


def insert_patients(practice: Any) -> list[UUID]:
    rows = practice.owner_connection.execute(
        """
        INSERT INTO patients_patient (id, home_site_id, family, given, prefix, birth_date, birth_date_precision, sex,
          language, source_kind, recorded_by_id, recorded_at, name_key)
        SELECT uuidv7(), %(site)s, 'Bench', n::text, '', date '1950-01-01' + n * 17 %% 18000, 'day', 'female', '',
          'staff', %(user)s, now(), ' bench'
        FROM generate_series(1, %(count)s) n RETURNING id
        """,
        {"site": practice.site_id, "user": practice.practitioner_id, "count": PROTOCOLS},
    ).fetchall()
    return [patient_id for (patient_id,) in rows]


def insert_records(practice: Any, people: list[UUID]) -> None:
    """Three drugs and two problems of each, and one drug that everybody takes."""
    from willowbark.foundation.clock import now
    from willowbark.foundation.ids import uuid7

    draw = random.Random(SEED)
    common = ("effective_at", "effective_precision", "code_system", "code", "text", "source_kind")
    shared = (now(), "instant", "", "")

    def copy(table: str, columns: dict[str, Any], texts: Callable[[], list[str]]) -> None:
        names = (
            "id",
            "patient_id",
            *common,
            "author_name",
            "recorded_by_id",
            "recorded_at",
            "void_reason",
            *columns,
        )
        with (
            practice.owner_connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as out,
        ):
            for patient_id in people:
                for text in texts():
                    said = (
                        *shared,
                        text,
                        "staff",
                        "",
                        practice.practitioner_id,
                        now(),
                        "",
                        *columns.values(),
                    )
                    out.write_row((uuid7(), patient_id, *said))

    drug = {
        "kind": "drug",
        "status": "active",
        "intent": "",
        "dosage_text": "1 tablet daily",
        "dose_unit": "",
    }
    drug |= {"as_needed": False, "reason_text": ""}
    copy("record_medication", drug, lambda: [EVERYBODY, *draw.sample(DRUGS, 3)])
    problem = {
        "clinical_status": "active",
        "verification_status": "confirmed",
        "category": "",
        "abated_precision": "",
    }
    copy("record_condition", problem, lambda: draw.sample(PROBLEMS, 2))


def sign_all(actor: Any, people: list[UUID]) -> None:
    """Compose and sign for each, as the demo does in bulk; the same problem is solved once."""
    from willowbark.catalog.selectors import products
    from willowbark.foundation.acting import acting_as
    from willowbark.foundation.clock import now
    from willowbark.foundation.ids import uuid7
    from willowbark.protocols.core.notices import Weight
    from willowbark.protocols.services import bulk

    draw, solutions = random.Random(SEED + 1), bulk.Solutions()
    for start in range(0, len(people), 100):
        with acting_as(actor.on("benchmark")) as acting:
            offered, prepared = products(acting), []
            for patient_id in people[start : start + 100]:
                reading = bulk.read_for_composing(acting, patient_id)
                draft = bulk.prepare_draft(acting, reading, [draw.choice(MASTERS)])
                one = bulk.prepare_composition(
                    acting, draft, reading, offered=offered, stock={}, solutions=solutions
                )
                words = {each.key: "Considered" for each in one.review if each.weight is Weight.ASK}
                bulk.prepare_signature(acting, one, words, starts_on=now().date(), request_key=uuid7())
                prepared.append(one)
            bulk.store_prepared(actor=acting, prepared=prepared)


def released(cases: list[str]) -> Any:
    """The release in force with the new interactions of these cases, of magnesium."""
    from willowbark.knowledge.selectors import release

    known = release()
    like = next(
        each for each in known.interactions if each.other_kind == "drug" and each.management == "avoid"
    )
    new = [
        replace(
            like,
            key=key_of(case),
            subject="magnesium",
            other_key=drug,
            severity="major",
            management=management,
        )
        for case in cases
        for drug, management in [CASES[case]]
    ]
    return replace(known, id=digest(repr(cases)) * 5 + "0000", interactions=(*known.interactions, *new))


def key_of(case: str) -> str:
    return f"new.{'.'.join(CASES[case])}"


def in_the_database() -> dict[str, Any]:
    """Publish one interaction after the other, run the worker's task, count the tasks that it filed."""
    from willowbark.protocols.services import rechecking, releases
    from willowbark.protocols.tasks import recheck_release

    found = {}
    for number, case in enumerate(CASES, start=1):
        new = released(list(CASES)[:number])
        for module in (rechecking, releases):
            module.release_in_force = lambda new=new: new
        before = tasks()
        began = time.perf_counter()
        recheck_release(0)
        found[case] = {"seconds": round(time.perf_counter() - began, 2), "tasks": tasks() - before}
    return found


def tasks() -> int:
    from willowbark.foundation.acting import acting_as
    from willowbark.practice.selectors import system_actor
    from willowbark.worklist.models import Task

    with acting_as(system_actor("benchmark")):
        return Task.objects.filter(kind="recheck", state="open").count()


def in_memory() -> dict[str, Any]:
    """The columns of those protocols, drawn from until there are a million; asked, and read once."""
    from willowbark.protocols.core.columns import Column, Columns, touched

    few = columns_of_practice()
    draw = np.random.default_rng(SEED)
    held, known = (repeated(each, few.row_count, draw) for each in (few.held, few.known))
    many = Columns(ROWS, few.codes, Column(*held), Column(*known))
    arrays = (*held, *known)
    read = median(lambda: [int(each.sum(dtype=np.uint64)) for each in arrays])
    release, asked = released(list(CASES)), {}
    touched(many, release, [])
    for case in CASES:
        seconds = median(lambda case=case: touched(many, release, [key_of(case)]))
        asked[case] = {
            "ms": round(seconds * 1000, 1),
            "touched": int(touched(many, release, [key_of(case)]).sum()),
            "reads": round(seconds / read, 1),
        }
    return {
        "rows": ROWS,
        "pairs": sum(len(each) for each in arrays) // 2,
        "megabytes": round(sum(each.nbytes for each in arrays) / 1e6),
        "read_once_ms": round(read * 1000, 1),
        "asked": asked,
    }


def columns_of_practice() -> Any:
    """The columns of all that is in force, made as the worker makes them."""
    from willowbark.foundation.acting import acting_as
    from willowbark.knowledge.selectors import release
    from willowbark.patients.selectors import rows_of_persons
    from willowbark.practice.selectors import system_actor
    from willowbark.protocols.core.columns import columns_of
    from willowbark.protocols.models import SignedProtocol
    from willowbark.protocols.services.rechecking import followed_of

    with acting_as(system_actor("benchmark")) as actor:
        protocols = list(SignedProtocol.objects.filter(ended_at__isnull=True).defer("content"))
        person_of = rows_of_persons([each.patient_id for each in protocols])
        followed = followed_of(actor, release(), protocols, person_of)
        return columns_of((each.ingredient_keys, each.person) for each in followed)


def repeated(column: Any, row_count: int, draw: np.random.Generator) -> tuple[Any, Any]:
    """A column of `ROWS` rows, each that of a row of the small one, drawn at random."""
    order = np.argsort(column.rows, kind="stable")
    codes = column.codes[order]
    counts = np.bincount(column.rows, minlength=row_count)
    starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
    chosen = draw.integers(0, row_count, ROWS)
    lengths = counts[chosen]
    rows = np.repeat(np.arange(ROWS, dtype=np.uint32), lengths)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return rows, codes[np.repeat(starts[chosen], lengths) + within]


def median(act: Callable[[], object]) -> float:
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
