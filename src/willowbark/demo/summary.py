"""What `willow demo --once` prints: the demo in numbers, as JSON."""

from __future__ import annotations

from typing import Any

import psycopg

from willowbark.demo.checking import counts_in, faults_of
from willowbark.demo.digest import digest_of
from willowbark.demo.script import Script
from willowbark.demo.stages import Stages
from willowbark.demo.status import MADE_EARLIER, Plan

Connection = psycopg.Connection[tuple[Any, ...]]


def summary_of(
    owner: Connection, plan: Plan, script: Script | None, *, just_built: bool, seconds: dict[str, float]
) -> dict[str, Any]:
    """
    The demo in numbers: rows by kind, people, the digest, and what is wrong with it.

    The digest is taken before the check, which signs in and reads; `ok` says that nothing is wrong. Without
    a script the demo is one that an earlier version made: what it must hold is not known then.
    """
    stages = Stages()
    with stages.stage("digest"):
        digest = digest_of(owner)
    with stages.stage("check"):
        faults = faults_of(owner, script, just_built=just_built)
    counts = counts_in(owner)
    return {
        "ok": not any(faults.values()),
        "built": just_built,
        **({"made_by": MADE_EARLIER} if script is None else {}),
        "seed": plan.seed,
        "today": plan.today.isoformat(),
        "patients": counts.pop("patient"),
        "patients_by_services": plan.by_services,
        "entries": counts,
        "entries_in_all": sum(counts.values()),
        "people": _people(owner),
        "digest": digest.whole,
        "faults": faults,
        "seconds": {name: round(value, 2) for name, value in {**seconds, **stages.seconds}.items()},
    }


def _people(owner: Connection) -> dict[str, int]:
    row = owner.execute(
        "SELECT (SELECT count(*) FROM practice_site),"
        " (SELECT count(*) FROM practice_staff s JOIN foundation_user u ON u.id = s.user_id"
        "  WHERE u.kind = 'person'),"
        " (SELECT count(*) FROM patients_patient WHERE linked_to IS NOT NULL),"
        " (SELECT count(*) FROM patients_matchcandidate WHERE decision = '')"
    ).fetchone()
    values = row or (0, 0, 0, 0)
    return dict(zip(("sites", "staff", "patients_linked", "matches_waiting"), map(int, values), strict=True))
