"""
The queues of a site of 20,000 patients, each with an open task and a protocol in force, in one run:
a senior practitioner's tasks (with those that were left behind), everybody's tasks, what is to be dispensed.

    python benchmarks/queues.py

Every hundredth task belongs to somebody who has left; of every hundredth protocol something is still to be
handed out. Bound: p95 of each page is at most 25 x the p95 of one record read.
"""

from __future__ import annotations

import json
import sys

from practice import Browser, Practice, digest, machine, p95, running_practice, seconds_of

PATIENTS = 20_000
RUNS = 60
BOUND = 25
SHA = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"

FILL = f"""
INSERT INTO foundation_user (id, email, password, kind, is_active)
SELECT uuidv7(), name || '@benchmark.example', '!', 'person', name <> 'left' FROM unnest(ARRAY['carer', 'left']) name;

INSERT INTO practice_staff (id, user_id, name, title, is_active)
SELECT uuidv7(), id, split_part(email, '@', 1), '', is_active FROM foundation_user
WHERE email IN ('carer@benchmark.example', 'left@benchmark.example');

INSERT INTO practice_roleassignment (id, staff_id, role_id, reach, site_id)
SELECT uuidv7(), s.id, r.id, 'care', site.id FROM practice_staff s, practice_role r, practice_site site
WHERE s.name IN ('carer', 'left') AND r.code = 'practitioner';

INSERT INTO patients_patient (id, home_site_id, family, given, prefix, birth_date, birth_date_precision, sex,
  language, source_kind, recorded_by_id, recorded_at, name_key)
SELECT uuidv7(), site.id, 'Family' || n, 'Given', '', date '1930-01-01' + (n * 7919 % 33000), 'day',
  'female', '', 'staff', u.id, now(), ' family' || n || ' given'
FROM generate_series(1, {PATIENTS}) n, practice_site site, foundation_user u WHERE u.email = 'owner@benchmark.example';

CREATE TEMP TABLE numbered AS
SELECT p.id, p.home_site_id AS site_id, row_number() OVER (ORDER BY p.id) AS n, bench.id AS user_id
FROM patients_patient p, foundation_user bench WHERE bench.email = 'bench@benchmark.example';

INSERT INTO patients_carerelationship (id, patient_id, staff_id, kind, started_at)
SELECT uuidv7(), p.id, s.id, 'team', now() FROM numbered p, practice_staff s WHERE s.name = 'carer';

INSERT INTO worklist_task (id, patient_id, title, kind, detail, owner_id, due_on, next_action, source_kind, state,
  filed_by_id, filed_at, close_reason, request_key, request_digest)
SELECT uuidv7(), p.id, 'Ask how it goes', 'call', '', u.id, current_date + (p.n % 80)::int - 20, 'Telephone', '',
  'open', p.user_id, now(), '', uuidv7(), ''
FROM numbered p JOIN foundation_user u
  ON u.email = CASE WHEN p.n % 100 = 0 THEN 'left' ELSE 'carer' END || '@benchmark.example';

INSERT INTO protocols_draft (id, patient_id, site_id, master_keys, choices, state, opened_by_id, opened_at, changed_at)
SELECT uuidv7(), id, site_id, '[]', '{{}}', 'signed', user_id, now(), now() FROM numbered;

INSERT INTO protocols_composition (id, patient_id, draft_id, master_keys, problem, problem_sha256, plan, explanation,
  situation, basis_sha256, release_id, library_id, solver, status, composed_by_id, composed_at)
SELECT uuidv7(), patient_id, id, '[]', '', '{SHA}', '', '', '', '{SHA}', '{SHA}', '{SHA}', '', 'proven',
  opened_by_id, now() FROM protocols_draft;

INSERT INTO protocols_signedprotocol (id, patient_id, composition_id, site_id, number, content, content_sha256, days,
  starts_on, signed_by_id, opened_at, signed_at, request_key, ending, end_reason)
SELECT uuidv7(), c.patient_id, c.id, p.site_id, 1, '', '{SHA}', 90, current_date, c.composed_by_id, now(),
  now() - p.n * interval '1 minute', uuidv7(), '', ''
FROM protocols_composition c JOIN numbered p ON p.id = c.patient_id;

INSERT INTO protocols_protocolline (id, patient_id, protocol_id, position, product_id, product_key, product_name, layer,
  moments, units_a_day, unit_name, days, containers, units_per_container, container_cents, reasons, fact_keys)
SELECT uuidv7(), s.patient_id, s.id, place, md5('product' || place)::uuid, 'product' || place, 'Product ' || place,
  'foundation', '[]', 2, 'capsule', 90, 3, 60, 1000, '[]', '[]'
FROM protocols_signedprotocol s, generate_series(0, 3) place;

INSERT INTO dispensary_dispensing (id, patient_id, protocol_id, site_id, at, by_id, note, taken_back_reason, completes,
  request_key, request_digest)
SELECT uuidv7(), s.patient_id, s.id, s.site_id, now(), s.signed_by_id, '', '', p.n % 100 <> 0, uuidv7(), ''
FROM protocols_signedprotocol s JOIN numbered p ON p.id = s.patient_id;

INSERT INTO dispensary_dispensedline (id, patient_id, dispensing_id, protocol_line_id, product_id, product_name, lot_id,
  lot_number, expires_on, containers, units, unit_name, price_cents, currency)
SELECT uuidv7(), d.patient_id, d.id, l.id, l.product_id, l.product_name, uuidv7(), 'X', current_date,
  CASE WHEN d.completes THEN 3 ELSE 1 END, CASE WHEN d.completes THEN 180 ELSE 60 END, 'capsule', 3000, 'USD'
FROM dispensary_dispensing d
JOIN protocols_protocolline l ON l.patient_id = d.patient_id AND l.protocol_id = d.protocol_id;
"""


def main() -> None:
    with running_practice() as practice:
        patient_ids = fill(practice)
        browser = Browser()
        browser.sign_in(practice.practitioner_id)

        def read(number: int) -> None:
            expect(*browser.get(f"/api/patients/{patient_ids[number % len(patient_ids)]}"))

        pages = {
            "my_tasks": "/tasks",
            "everybodys_tasks": "/tasks?whose=everyone",
            "to_dispense": "/dispensary",
        }
        seconds_of(read, 20)
        reads = p95(seconds_of(read, 3 * RUNS))
        result: dict[str, object] = {
            "benchmark": "queues",
            "patients": PATIENTS,
            "input": digest(FILL),
            "read_p95_ms": round(reads * 1000, 2),
            "bound": BOUND,
            "machine": machine(),
        }
        ratios = []
        for name, url in pages.items():

            def opened(number: int, url: str = url) -> None:
                expect(*browser.get(url))

            seconds_of(opened, 3)
            taken = p95(seconds_of(opened, RUNS))
            ratios.append(taken / reads)
            result[f"{name}_p95_ms"] = round(taken * 1000, 2)
            result[f"{name}_ratio"] = round(taken / reads, 2)
        print(json.dumps(result))
        sys.exit(0 if max(ratios) <= BOUND else 1)


def fill(practice: Practice) -> list[str]:
    """Make patients, tasks, protocols and what was dispensed; returns a sample of the patients' ids."""
    owner = practice.owner_connection
    owner.execute(FILL)
    owner.execute("VACUUM ANALYZE")
    return [str(row[0]) for row in owner.execute("SELECT id FROM patients_patient LIMIT 100").fetchall()]


def expect(status: int, body: bytes) -> None:
    if status != 200:
        raise RuntimeError(f"answered {status}")


if __name__ == "__main__":
    main()
