"""
Patient search over 100,000 patients against one audited GET of one record, in one run.

    python benchmarks/search.py

Bound: search p95 is at most 5 x the p95 of one record read.
"""

from __future__ import annotations

import json
import random
import sys

from practice import Browser, Practice, digest, machine, p95, running_practice, seconds_of

PATIENTS = 100_000
RUNS = 300
SYLLABLES = ("ka", "lo", "mi", "ren", "ta", "vo", "shi", "bel", "dor", "an", "es", "qui", "har", "ul", "ne")

FILL = f"""
WITH made AS (
  SELECT n,
    (SELECT string_agg((%(parts)s::text[])[1 + (hashint8(n * 31 + k) & 2147483647) %% 15], '' ORDER BY k)
       FROM generate_series(1, 2 + n %% 2) k) AS family,
    (SELECT string_agg((%(parts)s::text[])[1 + (hashint8(n * 17 + k + 9) & 2147483647) %% 15], '' ORDER BY k)
       FROM generate_series(1, 2) k) AS given
  FROM generate_series(1, {PATIENTS}) n
)
INSERT INTO patients_patient (id, home_site_id, family, given, prefix, birth_date, birth_date_precision, sex,
  language, source_kind, recorded_by_id, recorded_at, name_key)
SELECT uuidv7(), %(site)s, initcap(family), initcap(given), '', date '1930-01-01' + (n * 7919 %% 33000), 'day',
  'female', '', 'staff', %(user)s, now(), ' ' || family || ' ' || given
FROM made
"""
IDENTIFIERS = """
INSERT INTO patients_patientidentifier (id, patient_id, system, value, blind_index, type_code)
SELECT uuidv7(), id, 'urn:benchmark', 'MRN' || lpad((row_number() OVER ())::text, 7, '0'), '', 'MR'
FROM patients_patient
"""


def main() -> None:
    with running_practice() as practice:
        patient_ids = fill(practice)
        browser = Browser()
        browser.sign_in(practice.practitioner_id)
        queries = what_people_type(random.Random(7))

        def read(number: int) -> None:
            status, _ = browser.get(f"/api/patients/{patient_ids[number % len(patient_ids)]}")
            expect(status)

        def search(number: int) -> None:
            status, _ = browser.get(f"/patients/search?q={queries[number % len(queries)]}")
            expect(status)

        seconds_of(read, 30), seconds_of(search, 30)
        reads, searches = seconds_of(read, RUNS), seconds_of(search, RUNS)
        ratio = p95(searches) / p95(reads)
        result = {
            "benchmark": "search",
            "patients": PATIENTS,
            "queries": len(queries),
            "input": digest(FILL + repr(queries)),
            "read_p95_ms": round(p95(reads) * 1000, 2),
            "search_p95_ms": round(p95(searches) * 1000, 2),
            "ratio": round(ratio, 2),
            "bound": 5,
            "machine": machine(),
        }
        print(json.dumps(result))
        sys.exit(0 if ratio <= 5 else 1)


def fill(practice: Practice) -> list[str]:
    """Make the patients; returns a sample of their ids."""
    owner = practice.owner_connection
    values = {"parts": list(SYLLABLES), "site": practice.site_id, "user": practice.practitioner_id}
    owner.execute(FILL, values)
    owner.execute(IDENTIFIERS)
    owner.execute("VACUUM ANALYZE")
    return [str(row[0]) for row in owner.execute("SELECT id FROM patients_patient LIMIT 100").fetchall()]


def what_people_type(chance: random.Random) -> list[str]:
    """Beginnings of names of 1 to 6 letters, two names, numbers, birth dates: as typed, letter by letter."""
    queries = []
    for _ in range(60):
        family = "".join(chance.choices(SYLLABLES, k=2))
        given = "".join(chance.choices(SYLLABLES, k=2))
        queries += [family[:length] for length in (1, 2, 3, 5)]
        queries += [f"{family[:3]}%20{given[:2]}", f"MRN{chance.randrange(99999):07d}", "1960-05-17"]
    chance.shuffle(queries)
    return queries


def expect(status: int) -> None:
    if status != 200:
        raise RuntimeError(f"answered {status}")


if __name__ == "__main__":
    main()
