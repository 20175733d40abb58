"""
The chart's server time at 5,000 encounters against 500, in one run.

    python benchmarks/chart.py

Bound: p95 at 5,000 is at most 1.5 x that at 500, for the timeline and for the labs.
"""

from __future__ import annotations

import json
import sys
from uuid import UUID

from practice import Browser, Practice, digest, machine, p95, running_practice, seconds_of

SIZES = (1, 500, 5000)
RESULTS_A_VISIT = 5
RUNS = 200
TABS = ("timeline", "labs", "problems", "medications", "notes")

FILL = f"""
WITH person AS (
  INSERT INTO patients_patient (id, home_site_id, family, given, prefix, birth_date, birth_date_precision, sex,
    language, source_kind, recorded_by_id, recorded_at, name_key)
  VALUES (uuidv7(), %(site)s, 'Chart', %(size)s::text, '', '1960-01-01', 'day', 'male', '', 'staff', %(user)s,
    now(), ' chart')
  RETURNING id
), visit AS (
  INSERT INTO record_encounter (patient_id, id, effective_at, effective_precision, code_system, code, text,
    source_kind, author_name, recorded_by_id, recorded_at, void_reason, status, class_code, reason_text,
    practitioner_name, place_name)
  SELECT person.id, uuidv7(), now() - n * interval '3 days', 'instant', '', '', 'Follow-up', 'staff', 'Dr. Bench',
    %(user)s, now(), '', 'finished', 'AMB', 'Review', 'Dr. Bench', 'Main'
  FROM person, generate_series(1, %(size)s) n
  RETURNING patient_id, id, effective_at
), result AS (
  INSERT INTO record_observation (patient_id, id, effective_at, effective_precision, code_system, code, text,
    source_kind, author_name, recorded_by_id, recorded_at, void_reason, status, category, value,
    value_comparator, unit, unit_text, value_code_system, value_code, value_text, reference_low, reference_high,
    reference_text, interpretation)
  SELECT patient_id, uuidv7(), effective_at, 'instant', 'http://loinc.org', 'T-' || k, 'Test ' || k, 'staff', '',
    %(user)s, now(), '', 'final', 'laboratory', 4 + k * 0.1, '', 'mmol/L', 'mmol/L', '', '', '', 3, 6, '', ''
  FROM visit, generate_series(1, {RESULTS_A_VISIT}) k
)
SELECT id FROM person
"""


def main() -> None:
    with running_practice() as practice:
        people = {size: fill(practice, size) for size in SIZES}
        browser = Browser()
        browser.sign_in(practice.practitioner_id)
        figures, ratios = {}, {}
        for tab in TABS:
            at = measure(browser, people, tab)
            figures[tab] = {str(size): round(p95(at[size]) * 1000, 2) for size in SIZES}
            ratios[tab] = round(p95(at[5000]) / p95(at[500]), 2)
        result = {
            "benchmark": "chart",
            "p95_ms_by_encounters": figures,
            "ratio_5000_to_500": ratios,
            "bound": 1.5,
            "results_a_visit": RESULTS_A_VISIT,
            "input": digest(FILL),
            "machine": machine(),
        }
        print(json.dumps(result))
        sys.exit(0 if max(ratios.values()) <= 1.5 else 1)


def fill(practice: Practice, size: int) -> UUID:
    owner = practice.owner_connection
    values = {"site": practice.site_id, "user": practice.practitioner_id, "size": size}
    (patient_id,) = owner.execute(FILL, values).fetchone()
    owner.execute("VACUUM ANALYZE")
    return patient_id


def measure(browser: Browser, people: dict[int, UUID], tab: str) -> dict[int, list[float]]:
    """Seconds by size, the sizes taking turns so that a busy machine hits them alike."""
    taken: dict[int, list[float]] = {size: [] for size in people}
    for turn in range(RUNS + 20):
        for size, patient_id in people.items():

            def open_tab(_number: int, patient_id: UUID = patient_id) -> None:
                status, _ = browser.get(f"/patients/{patient_id}/{tab}")
                if status != 200:
                    raise RuntimeError(f"{tab} answered {status}")

            seconds = seconds_of(open_tab, 1)
            if turn >= 20:
                taken[size] += seconds
    return taken


if __name__ == "__main__":
    main()
